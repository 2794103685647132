"""The chat page's channel: pictures that come along, and what is refused, in words and with nothing kept."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientSession
from sqlalchemy import func, select

from bot.channels import Media, SendNever
from bot.service import run_service
from residents.attachments import Attachment
from residents.web_uploads import WebUpload
from store.engine import open_store
from store.inbox import InboxMessage
from tests.browser_talk import JPEG, make_key, open_site
from tests.installation import make_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from bot.city import City
    from bot.settings import Settings
    from store.engine import Store
    from store.sealing import Vault
    from tests.browser_talk import Site

pytestmark = pytest.mark.deep_on_postgres

LAMP = "安泰路12号门口路灯不亮三天了"


@pytest.fixture
def city(demo_city: tuple[Path, City]) -> City:
    return demo_city[1]


@pytest.fixture
async def site(demo_settings: Settings, demo_store: Store, city: City) -> AsyncIterator[Site]:
    async with open_site(demo_settings, demo_store, city) as opened:
        yield opened


@pytest.fixture
async def narrow(demo_settings: Settings, copy_demo: Callable[[str], str], vault: Vault, city: City) -> AsyncIterator[Site]:
    """A site that takes three messages a minute and pictures of 4 KB; refusing asks no database, so one kind is enough."""
    store = open_store(copy_demo("sqlite"), vault)
    async with open_site(demo_settings, store, city, picture_limit_bytes=4096, per_minute=3) as opened:
        yield opened
    await store.close()


async def count(store: Store, table: type[Any]) -> int:
    return await store.read(lambda s: s.execute(select(func.count()).select_from(table)).scalar_one())


# Pictures


async def test_a_picture_is_kept_with_its_message_and_goes_to_the_ticket(site: Site) -> None:
    browser = await site.browser()
    status, answer = await browser.say(LAMP, pictures=(JPEG, JPEG + b"2"))
    await site.app.duties.fetch()
    await site.work()
    rows = await site.app.store.read(lambda s: s.execute(select(Attachment.state, Attachment.ticket, Attachment.format)).all())
    page = await browser.open()

    assert (status, [tuple(row) for row in rows]) == (200, [("fetched", answer["ticket"], "jpeg")] * 2)
    assert "[照片] × 2" in page


async def test_a_message_with_pictures_sent_again_is_the_same_one(site: Site) -> None:
    browser = await site.browser()
    key = make_key()
    answers = [await browser.say(LAMP, key=key, pictures=(JPEG,)) for _ in range(2)]
    other = await browser.say(LAMP, key=key, pictures=(JPEG + b"other",))

    assert [(status, answer["duplicate"]) for status, answer in answers] == [(200, False), (200, True)]
    assert other[0] == 409
    assert await count(site.app.store, Attachment) == 1


@pytest.mark.parametrize(
    ("pictures", "refused"),
    [
        ((b"\xff\xd8\xff" + b"0" * 5000,), (413, "picture_too_large")),
        ((b"GIF89a" + b"0" * 100,), (400, "wrong_type")),
        ((b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",), (400, "wrong_type")),
        ((JPEG,) * 4, (413, "too_many_pictures")),
        ((b"\xff\xd8\xff" + b"0" * 90_000,), (413, "picture_too_large")),
    ],
    ids=["too large", "gif", "svg", "four", "announced too large"],
)
async def test_what_is_no_picture_or_too_much_is_refused_and_nothing_is_kept(
    narrow: Site, pictures: tuple[bytes, ...], refused: tuple[int, str]
) -> None:
    browser = await narrow.browser()
    status, answer = await browser.say(LAMP, pictures=pictures)
    kept = [await count(narrow.app.store, table) for table in (InboxMessage, WebUpload)]

    assert (status, answer["error"], kept) == (*refused, [0, 0])


async def test_no_ref_but_of_a_kept_picture_gives_anything(site: Site) -> None:
    for ref in ("M1", "0" * 64, "../../etc/passwd"):
        with pytest.raises(SendNever):
            await site.channel.fetch(Media(kind="image", ref=ref))


# How much


async def test_one_who_writes_too_fast_is_told_when_and_others_are_not_touched(narrow: Site) -> None:
    fast, other = await narrow.browser(), await narrow.browser()
    said = [(await fast.say(f"你好{number}"))[0] for number in range(4)]
    status, answer = await fast.say("还有")
    calm, _ = await other.say("您好")

    assert (said, status, answer["error"], calm) == ([200, 200, 200, 429], 429, "too_often", 200)
    assert "秒再发" in answer["sentence"]


@pytest.mark.parametrize(
    ("form", "refused"),
    [
        ({"text": "  ", "key": "mi8n4w00-abcdefgh"}, (400, "empty")),
        ({"text": "你" * 4001, "key": "mi8n4w00-abcdefgh"}, (413, "too_long")),
        ({"text": "你" * 40_000, "key": "mi8n4w00-abcdefgh"}, (413, "too_long")),
        ({"text": "你好", "key": "x"}, (400, "bad_key")),
        ({"text": "你好"}, (400, "bad_key")),
    ],
    ids=["empty", "4001 characters", "beyond the body", "odd key", "no key"],
)
async def test_what_is_no_message_is_refused_in_words(narrow: Site, form: dict[str, str], refused: tuple[int, str]) -> None:
    browser = await narrow.browser()
    async with browser.client.post(f"{narrow.address}/chat", data=form, headers={"Accept": "application/json"}) as response:
        answer = await response.json()
        found = (response.status, answer["error"])
    kept = await count(narrow.app.store, InboxMessage)

    assert (found, kept) == (refused, 0)
    assert answer["sentence"].endswith("。")


async def test_the_page_is_not_there_until_it_is_wanted(database_url: str, tmp_path: Path) -> None:
    async with (
        run_service(make_settings(database_url, tmp_path), pre_drain=0.0) as service,
        ClientSession() as client,
    ):
        found = [(await client.get(f"{service.address}{path}")).status for path in ("/chat", "/chat/lines", "/chat/events")]

    assert found == [404, 404, 404]


async def test_no_broken_form_breaks_anything(
    demo_settings: Settings, copy_demo: Callable[[str], str], vault: Vault, city: City
) -> None:
    """400 forms with bytes changed, cut, doubled: each is taken or refused in words, and what was refused left no row."""
    chance = random.Random(20261121)
    store = open_store(copy_demo("sqlite"), vault)
    statuses: list[int] = []
    async with open_site(demo_settings, store, city, per_minute=100_000, all_per_minute=100_000) as site:
        browser = await site.browser()
        for number in range(400):
            body = mutate(FORM.replace(b"NUMBER", f"{number:08}".encode()), chance)
            headers = {"Content-Type": "multipart/form-data; boundary=b", "Accept": "application/json"}
            async with browser.client.post(f"{site.address}/chat", data=body, headers=headers) as response:
                statuses.append(response.status)
                assert (await response.json()).keys() & {"sentence", "outcome"}
        kept = await count(store, InboxMessage)
    await store.close()

    assert set(statuses) <= {200, 400, 409, 413}
    assert statuses.count(200) == kept
    assert 0 < kept < 400


FORM = (
    b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\n\xe8\xb7\xaf\xe7\x81\xaf\xe4\xb8\x8d\xe4\xba\xae\r\n'
    b'--b\r\nContent-Disposition: form-data; name="key"\r\n\r\nmi8n4w00-NUMBER\r\n'
    b'--b\r\nContent-Disposition: form-data; name="picture"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    + JPEG[:40]
    + b"\r\n--b--\r\n"
)


def mutate(body: bytes, chance: random.Random) -> bytes:
    at, to = sorted(chance.sample(range(len(body)), 2))
    odd = chance.choice(
        [b"\x00", b"\xff\xfe", b"\r\n", b"--b", b'"', b"Content-Transfer-Encoding: base64\r\n", b"; name*=UTF-8''%ff", b"A" * 9000]
    )
    return chance.choice([body[:at] + odd + body[at:], body[:at] + body[to:], body[:to], body[:at] + body[at:to] * 2 + body[to:]])
