"""The city's own words for the commands and the pages: what is known, what a change would do to residents' questions, put into service, taken back."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bot.city import note_change
from bot.word_impact import compare_readings, list_notes, list_texts
from console.words_port import Impact, Known
from knowledge_base import own_words, word_rows
from knowledge_base.own_words import OwnWord, fold
from knowledge_base.variants import shipped
from store.audit import record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from knowledge_base.own_words import Fault, Kind, Wanted
    from knowledge_base.word_rows import Edition

MOST_TEXTS = 800
"""Texts that are compared: each is asked twice, a few thousandths of a second each time."""
MOST_SHOWN = 100


def list_known(city: City) -> list[Known]:
    """List what is known beside the dictionary: the city's own, then shipped groups, then other names out of its tables."""
    groups = {group[0]: group[1:] for group in shipped().groups}
    own = [
        Known(
            own=one,
            origin="own",
            target_name=_name_target(city, one.kind, one.target),
            replaced=groups.get(one.word, ()) if one.kind == "synonym" else (),
        )
        for one in city.own_words
    ]
    taken = {(one.own.kind, one.own.word) for one in own}
    return own + [known for known in (*_list_shipped(groups), *_list_tabled(city)) if known.key not in taken]


def _list_shipped(groups: Mapping[str, tuple[str, ...]]) -> Iterator[Known]:
    for word, others in sorted(groups.items()):
        yield Known(own=OwnWord(kind="synonym", word=word, others=others), origin="shipped")


def _list_tabled(city: City) -> Iterator[Known]:
    """List the other names that the tables of areas and places know."""
    for area in sorted(city.org.areas.values(), key=lambda one: one.code):
        for alias in area.aliases:
            yield Known(own=OwnWord(kind="area", word=fold(alias), target=area.code), origin="table", target_name=area.name)
    names = {(row.name, alias): None for row in city.places for alias in row.aliases}
    for name, alias in sorted(names):
        yield Known(own=OwnWord(kind="place", word=fold(alias), target=name), origin="table", target_name=name)


def name_targets(city: City, kind: Kind) -> dict[str, str]:
    """Name what a word of this kind may be another name of."""
    if kind == "area":
        return {area.code: area.name for area in sorted(city.org.areas.values(), key=lambda one: one.code)}
    return {row.name: row.name for row in city.places if row.kind != "building"} if kind == "place" else {}


def _name_target(city: City, kind: Kind, target: str) -> str:
    area = city.org.areas.get(city.org.standing_area(target)) if kind == "area" else None
    return area.name if area is not None else target


def find_faults(session: Session, city: City, wanted: Sequence[Wanted]) -> list[Fault]:
    """Find what is wrong with words among those that stand."""
    together = own_words.apply(word_rows.load(session), wanted)
    changed = [one.own for one in wanted if not one.gone]
    places = {row.name for row in city.places}
    return own_words.find_faults(changed, together, areas=city.org.areas.keys(), places=places)


def preview(session: Session, city: City, wanted: Sequence[Wanted]) -> Impact:
    """Tell what these words would change of how residents' recent questions and the entries' own wordings are read."""
    together = own_words.apply(city.own_words, wanted)
    changed = {text for one in wanted for text in list_said(city, one.own)}
    texts = list_texts(session, city, changed=changed)
    segmenter, matcher = city.try_words(together)
    names = any(one.own.kind in {"area", "place"} for one in wanted)
    rows = compare_readings(
        city, texts[:MOST_TEXTS], segmenter=segmenter, matcher=matcher, gazetteer=city.make_gazetteer(together) if names else None
    )
    counts = Counter(what for row in rows for what in row.what) + Counter(row.verdict for row in rows if row.verdict)
    return Impact(
        compared=min(len(texts), MOST_TEXTS),
        texts=len(texts),
        asked=sum(one.times > 0 for one in texts[:MOST_TEXTS]),
        counts=dict(counts) | {"all": len(rows)},
        rows=tuple(rows[:MOST_SHOWN]),
        notes=tuple(list_notes(city, [one.own for one in wanted if not (one.gone or one.own.off)], texts)),
    )


def list_said(city: City, own: OwnWord) -> set[str]:
    """List the words of a text that a change of this word is about: as it is to be, and as it stands."""
    standing = [one for one in city.own_words if (one.kind, one.word) == (own.kind, own.word)]
    groups = [group for group in shipped().groups if own.kind == "synonym" and group[0] == own.word]
    return {text for one in (own, *standing) for text in (one.word, *one.others)} | {text for group in groups for text in group}


def put(session: Session, city: City, wanted: Sequence[Wanted], *, edition: int, by: str, now: datetime) -> Edition | None:
    """Put words into service, for every process; None where nothing changes. word_rows.WordsWrong, WordsChanged, WordsTooMany."""
    if faults := find_faults(session, city, wanted):
        raise word_rows.WordsWrong(faults)
    made = word_rows.put(session, wanted, edition=edition, by=by, now=now)
    if made is not None:
        _note(session, made, action="knowledge.words", by=by)
    return made


def undo(session: Session, city: City, number: int, *, edition: int, by: str, now: datetime) -> Edition:
    """Take an edition back; the errors of word_rows.undo, WordsWrong where what stood before does not go with what stands by now."""
    made = word_rows.undo(session, number, edition=edition, by=by, now=now)
    if faults := find_faults(session, city, []):
        raise word_rows.WordsWrong(faults)
    _note(session, made, action="knowledge.words_undo", by=by)
    return made


def _note(session: Session, made: Edition, *, action: str, by: str) -> None:
    note_change(session)
    facts = {"words": [f"{one.word.kind}:{one.word.word}" for one in made.changes[:50]], "changes": len(made.changes)}
    record(
        session,
        actor=by,
        action=action,
        subject=f"words:{made.number}",
        facts=facts | ({"undoes": made.undoes} if made.undoes else {}),
    )
