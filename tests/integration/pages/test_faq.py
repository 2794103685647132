"""查办事: what is sure is answered, what is not is offered or passed on, and where somebody lives is known to their browser alone."""

from __future__ import annotations

import copy
import re
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from sqlalchemy import func, select

from bot.channels.web import WebSettings
from knowledge_base.entry import refuse
from knowledge_base.tables import EntryFeedback, KnowledgeEntry, KnowledgeUse
from residents.page_limits import count_up
from store.clock import utcnow
from tests.page_door import open_pages
from tests.page_resident import meet

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.city import City
    from store.engine import Store
    from tests.page_door import Pages, Seen

HOSTILE = "<script>alert(1)</script>\"'{{7*7}}"
SERVICE, OTHER = "ZS-108", "ZS-101"
COMMUNITY = "LA-DL-LT-01"


@pytest.fixture
async def chatting(demo_store: Store, demo_city: tuple[Path, City]) -> AsyncIterator[Pages]:
    """The pages of a city whose chat page is on."""
    city = copy.copy(demo_city[1])
    channels = {**city.settings.channels, "web": WebSettings(enabled=True)}
    city.settings = msgspec.structs.replace(city.settings, channels=channels)
    async with open_pages(demo_store, city) as opened:
        yield opened


def codes_in(seen: Seen) -> list[str]:
    """List the entries that a page leads to, in its order."""
    return list(dict.fromkeys(re.findall(r'href="/faq/([A-Z]+-[0-9]+)', seen.text)))


def list_able(pages: Pages) -> list[str]:
    """List the entries that may answer today."""
    today = pages.api.clock().astimezone(pages.api.city.zone).date()
    return sorted(code for code, entry in pages.api.city.entries.items() if refuse(entry, today=today, areas=()) is None)


async def read_feedback(pages: Pages) -> list[tuple[str, bool]]:
    statement = select(KnowledgeEntry.code, EntryFeedback.useful).join(KnowledgeEntry, KnowledgeEntry.id == EntryFeedback.entry_id)
    return [(code, useful) for code, useful in await pages.api.store.read(lambda s: s.execute(statement).all())]


async def test_a_sure_question_is_answered_at_once_with_source_and_date(pages: Pages) -> None:
    entry = pages.api.city.entries["ZS-001"]

    seen = await pages.visit("", "/faq?q=租房住怎么做居住登记")

    assert (seen.status, codes_in(seen)) == (200, ["ZS-001"])
    assert (entry.answer[:20] in seen.text, entry.source in seen.text, str(entry.source_date) in seen.text) == (True, True, True)
    assert 'href="tel:0900-6100211"' not in seen.text or "0900-6100211" in entry.answer


async def test_what_may_be_meant_is_offered_and_what_nothing_answers_is_passed_on(chatting: Pages) -> None:
    offered, nothing = [await chatting.visit("", f"/faq?q={asked}") for asked in ("居住证", "三体星人什么时候来地球")]

    assert (len(codes_in(offered)) in {2, 3}, "没有十分的把握" in offered.text) == (True, True)
    assert (codes_in(nothing), "没有把握，不乱答" in nothing.text) == ([], True)
    assert [seen.text.count('<a class="button" href="/chat?text=') for seen in (offered, nothing)] == [1, 1]


async def test_without_a_chat_page_nobody_is_led_there(pages: Pages) -> None:
    for path in (
        "/",
        "/faq",
        "/faq?q=居住证",
        "/faq?q=三体星人",
        "/faq?q=着火了",
        f"/faq/{SERVICE}",
        "/my",
        "/me",
        "/nearby",
        "/privacy",
    ):
        seen = await pages.visit("", path)
        assert (path, seen.status, 'href="/chat' in seen.text) == (path, 200, False)
    assert "请在本市的公众号里说" in (await pages.visit("", "/faq?q=三体星人")).text


async def test_the_page_answers_exactly_what_the_dialogue_answers(pages: Pages) -> None:
    now = pages.api.clock()
    for question in ("居住证怎么办", "买房落户要啥材料", "今天天气", "路灯坏了"):
        found = pages.api.city.find_answer(question, area="", now=now)
        seen = await pages.visit("", f"/faq?q={question}")
        assert (question, codes_in(seen)) == (question, list(found.codes))


