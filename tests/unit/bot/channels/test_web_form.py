"""What a browser sends from the chat page: keys that say when, pictures by how they begin, forms of other pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.web_form import TEXT_LIMIT, Form, Refused, find_format
from console.pages.chat import make_key

NOON = datetime(2026, 11, 23, 4, 0, 0, 250_000, tzinfo=UTC)


def test_the_pages_key_says_when_it_was_written_and_is_another_one_each_time() -> None:
    keys = [make_key(NOON) for _ in range(100)]

    assert {Form(text="a", key=key).written_at for key in keys} == {NOON}
    assert len(set(keys)) == 100
    assert Form(key=make_key(NOON + timedelta(days=36_500))).written_at == NOON + timedelta(days=36_500)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "x",
        "mi8n4w00",
        "mi8n4w00-",
        "mi8n4w00-short",
        "MI8N4W00-abcdefgh",
        "mi8n4w0000-abcdefgh",
        "mi8n4w00-abc defgh",
        "-abcdefgh",
    ],
)
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(Refused) as refused:
        Form(text="a", key=key).check()

    assert (refused.value.status, refused.value.code) == (400, "bad_key")


def test_the_longest_text_is_taken_and_control_characters_are_not() -> None:
    longest, beyond = (
        Form(text="你" * TEXT_LIMIT + "\n  ", key=make_key(NOON)),
        Form(text="你" * (TEXT_LIMIT + 1), key=make_key(NOON)),
    )
    odd = Form(text=" 路灯\x00不\x1b亮\r\n三天 ", key=make_key(NOON))
    longest.check()
    odd.check()

    assert (longest.text, odd.text) == ("你" * TEXT_LIMIT, "路灯不亮\n三天")
    with pytest.raises(Refused):
        beyond.check()


@pytest.mark.parametrize(
    ("body", "form"),
    [
        (b"\xff\xd8\xff\xe0", "jpeg"),
        (b"\x89PNG\r\n\x1a\n....", "png"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "webp"),
        (b"GIF89a", ""),
        (b"<svg/>", ""),
        (b"%PDF-1.7", ""),
        (b"MZ\x90\x00", ""),
        (b"RIFF\x00\x00\x00\x00WAVE", ""),
        (b"\x00\x00\x00\x18ftypheic", ""),
        (b" \xff\xd8\xff", ""),
        (b"", ""),
    ],
)
def test_a_picture_is_known_by_how_it_begins_whatever_it_is_called(body: bytes, form: str) -> None:
    assert find_format(body) == form
