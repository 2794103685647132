"""Pages and our own files travel compressed, and nobody learns from the length of a page what stands in it."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING

import pytest

from console.accounts import sessions
from console.pages import form_tokens
from console.pages.assets import FOLDER
from console.pages.door import STAFF_COOKIE
from console.pages.headers import HEADERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.page_door import Pages

OURS = {"Sec-Fetch-Site": "same-origin"}
FOREIGN = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {},
    {"Referer": "https://elsewhere.example/staff/desk"},
)
OWN_FILES = sorted(path.name for path in FOLDER.iterdir() if path.suffix in {".css", ".js"})


async def fetch(pages: Pages, path: str, **headers: str) -> tuple[int, Mapping[str, str], bytes]:
    """Fetch something as it travels."""
    asked = {name.replace("_", "-"): value for name, value in headers.items()}
    async with pages.client.get(
        f"{pages.address}{path}", headers=asked, auto_decompress=False, skip_auto_headers=["Accept-Encoding"]
    ) as response:
        return response.status, response.headers, await response.read()


async def fetch_page(pages: Pages, path: str, *, accept: str = "gzip, br", **said: str) -> tuple[Mapping[str, str], bytes]:
    """Fetch a page as the desk's browser does, which says this of where it comes from."""
    cookie = f"{STAFF_COOKIE}={await pages.sign_in('desk')}"
    status, headers, body = await fetch(pages, path, Cookie=cookie, Accept_Encoding=accept, **said)
    assert status == 200
    return headers, body


@pytest.mark.parametrize("said", [OURS, {"Sec-Fetch-Site": "none"}])
async def test_a_page_is_compressed_for_who_comes_from_a_page_of_ours_or_typed_the_address(
    pages: Pages, said: dict[str, str]
) -> None:
    headers, body = await fetch_page(pages, "/staff/desk", **said)
    plain_headers, plain = await fetch_page(pages, "/staff/desk", accept="", **said)

    assert (headers["Content-Encoding"], headers["Vary"], headers["Cache-Control"]) == ("gzip", "Accept-Encoding", "no-store")
    assert ("Content-Encoding" in plain_headers, plain_headers["Vary"]) == (False, "Accept-Encoding")
    assert hide(gzip.decompress(body)) == hide(plain)
    assert len(body) < len(plain) / 2


def hide(body: bytes) -> bytes:
    """Take out what is another in every answer."""
    return re.sub(rb"[0-9a-f]{128}|\d\d:\d\d:\d\d", b"", body)


async def test_an_old_browser_that_says_which_page_it_comes_from_gets_it_compressed(pages: Pages) -> None:
    headers, _ = await fetch_page(pages, "/staff/desk", Referer=f"{pages.address}/staff/tickets")

    assert headers["Content-Encoding"] == "gzip"


@pytest.mark.parametrize("said", FOREIGN)
async def test_a_page_that_a_foreign_page_opens_is_sent_as_it_is(pages: Pages, said: dict[str, str]) -> None:
    headers, body = await fetch_page(pages, "/staff/tickets?text=csrf", **said)

    assert "Content-Encoding" not in headers
    assert b"<html" in body


async def test_what_nobody_is_signed_in_for_is_compressed_for_everybody(pages: Pages) -> None:
    for said in (OURS, *FOREIGN):
        status, headers, body = await fetch(pages, "/privacy", Accept_Encoding="gzip", **said)
        assert (status, headers["Content-Encoding"]) == (200, "gzip")
        assert "个人信息" in gzip.decompress(body).decode()


@pytest.mark.parametrize("accept", ["", "br", "identity", "gzip;q=0, br", "x-gzip-not"])
async def test_a_browser_that_takes_no_gzip_gets_none(pages: Pages, accept: str) -> None:
    _, headers, body = await fetch(pages, "/privacy", Accept_Encoding=accept)
    assert "Content-Encoding" not in headers
    assert "个人信息" in body.decode()

    _, headers, body = await fetch(pages, "/static/jieying.css", Accept_Encoding=accept)
    assert ("Content-Encoding" in headers, headers["Vary"]) == (False, "Accept-Encoding")
    assert body == (FOLDER / "jieying.css").read_bytes()


async def test_the_token_of_the_forms_is_another_in_every_answer_and_each_of_them_fits(pages: Pages) -> None:
    tokens = [(await pages.visit("desk", "/staff/desk")).csrf for _ in range(2)]
    secret = sessions.csrf_of(await pages.sign_in("desk"))

    assert tokens[0] != tokens[1]
    assert [form_tokens.fits(token, secret) for token in tokens] == [True, True]
    assert [
        form_tokens.fits(wrong, secret) for wrong in ("", secret, tokens[0][:64], tokens[0][:-1], tokens[0] + "00", "密" * 64)
    ] == [False] * 6
    assert secret not in (await pages.visit("desk", "/staff/desk")).text
    one = tokens[0][:64]
    assert not any(one in token for token in tokens[1:])


@pytest.mark.parametrize("name", OWN_FILES)
async def test_our_own_files_travel_compressed_and_are_what_they_are(pages: Pages, name: str) -> None:
    content = (FOLDER / name).read_bytes()
    status, headers, body = await fetch(pages, f"/static/{name}", Accept_Encoding="gzip")
    _, plain_headers, plain = await fetch(pages, f"/static/{name}")

    assert (status, headers["Vary"], plain_headers["Vary"]) == (200, "Accept-Encoding", "Accept-Encoding")
    assert headers["Content-Type"] == {"css": "text/css", "js": "text/javascript"}[name.rpartition(".")[2]] + "; charset=utf-8"
    assert {name: headers.get(name) for name in HEADERS} == HEADERS
    assert gzip.decompress(body) == plain == content
    assert headers["Content-Encoding"] == "gzip"
    assert headers["ETag"] != plain_headers["ETag"]


async def test_a_file_that_did_not_change_is_not_sent_again(pages: Pages) -> None:
    for accept in ({"Accept_Encoding": "gzip"}, {}):
        _, headers, _ = await fetch(pages, "/static/live.js", **accept)
        status, again, body = await fetch(pages, "/static/live.js", If_None_Match=headers["ETag"], **accept)
        assert (status, body, again["ETag"]) == (304, b"", headers["ETag"])
    other = await fetch(pages, "/static/live.js", If_None_Match='"another"')
    assert other[0] == 200


async def test_a_file_is_kept_for_a_year_only_at_the_address_that_names_its_content(pages: Pages) -> None:
    page = (await pages.visit("desk", "/staff/desk")).text
    named = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    assert len(named) > 2

    for path in named:
        _, headers, _ = await fetch(pages, path)
        assert headers["Cache-Control"] == "public, max-age=31536000, immutable", path
    for path in (
        "/static/live.js",
        "/static/jieying.css?000000000000",
        "/static/vendor/htmx.min.js",
        "/static/none.js",
        "/static/none.js?",
    ):
        _, headers, _ = await fetch(pages, path)
        assert headers["Cache-Control"] == "no-cache", path