async def test_a_danger_comes_before_every_answer(pages: Pages) -> None:
    seen = await pages.visit("", "/faq?q=厨房着火了怎么办")

    main = seen.text.partition("<main")[2]
    assert main.index("tel:119") < main.index("<h2>")
    assert "先顾人" in main
    assert "先顾人" not in (await pages.visit("", "/faq?q=居住证怎么办")).text


async def test_what_somebody_types_is_only_words(pages: Pages) -> None:
    seen = await pages.visit("", f"/faq?q={HOSTILE}")

    assert (seen.status, "<script>alert" in seen.text, "{{7*7}}" in seen.text) == (200, False, True)


async def test_the_part_that_changes_while_typing_is_only_that_part(pages: Pages) -> None:
    part = await pages.visit("", "/faq?q=居住证怎么办", headers={"HX-Request": "true"})
    whole = await pages.visit("", "/faq?q=居住证怎么办")

    assert ("<html" in part.text, part.text.strip()[:20] in whole.text, codes_in(part)) == (False, True, codes_in(whole))


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("", {"question", "policy", "service_item", "service_point"}),
        ("?kind=question", {"question"}),
        ("?kind=service", {"service_item", "service_point"}),
    ],
)
async def test_all_that_is_published_is_listed_once_page_by_page(pages: Pages, query: str, kinds: set[str]) -> None:
    listed: list[str] = []
    path = f"/faq{query}"
    while path:
        seen = await pages.visit("", path)
        listed += codes_in(seen)
        found = re.search(r'<a class="button quiet" href="(/faq\?[^"]*after=[^"]*)">', seen.text)
        path = found[1].replace("&amp;", "&") if found else ""

    assert listed == [code for code in list_able(pages) if pages.api.city.entries[code].kind in kinds]


@pytest.mark.parametrize("path", ["/faq?kind=weather", "/faq?after=nonsense%ff"])
async def test_an_address_that_is_wrong_is_refused(pages: Pages, path: str) -> None:
    assert (await pages.visit("", path)).status == 422


async def test_an_entry_says_what_to_bring_where_when_and_whom_to_ring(pages: Pages) -> None:
    seen = await pages.visit("", f"/faq/{SERVICE}")

    assert seen.status == 200
    for label in ("材料", "地点", "时间", "电话"):
        assert f"<dt>{label}</dt>" in seen.text
    assert 'href="tel:0900-6100211"' in seen.text
    assert len(seen.text.encode()) < 60_000


async def test_an_entry_that_may_not_answer_today_is_not_there(pages: Pages) -> None:
    barred = {code for code in pages.api.city.entries if code not in list_able(pages)}
    assert barred

    for code in (*barred, "ZS-000"):
        assert (await pages.visit("", f"/faq/{code}")).status == 404
        assert (await pages.visit("", f"/faq/{code}/feedback", form={"useful": "yes"})).status == 404


async def test_whether_it_helped_is_kept_and_what_was_asked_only_of_somebody_known_masked(pages: Pages) -> None:
    me = await meet(pages)
    asked = "居住证怎么办，我电话13900001234"

    first = await pages.visit("", f"/faq/{SERVICE}/feedback", form={"useful": "no", "q": asked})
    second = await me.visit(f"/faq/{SERVICE}/feedback", {"useful": "no", "q": asked})
    third = await (await meet(pages)).visit(f"/faq/{SERVICE}/feedback", {"useful": "yes", "q": asked})

    assert [one.location for one in (first, second, third)] == [f"/faq/{SERVICE}?thanks={said}" for said in ("no", "no", "yes")]
    assert await read_feedback(pages) == [(SERVICE, False), (SERVICE, False), (SERVICE, True)]
    uses = await pages.api.store.read(lambda s: list(s.execute(select(KnowledgeUse.resident_id, KnowledgeUse.question)).all()))
    assert [(resident, "1390000" in question) for resident, question in uses] == [(me.id, False)]


