"""Where somebody comes from, what their browser is called, how long a wait is, which passwords and codes are taken: all without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.accounts import totp
from console.accounts.addresses import count_by, find_address, name_network
from console.accounts.agents import name_agent
from console.accounts.lockout import next_wait
from console.accounts.passwords import PasswordUnfit, check_password, fold
from console.sign_in_settings import SignInSettings

SETTINGS = SignInSettings()
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("remote", "passed_on", "forwarded", "address"),
    [
        ("203.0.113.7", "", False, "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", False, "203.0.113.7"),
        ("127.0.0.1", "", False, ""),
        ("127.0.0.1", "198.51.100.1", False, ""),
        ("127.0.0.1", "198.51.100.1", True, "198.51.100.1"),
        ("127.0.0.1", "1.2.3.4, 198.51.100.1", True, "198.51.100.1"),
        ("127.0.0.1", "", True, ""),
        ("127.0.0.1", "made up", True, ""),
        ("::ffff:203.0.113.7", "", False, "203.0.113.7"),
        ("::1", "", False, ""),
        ("", "", False, ""),
    ],
)
def test_an_address_is_who_connected_or_whom_our_own_proxy_names(
    remote: str, passed_on: str, *, forwarded: bool, address: str
) -> None:
    assert find_address(remote, passed_on, forwarded=forwarded) == address


def test_an_ipv6_user_is_one_network_and_an_ipv4_user_one_address() -> None:
    assert count_by("2001:db8:1:2:3:4:5:6") == count_by("2001:db8:1:2::9") == "2001:db8:1:2::/64"
    assert (count_by("203.0.113.7"), count_by("203.0.113.8"), count_by("")) == ("203.0.113.7/32", "203.0.113.8/32", "")


def test_the_audit_keeps_a_network() -> None:
    assert (name_network("203.0.113.7"), name_network("2001:db8:1:2::9"), name_network("x")) == (
        "203.0.113.0/24",
        "2001:db8:1::/48",
        "",
    )


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36", "Chrome / Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge / Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Mobile MicroMessenger/8.0", "WeChat / iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18 Safari/605.1.15", "Safari / macOS"),
        ("curl/8.0 <script>alert(1)</script>", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_a_browser_is_called_by_its_name_and_nothing_it_sends_is_kept(agent: str, name: str) -> None:
    assert name_agent(agent) == name


def test_the_waits_double_up_to_the_longest() -> None:
    waits = [next_wait(count, tries=5, settings=SETTINGS).total_seconds() for count in range(1, 13)]

    assert waits == [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]


@given(st.integers(1, 10**9))
def test_no_number_of_failures_makes_a_wait_longer(count: int) -> None:
    assert next_wait(count, tries=5, settings=SETTINGS) <= timedelta(minutes=SETTINGS.longest_wait_minutes)


@pytest.mark.parametrize("password", ["晾衣绳上的五只麻雀呀", "correct horse battery", "Tr0ub4dor&3x", "我家住柳树街 十七号"])
def test_long_and_odd_is_enough_whatever_the_characters(password: str) -> None:
    check_password(password, code="DK001", settings=SETTINGS)


@given(st.text(max_size=9).filter(lambda one: len(fold(one)) < 10))
def test_a_short_one_is_never_taken(password: str) -> None:
    with pytest.raises(PasswordUnfit):
        check_password(password, code="DK001", settings=SETTINGS)


def test_a_code_is_six_digits_with_or_without_spaces_and_belongs_to_one_step() -> None:
    secret = totp.new_secret()
    code, present = pyotp.TOTP(secret).at(NOW), int(NOW.timestamp()) // 30

    assert totp.find_step(secret, f"{code[:3]} {code[3:]}", now=NOW, last=0) == present
    assert totp.find_step(secret, code, now=NOW, last=present) is None
    assert [totp.find_step(secret, wrong, now=NOW, last=0) for wrong in ("", "12345", "1234567", "abcdef", "１２３４５６")] == [
        None
    ] * 5


def test_the_picture_holds_the_secret_for_an_app_and_no_script() -> None:
    uri = totp.provisioning_uri("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", code="OP001", service="接应")
    drawn = totp.draw_qr(uri)

    assert pyotp.parse_uri(uri).secret == "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    assert {element.tag.partition("}")[2] for element in ET.fromstring(drawn).iter()} == {"svg", "path"}  # noqa: S314 - our own picture
    assert " style=" not in drawn
