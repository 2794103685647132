"""What is printed of a code is ours or worth nothing: it cannot be guessed, bent, or carried over from another city's keys."""

from __future__ import annotations

import base64
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.code_signing import LENGTH, Signed, new_nonce, read_signed, sign
from store.sealing import Vault

VAULT = Vault({1: bytes(range(32))})
CODE = Signed(17, "0badcafe")


@given(st.integers(min_value=0, max_value=2**32 - 1), st.binary(min_size=4, max_size=4))
def test_what_was_signed_is_read_and_always_looks_the_same(number: int, nonce: bytes) -> None:
    signed = Signed(number, nonce.hex())

    assert read_signed(sign(signed, vault=VAULT), vault=VAULT) == signed
    assert sign(signed, vault=VAULT) == sign(signed, vault=VAULT)
    assert len(sign(signed, vault=VAULT)) == LENGTH


def test_of_ten_thousand_guesses_none_is_taken() -> None:
    guesses = [secrets.token_urlsafe(18) for _ in range(10_000)]

    assert {len(guess) for guess in guesses} == {LENGTH}
    assert [guess for guess in guesses if read_signed(guess, vault=VAULT) is not None] == []


def test_a_code_with_one_bit_changed_is_none() -> None:
    raw = base64.urlsafe_b64decode(sign(CODE, vault=VAULT))
    bent = [raw[: at // 8] + bytes([raw[at // 8] ^ 1 << at % 8]) + raw[at // 8 + 1 :] for at in range(8 * len(raw))]

    assert [one for one in bent if read_signed(base64.urlsafe_b64encode(one).decode(), vault=VAULT) is not None] == []


def test_the_mark_of_one_code_makes_no_other_valid() -> None:
    first, second = (base64.urlsafe_b64decode(sign(Signed(number, "0badcafe"), vault=VAULT)) for number in (1, 2))

    assert read_signed(base64.urlsafe_b64encode(first[:8] + second[8:]).decode(), vault=VAULT) is None


def test_another_citys_code_is_none_and_a_later_master_key_leaves_ours_valid() -> None:
    code = sign(CODE, vault=VAULT)

    assert read_signed(code, vault=Vault({1: bytes(32)})) is None
    assert read_signed(code, vault=Vault({1: bytes(range(32)), 2: bytes(32)})) == CODE


@pytest.mark.parametrize("code", ["", "x", "门" * 24, "a" * 23, "a" * 25, "=" * 24, "a+/b" * 6, "\0" * 24, " " + "a" * 23])
def test_what_is_no_code_at_all_is_none(code: str) -> None:
    assert read_signed(code, vault=VAULT) is None


def test_random_parts_do_not_repeat() -> None:
    assert len({new_nonce() for _ in range(1_000)}) == 1_000
