"""How urgent is it? Reads danger from words alone, so that it works when everything else is down.

Red is a life in danger now; orange is what becomes dangerous if nobody comes. The words stand in lexicons/hazards.toml, and what makes
the same words harmless (past, supposed, told, idiom) in lexicons/danger_context.toml. A missed fire costs more than a needless
number to call, but a bot that shouts fire at 笑死我了 is soon ignored; docs/quality.md has the figures for both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from intents.hazards import Tier, hazards
from intents.lexicon import lexicon

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intents.hazards import Hazard

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


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What the words say about danger, and why. `past` is True when it was spoken of as over."""

    tier: Tier = "none"
    hazard: str = ""
    why: tuple[str, ...] = ()
    past: bool = False
    private: bool = False
    """Nothing of it may be said in a group: self-harm, violence at home, children."""


CALM = Reading()


def read_tier(text: str, settings: TierSettings | None = None, *, known: Sequence[Hazard] | None = None) -> Reading:
    """Read the tier of a normalized text: the gravest hazard that is really there. Explains itself in `why`.

    `known` are the hazards of a city (intents.hazards), by default those shipped.
    """
    settings = settings or TierSettings()
    plain = lexicon("danger_context.idiom").blank(text)
    if not _WORD.search(plain):
        return CALM
    over = CALM
    best = CALM
    is_calm = _is_calm_letter(plain, settings)
    for hazard in known if known is not None else hazards():
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
            now = urgent or ("" if is_letter else _find("present", sentence) or _find("scene", sentence))
            if hazard.tier == "red" and not now and (is_sign or (is_letter and not hazard.plain)):
                continue
            mention = _Mention(text, hit, sentence, bool(urgent) and not is_letter, bool(now) and not is_letter)
            excuse, found = _excuse_firm(mention, settings) if hazard.firm and not is_letter else _excuse(mention, hazard, settings)
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


def _excuse(mention: _Mention, hazard: Hazard, settings: TierSettings) -> tuple[str, str]:
    """Say why a mention is no danger now, and by which words; two empty strings if it is one.

    A short cry for help (`calls`) or a "now" outweighs what a calm text would mean by the same words. What is broken stays broken:
    a hazard is past only if its own clause says so.
    """
    when = mention.clause if hazard.tier == "orange" else mention.sentence
    over = _find("over", mention.sentence) or ("" if mention.calls else _find("past", when))
    ahead = "" if mention.now else _find("supposed_before", mention.before(settings) + mention.hit[1])
    behind = "" if mention.now or _find("near", mention.text) else _find("supposed_after", mention.after(settings))
    excuses = (
        ("told", "" if mention.calls else _find("told", mention.sentence)),
        ("past", "" if _find("lasting", mention.sentence) else over),
        ("negated", _find_negated(mention, settings)),
        ("supposed", ahead or behind),
    )
    return next(((excuse, found) for excuse, found in excuses if found), ("", ""))


def _excuse_firm(mention: _Mention, settings: TierSettings) -> tuple[str, str]:
    """Excuse what is said of one's own life only if it is told of a film, over by its own words, or said not to be so."""
    excuses = (
        ("told", _find("told", mention.sentence)),
        ("past", _find("recovered", mention.sentence)),
        ("negated", _find_negated(mention, settings)),
    )
    return next(((excuse, found) for excuse, found in excuses if found), ("", ""))


def _find_negated(mention: _Mention, settings: TierSettings) -> str:
    return _find("negated", _CLAUSE.split(mention.before(settings))[-1][-settings.adjoining :])


@dataclass(frozen=True, slots=True)
class _Mention:
    """Where a danger word stands, and what speaks about it."""

    text: str
    hit: re.Match[str]
    sentence: str
    calls: bool
    now: bool

    @property
    def clause(self) -> str:
        """What stands between two commas or blanks around it."""
        start = max((found.end() for found in _CLAUSE.finditer(self.text, 0, self.hit.start())), default=0)
        end = _CLAUSE.search(self.text, self.hit.end())
        return self.text[start : end.start() if end else len(self.text)]

    def before(self, settings: TierSettings) -> str:
        return self.text[max(0, self.hit.start() - settings.before) : self.hit.start()]

    def after(self, settings: TierSettings) -> str:
        return _CLAUSE.split(self.text[self.hit.end() : self.hit.end() + settings.after])[0]


def _find(table: str, text: str) -> str:
    """Give the first word of a list of contexts, "" if none."""
    return lexicon(f"danger_context.{table}").first(text)
