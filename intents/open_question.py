"""Reading a message as the answer to what we asked: which ticket, which entry, where, or none of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from intents.lexicon import lexicon

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from intents.actions import Draft, PlaceRef
    from intents.spec import TicketFacts, Turn
    from intents.state import Choice

_ORDINALS = {"1": 1, "2": 2, "3": 3, "4": 4, "5": 5, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5}
_NUMBER = re.compile(r"^(?:我?选|回复?|就)?第?([1-5一二三四五])(?:个|条|项|号)?(?:[。.、,，!！:：]|$)")
_MATTER = re.compile(r"第([1-5一二三四五])(?:件|个|条|项|样|桩)")
_PIECE = re.compile(
    r"第([1-5一二三四五])(?:件|个|条|项|样|桩)(?:事)?|(?:(?<=^)|(?<=[\s,，。;；]))([1-5])(?=[、.．:：)）\s]|[一-龥])"
)
_BARE = 4
"""Characters of a bare number (第三个。)."""
_TAIL = 3
"""Three digits of a ticket number are enough to mean one of a handful."""


def read_number(text: str) -> int:
    """Read the number that a reply begins with (1, 第二个, 选3, 1、…), 0 if it does not begin with one."""
    found = _NUMBER.match(text)
    return _ORDINALS[found[1]] if found else 0


def find_number(text: str) -> int:
    """Find the number of a matter that is named anywhere in a text (第2件), 0 if none is."""
    found = _MATTER.search(text)
    return _ORDINALS[found[1]] if found else 0


def read_numbered(text: str) -> dict[int, str]:
    """Read an answer that says of which matter it speaks (第2件在和平路，第3件在安泰路; 2和平路 3安泰路): number -> its words."""
    found = list(_PIECE.finditer(text))
    if not found or (len(found) == 1 and not found[0][1]):
        return {}
    ends = [*(one.start() for one in found[1:]), len(text)]
    return {
        _ORDINALS[one[1] or one[2]]: text[one.end() : end].strip(" ,，.。;；、:：)）在是")
        for one, end in zip(found, ends, strict=True)
    }


def pick_choice(text: str, choices: Sequence[Choice]) -> str:
    """Give the entry that was picked by number or by its question's words (外地户口, 我们是外地的), "" if none was."""
    number = read_number(text)
    if number:
        return choices[number - 1].entry if number <= len(choices) else ""
    asked = text.rstrip("。.!！?？~ ")
    same = [choice.entry for choice in choices if choice.question.rstrip("?？ ") and choice.question.rstrip("?？ ") in asked]
    if same:
        return same[0]
    condition = lexicon("replying.around").blank(asked).strip("·,， ")
    within = [choice.entry for choice in choices if len(condition) > 1 and condition in choice.question]
    return within[0] if len(within) == 1 else ""


def counts_beyond(text: str, choices: Sequence[Choice]) -> bool:
    """Tell whether a text is nothing but a number, and one that was not offered (第三个 of two)."""
    return len(text) <= _BARE and read_number(text) > len(choices)


def pick_ticket(text: str, tickets: Sequence[str], facts: Sequence[TicketFacts]) -> str:
    """Give the listed ticket that was picked: by its number's digits, its place in the list, or a word of its title; "" if none."""
    digits = re.findall(rf"\d{{{_TAIL},}}", text)
    by_digits = [ticket for ticket in tickets if any(ticket.endswith(tail) for tail in digits)]
    if by_digits:
        return by_digits[0]
    number = read_number(text)
    if number:
        return tickets[number - 1] if number <= len(tickets) else ""
    words = lexicon("matter").find(text)
    titles = {fact.ticket: fact.title for fact in facts if fact.ticket in tickets}
    by_title = [ticket for ticket, title in titles.items() if any(word in title for word in words)]
    return by_title[0] if len(by_title) == 1 else ""


def goes_on(text: str) -> bool:
    """Tell whether the resident cannot or will not say (不知道, 就这样): we go on without."""
    return bool(lexicon("replying.go_on").first(text))


def is_nod(text: str) -> bool:
    """Tell whether it is only a nod (好的, 稍等): the answer may still come."""
    return bool(lexicon("replying.hold").first(text))


def is_puzzled(text: str) -> bool:
    """Tell whether the resident only asks back what we want to know and why."""
    return bool(lexicon("replying.puzzled").first(text))


def is_none_of_them(text: str) -> bool:
    """Tell whether none of the offered entries is meant."""
    return bool(lexicon("replying.none_of_them").first(text))


def wants_more(text: str) -> bool:
    """Tell whether the rest of an answer is asked for (更多)."""
    return bool(lexicon("replying.more").first(text))


def is_yes(text: str) -> bool:
    """Tell whether it is a plain yes to what we asked to be sure of."""
    return bool(lexicon("replying.yes").first(text))


def is_no(text: str) -> bool:
    """Tell whether it is a plain no."""
    return bool(lexicon("replying.no").first(text))


def is_other_matter(text: str, earlier: str) -> bool:
    """Tell whether a text reports something else than an earlier one: it has trouble of its own, about another thing.

    Words inside a place do not count: 垃圾站旁边 says where, not what.
    """
    rest = lexicon("place").blank(text)
    if not (lexicon("damage").first(rest) or lexicon("nuisance").first(rest)):
        return False
    now, before = set(lexicon("matter").find(rest)), set(lexicon("matter").find(earlier))
    return bool(now and before) and now.isdisjoint(before)


def is_one_more(text: str, earlier: Iterable[str]) -> bool:
    """Tell whether a text says from its first word that there is more (还有个井盖也坏了), and tells of something in none of the earlier ones."""
    return bool(lexicon("matters.one_more").first(text)) and all(is_other_matter(text, one) for one in earlier)


def join_answer(draft: Draft, turn: Turn, *, place: PlaceRef | None = None, reason: str = "") -> Draft:
    """Put an answer into the draft that waited for it: nothing that was said is lost."""
    more = turn.draft()
    has_tier = draft.tier != "none"
    return msgspec.structs.replace(
        draft,
        text="\n".join(filter(None, (draft.text, more.text))),
        place=place or draft.place,
        time=draft.time or more.time,
        phone=draft.phone or more.phone,
        media=draft.media + turn.media,
        tier=draft.tier if has_tier else more.tier,
        hazard=draft.hazard if has_tier else more.hazard,
        confidential=draft.confidential or more.confidential,
        about=tuple(dict.fromkeys((*draft.about, *more.about))),
        reason=reason,
    )