async def test_one_visitor_s_word_on_an_entry_counts_once_a_day(pages: Pages) -> None:
    me = await meet(pages)

    voted = [
        await me.visit(f"/faq/{code}/feedback", {"useful": said})
        for code, said in ((SERVICE, "yes"), (SERVICE, "no"), (OTHER, "no"))
    ]

    assert [one.location.rpartition("=")[2] for one in voted] == ["yes", "again", "no"]
    assert await read_feedback(pages) == [(SERVICE, True), (OTHER, False)]
    assert "今天这里说过的已经记了" in (await me.visit(voted[1].location)).text


async def test_nobody_votes_an_entry_up_or_down_from_one_address(pages: Pages) -> None:
    most = pages.api.city.pages.votes_per_entry

    voted = [await pages.visit("", f"/faq/{SERVICE}/feedback", form={"useful": "no"}) for _ in range(most + 2)]
    other = await pages.visit("", f"/faq/{OTHER}/feedback", form={"useful": "no"})

    assert [one.location.rpartition("=")[2] for one in voted] == ["no"] * most + ["again"] * 2
    assert other.location.endswith("thanks=no")
    assert len(await read_feedback(pages)) == most + 1


async def test_one_address_has_so_many_votes_a_day_on_all_entries(store: Store) -> None:
    now, day = utcnow(), timedelta(days=1)

    async def count(address: str, *, days: int = 0) -> bool:
        at = now + days * day
        return await store.write(lambda s: count_up(s, "votes from", address, most=2, span=day, now=at))

    assert [await count("203.0.113.7/32") for _ in range(3)] == [True, True, False]
    assert [await count("198.51.100.1/32"), await count("203.0.113.7/32", days=1)] == [True, True]


async def test_feedback_that_says_nothing_is_not_kept(pages: Pages) -> None:
    seen = await pages.visit("", f"/faq/{SERVICE}/feedback", form={"useful": "perhaps"})

    assert seen.status == 200
    assert await pages.api.store.read(lambda s: s.scalar(select(func.count()).select_from(EntryFeedback))) == 0


# Where somebody lives


async def test_who_says_where_they_live_sees_what_is_near_first(pages: Pages) -> None:
    chosen = await pages.visit("", "/area", form={"area": COMMUNITY, "back": "/"})
    assert (chosen.status, chosen.location) == (303, "/")
    cookies = chosen.headers.getall("Set-Cookie")  # type: ignore[attr-defined]
    assert [one.partition(";")[0] for one in cookies if "jieying_home" in one] == [f"jieying_home={COMMUNITY}"]

    home = {"jieying_home": COMMUNITY}
    front, faq = await pages.visit("", "/", cookies=home), await pages.visit("", "/faq", cookies=home)
    far = await pages.visit("", "/faq")

    assert [codes_in(one)[:2] for one in (front, faq)] == [["ZS-127", "ZS-137"]] * 2
    assert codes_in(far)[:1] == ["ZS-001"]


async def test_somebody_gets_from_the_city_to_their_community_and_can_take_it_back(pages: Pages) -> None:
    city = await pages.visit("", "/area")
    street = await pages.visit("", "/area?in=LA-DL-LT")

    assert ('href="/area?in=LA-DL-LT&amp;' in city.text, f'value="{COMMUNITY}"' in street.text) == (True, True)
    gone = await pages.visit("", "/area", form={"area": ""}, cookies={"jieying_home": COMMUNITY})
    assert (gone.location, 'jieying_home=""' in str(gone.headers)) == ("/faq", True)


@pytest.mark.parametrize("home", ["LA-NOWHERE", HOSTILE.replace('"', "").replace(";", ""), "x" * 3000])
async def test_a_home_that_is_no_area_counts_for_nothing(pages: Pages, home: str) -> None:
    for path in ("/", "/faq", "/nearby", "/area", "/faq?q=居住证怎么办"):
        seen = await pages.visit("", path, cookies={"jieying_home": home})
        assert (path, seen.status, home in seen.text) == (path, 200, False)


async def test_what_is_no_area_cannot_be_chosen_and_nobody_is_sent_elsewhere(pages: Pages) -> None:
    assert (await pages.visit("", "/area", form={"area": "LA-NOWHERE"})).status == 422
    assert (await pages.visit("", "/area?in=LA-NOWHERE")).status == 404
    sent = await pages.visit("", "/area", form={"area": COMMUNITY, "back": "https://elsewhere.example/"})
    assert sent.location == "/faq"
