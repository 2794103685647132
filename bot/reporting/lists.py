"""The sections of the monthly pack that are made of tickets: hot words, repeat places, what is overdue or bad, signs, and the two lists of the meeting.

排查清单 is what somebody has to go and look at: places that come again, incidents that swell. 问题清单 is what was not solved: overdue, bad, bounced.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bot.refusals import name_status
from bot.reporting import conversation, words
from bot.reporting.pack import Section
from bot.reporting.saying import say
from bot.reporting.sections import name_community, name_value
from routing import kept_signs, month_decisions, month_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from bot.reporting.pack import Month, SectionKey
    from routing.month_rows import Line, Place, Voice
    from routing.warning_signs import Sign

Rows = tuple[tuple[str | int, ...], ...]


def list_sections(session: Session, city: City, month: Month, *, now: datetime, closing: Iterable[Section]) -> tuple[Section, ...]:
    """List the sections in the order of the meeting; `closing` come before the last one, the decisions."""
    settings, org = city.settings.report, city.org
    voices, past = (month_rows.list_voices(session, each.period, org=org, viewer=month.viewer) for each in (month, month.before()))
    places = month_rows.list_places(session, voices, few=settings.few_people)
    overdue = month_rows.list_overdue(session, month.period, now=now, org=org, viewer=month.viewer)
    unhappy = month_rows.list_unhappy(session, month.period, org=org, viewer=month.viewer)
    signs = list_signs(session, city, month, for_meeting=True)
    most = settings.most_rows
    return (
        make_words(city, voices, past),
        _section("places", ("place", "area", "tickets", "people", "items"), _say_places(city, places), most=most),
        *closing,
        _section("overdue", (*_LINE, "due"), _say_lines(city, overdue), most=most),
        _section("unhappy", _LINE, tuple(row[:-1] for row in _say_lines(city, unhappy)), most=most),
        make_misses(session, city, month),
        make_signs(city, signs),
        make_inspections(session, city, month, places),
        make_problems(city, overdue, unhappy, signs),
        make_decisions(session, city, month),
    )


_ITEMS = 4
"""Duty items that are named for a place; of more their number is said."""
_LINE = ("number", "title", "area", "unit", "status", "opened")


def list_signs(session: Session, city: City, month: Month, *, for_meeting: bool = False) -> list[Sign]:
    """List the signs of a month; for a meeting those that may be named there."""
    return kept_signs.list_signs(
        session, month.period, basis=city.make_basis(), org=city.org, viewer=month.viewer, for_meeting=for_meeting
    )


def make_words(city: City, voices: Sequence[Voice], past: Sequence[Voice]) -> Section:
    """Name the words that more people say than the month before."""
    settings = city.settings.report

    def read(told: Iterable[Voice]) -> list[tuple[int, tuple[str, ...]]]:
        return [(voice.resident, city.segmenter.read(voice.text).tokens) for voice in told]

    heard = words.drop_parts(words.compare(read(voices), read(past), few=settings.few_people))
    rows = tuple((one.word, one.people, one.before) for one in heard)
    return _section("words", ("word", "people", "before"), rows, most=settings.most_rows, few=settings.few_people)


def make_misses(session: Session, city: City, month: Month) -> Section:
    """Say what knowledge could not answer: how much, and the words of what several asked in vain."""
    settings, period = city.settings.report, month.period
    missed, useless, rated = conversation.count_misses(session, since=period.since, until=period.until)
    asked = conversation.list_missed(session, since=period.since, until=period.until)
    heard = words.compare([(who, city.segmenter.read(text).tokens) for who, text in asked], (), few=settings.few_people)
    counts = (("missed", missed), ("useless", useless), ("rated", rated))
    rows: Rows = tuple((say(f"misses_{name}"), count) for name, count in counts)
    rows += tuple((say("missed_word", word=one.word), one.people) for one in words.drop_parts(heard)[: settings.most_rows])
    return _section("misses", ("what", "times"), rows, few=settings.few_people)


def make_signs(city: City, signs: Sequence[Sign]) -> Section:
    """List the signs with the tickets behind them."""
    rows = tuple(
        (say(f"sign_{sign.kind}"), sign.number, name_value(city, "unit", sign.unit), city.words.moment(sign.at), say_sign(sign))
        for sign in signs
    )
    return _section("signs", ("sign", "number", "unit", "when", "because"), rows, most=city.settings.report.most_rows * 3)


def say_sign(sign: Sign) -> str:
    """Say what a sign was read from."""
    facts: dict[str, object] = dict(sign.facts)
    match sign.kind:
        case "relabelled":
            facts |= {name: say(f"kind_{sign.facts[name]}") for name in ("before", "after")}
        case "hollow":
            return say("because_says_nothing" if sign.facts["says_nothing"] else "because_hollow", **facts)
        case "sent_below":
            facts["level"] = say(f"level_{sign.facts['level']}")
        case "back_soon":
            told = (
                ("because_back_soon", "because_follows")
                if sign.facts["days"]
                else ("because_back_same_day", "because_follows_same_day")
            )
            return say(told[bool(sign.facts["follows"])], **facts)
    return say(f"because_{sign.kind}", **facts)


def make_inspections(session: Session, city: City, month: Month, places: Sequence[Place]) -> Section:
    """排查清单: places that come again and incidents that swell, for somebody to go and look."""
    few = city.settings.report.few_people
    most = city.settings.report.most_rows
    swollen = [one for one in month_rows.list_swollen(session, month.period) if one.people >= few]
    rows: list[tuple[str | int, ...]] = [
        (say("inspect_place"), one.place, name_community(city, one.area), one.people, _say_items(city, one.items))
        for one in places
        if one.place
    ]
    incidents = (*(0 for _ in rows), *(one.id for one in swollen))
    rows += [
        (
            say("inspect_incident", number=one.id),
            "",
            name_community(city, one.area),
            one.people,
            name_value(city, "item", one.item),
        )
        for one in swollen
    ]
    section = _section("inspect", ("why", "place", "area", "people", "items"), tuple(rows), most=most)
    return msgspec.structs.replace(section, incidents=incidents[:most])


def make_problems(city: City, overdue: Sequence[Line], unhappy: Sequence[Line], signs: Iterable[Sign]) -> Section:
    """问题清单: what was not solved, each ticket once with all that is wrong with it."""
    wrong: dict[str, list[str]] = {}
    lines = {line.number: line for line in (*overdue, *unhappy)}
    for line in overdue:
        wrong.setdefault(line.number, []).append(say("problem_overdue"))
    for line in unhappy:
        wrong.setdefault(line.number, []).append(say(f"problem_{line.rating or line.status.value}"))
    for sign in signs:
        if sign.kind in {"bounced", "back_soon"} and sign.number in lines:
            wrong[sign.number].append(say(f"sign_{sign.kind}"))
    rows = tuple(
        (
            number,
            name_value(city, "item", lines[number].item),
            name_value(city, "unit", lines[number].unit),
            say("between").join(dict.fromkeys(whys)),
        )
        for number, whys in wrong.items()
    )
    return _section("problems", ("number", "title", "unit", "why"), rows, most=city.settings.report.most_rows)


def make_decisions(session: Session, city: City, month: Month) -> Section:
    """Say what meetings before decided and what became of it."""
    found = month_decisions.list_carried(
        session, month=month.name, since=month.period.since, areas=None if month.areas is None else ("", *month.areas)
    )
    rows = tuple(
        (
            one.id,
            one.month,
            one.what,
            name_value(city, "unit", one.unit),
            one.due_on.isoformat() if one.due_on else "",
            say(f"decision_{one.state}"),
            one.result,
        )
        for one in found
    )
    return _section("decisions", ("decision", "month", "what", "unit", "due", "state", "result"), rows)


def _section(key: SectionKey, columns: tuple[str, ...], rows: Rows, *, most: int | None = None, **facts: object) -> Section:
    """Make a section of a list; what is beyond `most` rows is left out, and the note says so."""
    note = say(f"note_{key}", **facts)
    cut = "" if most is None or len(rows) <= most else say("note_cut", count=len(rows), most=most)
    return Section(
        key=key,
        title=say(f"title_{key}"),
        note=f"{note}{cut}",
        columns=tuple(say(f"column_{name}") for name in columns),
        rows=rows[:most],
    )


def _say_lines(city: City, lines: Iterable[Line]) -> Rows:
    return tuple(
        (
            line.number,
            name_value(city, "item", line.item),
            name_community(city, line.area),
            name_value(city, "unit", line.unit),
            name_status(line.status),
            city.words.moment(line.opened_at),
            city.words.moment(line.due_at) if line.due_at else "",
        )
        for line in lines
    )


def _say_places(city: City, places: Iterable[Place]) -> Rows:
    return tuple(
        (one.place or say("place_of_few"), name_community(city, one.area), one.tickets, one.people, _say_items(city, one.items))
        for one in places
    )


def _say_items(city: City, items: Sequence[str]) -> str:
    named = say("between").join(name_value(city, "item", item) for item in items[:_ITEMS])
    return say("and_more", items=named, count=len(items)) if len(items) > _ITEMS else named
