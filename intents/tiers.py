"""How urgent is it? Reads danger from words alone, so that it works when everything else is down.

Red is a life in danger now; orange is what becomes dangerous if nobody comes. The words stand in lexicons/hazards.toml, and what makes
the same words harmless (past, supposed, told, idiom) in lexicons/danger_context.toml. A missed fire costs more than a needless
number to call, but a bot that shouts fire at 笑死我了 is soon ignored; docs/quality.md has the figures for both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

import msgspec

from intents.lexicon import Lexicon, compile_list, lexicon, read_table

Tier = Literal["red", "orange", "none"]

_SENTENCE = re.compile(r"[^。！？!?；;\n]*[。！？!?；;\n]*")
_CLAUSE = re.compile(r"[，,。！？!?；;：:\s]")
_WORD = re.compile(r"\w")


class TierSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How far the context of a danger word reaches, in characters."""

    short: int = 40
    """Up to here a message is one context: chat lines have no reliable full stops."""
    letter: int = 120
    """From here it is a letter: dangers in it are history or argument unless the sentence says now."""
    before: int = 14
    """如果…, 担心… work this far ahead of the danger."""
    after: int = 10
    """…怎么办, …的隐患 work this far behind it."""
    adjoining: int = 3
    """没…, 会… stand directly before it."""


@dataclass(frozen=True, slots=True)
class Hazard:
    """One kind of danger: its words, which numbers help, and whether it may be spoken of where others read along."""

    name: str
    tier: Tier
    numbers: tuple[str, ...]
    private: bool
    past: Tier
    plain: bool
    live: Lexicon
    signs: Lexicon


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What the words say about danger, and why. `past` is True when it was spoken of as over."""

    tier: Tier = "none"
    hazard: str = ""
    why: tuple[str, ...] = ()
    past: bool = False
    private: bool = False
    """Nothing of it may be said in a group: self-harm, violence at home, children."""


CALM = Reading()


@cache
def hazards() -> tuple[Hazard, ...]:
    """Give every hazard of the word list, the gravest first. `numbers` are codes of the city's own list of numbers."""
    return tuple(
        Hazard(
            name=row["name"],
            tier=row["tier"],
            numbers=tuple(row["numbers"]),
            private=row.get("private", False),
            past=row.get("past", "none"),
            plain=row.get("letter", "urgent") == "plain",
            live=_words(row, "live"),
            signs=_words(row, "signs"),
        )
        for row in read_table("hazards")["hazard"]
    )


def _words(row: dict[str, dict[str, list[str]]], table: str) -> Lexicon:
    """Compile a hazard's list; what means something else stands beside its live words."""
    return compile_list({"except": row.get("except", []), **row.get(table, {})})


def read_tier(text: str, settings: TierSettings | None = None) -> Reading:
    """Read the tier of a normalized text: the gravest hazard that is really there. Explains itself in `why`."""
    settings = settings or TierSettings()
    plain = lexicon("danger_context.idiom").blank(text)
    if not _WORD.search(plain):
        return CALM
    over = CALM
    best = CALM
    is_calm = _is_calm_letter(plain, settings)
    for hazard in hazards():
        if best.tier == "red" or (best.tier == "orange" and hazard.tier != "red"):
            continue
        if is_calm and hazard.tier == "red" and not hazard.plain:
            continue
        reading = _read_hazard(plain, hazard, settings)
        if reading.tier == "red" or (reading.tier == "orange" and best.tier == "none"):
            best = reading
        elif (reading.past and not over.past) or (reading.hazard and not over.hazard):
            over = reading
    return best if best.tier != "none" else over


def _is_calm_letter(text: str, settings: TierSettings) -> bool:
    """Tell whether this is a letter that nowhere says now: most reds cannot be in it, and looking for them takes long."""
    return len(text) > settings.letter and not any(_find("urgent", part[0]) for part in _SENTENCE.finditer(text))


def _read_hazard(text: str, hazard: Hazard, settings: TierSettings) -> Reading:
    """Read one hazard: the first mention that holds, else what is left of the first that does not."""
    softened = CALM
    for words, is_sign in ((hazard.live, False), (hazard.signs, True)):
        for hit in words.spans(text):
            sentence = _context(text, hit, settings)
            is_letter = len(text) > settings.letter
            urgent = _find("urgent", sentence)
            now = urgent or ("" if is_letter else _find("present", sentence))
            if hazard.tier == "red" and not now and (is_sign or (is_letter and not hazard.plain)):
                continue
            excuse, found = _excuse(
                text, hit, sentence, settings, calls=bool(urgent) and not is_letter, now=bool(now) and not is_letter
            )
            why = (f"{hazard.name}={hit[1]}", *([f"now={now}"] if now else []))
            if not excuse:
                return Reading(tier=hazard.tier, hazard=hazard.name, why=why, private=hazard.private)
            if softened is CALM:
                past = excuse == "past"
                tier: Tier = hazard.past if past else "none"
                softened = Reading(
                    tier=tier, hazard=hazard.name, why=(*why, f"{excuse}={found}"), past=past, private=hazard.private
                )
    return softened


def _context(text: str, hit: re.Match[str], settings: TierSettings) -> str:
    """Give what speaks about a mention: the whole of a chat line, else its sentence."""
    if len(text) <= settings.short:
        return text
    return next(part[0] for part in _SENTENCE.finditer(text) if part.start() <= hit.start() < part.end())


def _excuse(text: str, hit: re.Match[str], sentence: str, settings: TierSettings, *, calls: bool, now: bool) -> tuple[str, str]:
    """Say why a mention is no danger now, and by which words; two empty strings if it is one.

    A short cry for help (`calls`) or a "now" outweighs what a calm text would mean by the same words.
    """
    before = text[max(0, hit.start() - settings.before) : hit.start()]
    after = text[hit.end() : hit.end() + settings.after]
    over = _find("over", sentence) or ("" if calls else _find("past", sentence))
    ahead = "" if now else _find("supposed_before", before + hit[1])
    behind = "" if now or _find("near", text) else _find("supposed_after", after)
    excuses = (
        ("told", "" if calls else _find("told", sentence)),
        ("past", "" if _find("lasting", sentence) else over),
        ("negated", _find("negated", _CLAUSE.split(before)[-1][-settings.adjoining :])),
        ("supposed", ahead or behind),
    )
    return next(((excuse, found) for excuse, found in excuses if found), ("", ""))


def _find(table: str, text: str) -> str:
    """Give the first word of a list of contexts, "" if none."""
    return lexicon(f"danger_context.{table}").first(text)
