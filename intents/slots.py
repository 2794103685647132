"""What a message tells about a matter besides the matter itself: where, when, whom to call, what kind, about whom, in confidence?

Words are kept as they were written: 每天凌晨 says more to the unit than any moment computed from it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from intents.actions import Draft, PlaceRef, RequesterKind, RequestKind
from intents.lexicon import lexicon
from intents.retelling import retell_midway
from intents.times import find_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intents.tiers import Reading
    from knowledge_base.places import PlaceMention
    from knowledge_base.text import Utterance

_PHONE = re.compile(
    r"(?<![\d])(?:\+?86[- ]?)?(1[3-9]\d[- ]?\d{4}[- ]?\d{4})(?!\d)"  # mobile
    r"|(?<![\d-])(\(?0\d{2,3}\)?[- ]?\d{7,8})(?![\d-])"  # landline with area code
)
_ORDINALS = {"1": 1, "2": 2, "3": 3, "4": 4, "5": 5, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5}
_LISTED = re.compile(
    r"第([1-5一二三四五])(?:件|个|条|项|桩|样)|(?:催一?下|催|撤回|撤|取消|进度|补充)[ ,、:]?([1-5一二三四五])(?:号|件|个|条)?$"
)
_WORDS = re.compile(r"\w")
_CLAUSE = re.compile(r"[^，,。！？!?；;\n]+")
_REQUESTERS: tuple[RequesterKind, ...] = ("property", "unit", "company", "merchant")
_KINDS: tuple[RequestKind, ...] = ("praise", "complaint", "suggestion")


def find_phone(text: str) -> str:
    """Give the first telephone number of a normalized text without separators, "" if none. Longer digit runs are no phones."""
    found = _PHONE.search(text)
    return re.sub(r"\D", "", found[1] or found[2]) if found else ""


def find_phone_at(text: str) -> tuple[int, str] | None:
    """Give where the first telephone number of a normalized text begins, and the number without separators."""
    found = _PHONE.search(text)
    return (found.start(), find_phone(text)) if found else None


def find_listed(text: str, listed: Sequence[str]) -> str:
    """Give the ticket of the last numbered list that is meant by its place in it (第2件, 二号那个, 催一下2), "" if none is."""
    found = _LISTED.search(text)
    number = _ORDINALS[found[1] or found[2]] if found else 0
    return listed[number - 1] if 0 < number <= len(listed) else ""


def place_of(mention: PlaceMention, *, home_areas: Sequence[str] = ()) -> PlaceRef:
    """Turn a mention into the place of a matter. Of several areas of the same name the resident's own is meant, if it is one of them."""
    own = tuple(area for area in mention.areas if area in home_areas)
    return PlaceRef(
        text=mention.text,
        public=mention.public,
        areas=own if len(own) == 1 else tuple(mention.areas),
        name=mention.name,
        kind=mention.kind,
        property_unit=mention.property_unit,
    )


def find_place(mentions: Sequence[PlaceMention], *, home_areas: Sequence[str] = ()) -> PlaceRef | None:
    """Pick the mention that somebody could best go to: one area before several before none, in the gazetteer's order.

    One that is named only beside another says nothing if the other is known. Two places in different areas, both exact, leave it open which is meant: their areas are all kept, so that no one is sent wrongly.
    """
    meant = [mention for mention in mentions if not mention.beside]
    if not any(mention.areas for mention in meant):
        meant = list(mentions)
    places = [place_of(mention, home_areas=home_areas) for mention in meant]
    if not places:
        return None
    exact = [place for place in places if len(place.areas) == 1 and place.kind not in {"community", "street", "area"}]
    if not exact:
        return min(places, key=lambda place: (len(place.areas) != 1, not place.areas))
    areas = tuple(dict.fromkeys(area for place in exact for area in place.areas))
    best = exact[0]
    if len(areas) == 1:
        return best
    return PlaceRef(
        text="、".join(dict.fromkeys(p.text for p in exact)), public=best.public, areas=areas, name=best.name, kind=best.kind
    )


def has_matter(text: str, mentions: Sequence[PlaceMention]) -> bool:
    """Tell whether a text says what it is about: more than a place, a number to call, and the words that only begin (我要投诉)."""
    for mention in mentions:
        text = text.replace(mention.text, " ")
    return len(_WORDS.findall(lexicon("opener").blank(_PHONE.sub(" ", text)).replace("·", " "))) > 0


def describe_place(text: str) -> PlaceRef | None:
    """Take words that only sound like a place (小区门口, 桥洞下面) as one without an area; None if they do not."""
    return PlaceRef(text=text.strip()) if lexicon("place").first(text) else None


def find_kind(text: str, *, asks: bool) -> RequestKind:
    """Say what kind of request the words make it; `asks`: it was understood as a question."""
    if lexicon("kind.report").first(text):
        return "report"
    if asks:
        return "consult"
    return next((kind for kind in _KINDS if lexicon(f"kind.{kind}").first(text)), "help")


def find_requester(text: str) -> RequesterKind | Literal[""]:
    """Say who speaks, where the words say it plainly (我是开面馆的, 我司): "" if they do not."""
    return next((kind for kind in _REQUESTERS if lexicon(f"requester.{kind}").first(text)), "")


def is_confidential(text: str) -> bool:
    """Tell whether the writer reports somebody (举报) or asks that nobody be told."""
    return bool(lexicon("kind.report").first(text) or lexicon("kind.confidential").first(text))


def find_about(text: str) -> tuple[str, ...]:
    """Give the words that name whom the matter is about: a unit or its people, accused or spoken badly of in the same clause.

    A unit that is only asked for help (请城管来看看) or greeted (尊敬的局长) is not meant.
    """
    found: dict[str, None] = {}
    for clause in _CLAUSE.findall(lexicon("about.salutation").blank(text)):
        wrong = lexicon("about.wrong").first(clause)
        for role in lexicon("about.role").spans(clause):
            if wrong or lexicon("about.accuse").first(clause[: role.start()]):
                found[role[1]] = None
    return tuple(found)


def read_draft(
    utterance: Utterance, *, place: PlaceRef | None = None, media: int = 0, reading: Reading, reason: str = "", asks: bool = False
) -> Draft:
    """Put together what a text tells about a matter. `place` was found elsewhere; `asks` and `reason` are the intent's."""
    text = utterance.text
    return Draft(
        text=utterance.raw.strip(),
        kind=find_kind(text, asks=asks),
        place=place,
        time=find_time(text),
        phone=find_phone(text),
        media=media,
        tier=reading.tier,
        hazard=reading.hazard if reading.tier != "none" else "",
        confidential=is_confidential(text) or reading.private,
        about=find_about(text),
        requester=find_requester(text),
        reason=reason,
        topic=retell_midway(text),
    )
