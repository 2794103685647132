"""What residents' use of the knowledge base proposes to its editors: groups of like questions, other wordings and new entries. Pure.

Nothing is shown that fewer distinct residents asked than the settings say: what one person wrote may lead to that person.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from knowledge_base.text import normalize
from knowledge_base.wording import liken, read_wording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from knowledge_base.entry import Entry
    from knowledge_base.text import Segmenter
    from knowledge_base.wording import Wording

    Answers = Callable[[str], str]
    """Gives the code of the entry that answers a question by itself, as the entries are now; "" if none does."""

UseKind = Literal["missed", "useless", "picked", "replied"]
"""Nothing answered; the answer was no use; the entry was picked out of a choice; a unit's reply to a ticket settled it."""

ProposalKind = Literal["phrasing", "entry", "word"]
"""Another wording of an entry, an entry that is missing, a word of a duty item."""

SPARE = 2
"""Residents more than are needed whose rows a proposal names: it goes on standing when one is erased before it is made anew."""

Residents = Annotated[int, msgspec.Meta(ge=1)]
Share = Annotated[float, msgspec.Meta(gt=0.0, le=1.0)]


class UseSettings(msgspec.Struct, frozen=True, kw_only=True):
    """When residents' use is evidence enough to be shown to an editor."""

    alike: Annotated[float, msgspec.Meta(ge=0.0, le=1.0)] = 0.7
    """Two questions whose words, without those that only ask, sound so much alike are one."""
    missed_residents: Residents = 1
    """Distinct residents from whom on a group of questions in vain is listed."""
    phrasing_residents: Residents = 2
    """Distinct residents who picked the same entry for like words: one may have picked wrongly."""
    picked_share: Share = 0.8
    """The share of those who picked anything for these words who picked this entry: words that mean several entries need the choice."""
    entry_residents: Residents = 3
    """Distinct residents who asked in vain before an entry is proposed: writing one costs an editor an hour."""
    replied_residents: Residents = 2
    """The same where a unit's reply has already settled one of them: the answer is there."""
    word_residents: Residents = 3
    """Distinct residents whose corrected tickets of one duty item hold a word: twice may be chance."""
    word_share: Share = 0.8
    """The share of all decided tickets with that word that are of this duty item: a word of many items tells none."""
    propose_seconds: Annotated[float, msgspec.Meta(ge=60.0)] = 600.0
    """How often proposals are made anew: no editor waits for minutes, and a round reads the decided tickets of months."""


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """What one question came to."""

    resident: int
    kind: UseKind
    question: str
    entry: str = ""
    row: int = 0
    """The row that says so: of the ticket whose reply settled it where `kind` is replied, else of the question; 0 is none."""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A row that a proposal stands on, a ticket's or that of a question: who wrote it, and which of the proposal's wordings."""

    row: int
    is_ticket: bool
    resident: int
    text: str


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Like questions: their distinct wordings, what most residents wrote first, and everything they came to."""

    questions: tuple[str, ...]
    uses: tuple[Use, ...]

    @property
    def residents(self) -> int:
        """How many distinct residents asked."""
        return len({use.resident for use in self.uses})


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """What an editor may accept or refuse. `key` names it for as long as its words are the same."""

    kind: ProposalKind
    target: str
    """The code of the entry, or of the duty item; "" for a new entry."""
    text: str
    origin: UseKind | Literal["corrected"]
    texts: tuple[str, ...]
    """All wordings it stands for, the text itself among them."""
    residents: int
    times: int
    sources: tuple[Source, ...] = ()
    """Rows by which it stands, those of its wordings in their order."""
    answer: str = ""
    """The reply of the `unit` that settled one of the questions; read where it is shown."""
    unit: str = ""

    @property
    def key(self) -> str:
        """Eight hexadecimal digits."""
        return hashlib.sha256("\n".join((self.kind, self.target, fold(self.text))).encode()).hexdigest()[:8]


def fold(text: str) -> str:
    """Give what must be equal for two texts to be the same question: letters and digits."""
    return "".join(filter(str.isalnum, normalize(text).lower()))


def gather(uses: Iterable[Use], segmenter: Segmenter, *, alike: float) -> list[Group]:
    """Put like questions together, the group of most residents first.

    What most residents wrote leads; each further question joins the first leader it is so much alike (0..1), else leads a group of its own,
    so that no chain of questions grows together whose ends have nothing in common. The same uses in any order give the same groups.
    """
    by_text: defaultdict[str, list[Use]] = defaultdict(list)
    for use in uses:
        by_text[fold(use.question)].append(use)
    ranked = sorted(by_text.items(), key=lambda item: (-_count(item[1]), -len(item[1]), item[0]))
    leaders: list[Wording] = []
    members: list[list[list[Use]]] = []
    for _, asked in ranked:
        wording = read_wording(segmenter.read(min(use.question for use in asked)))
        near = liken(wording, leaders)[1].tolist() if leaders else []
        best = max(range(len(near)), key=near.__getitem__, default=-1)
        if best >= 0 and near[best] >= alike:
            members[best].append(asked)
        else:
            leaders.append(wording)
            members.append([asked])
    groups = [_make_group(each) for each in members]
    return sorted(groups, key=lambda group: (-group.residents, -len(group.uses), group.questions[0]))


def find_misses(uses: Iterable[Use], segmenter: Segmenter, settings: UseSettings, *, answers: Answers) -> Iterator[Group]:
    """Group the questions that nothing answered or whose answer was no use, most residents first, but for those that are answered by now."""
    groups = gather((use for use in uses if use.kind in ("missed", "useless")), segmenter, alike=settings.alike)
    return (group for group in groups if group.residents >= settings.missed_residents and not _is_answered(group, answers))


def propose_phrasings(
    uses: Sequence[Use], entries: Mapping[str, Entry], segmenter: Segmenter, settings: UseSettings, *, answers: Answers
) -> list[Proposal]:
    """Propose the words for which residents picked one entry, unless it answers them by now."""
    by_entry: defaultdict[str, list[Use]] = defaultdict(list)
    for use in _list_picks(uses, share=settings.picked_share):
        by_entry[use.entry].append(use)
    found = []
    for code in sorted(by_entry.keys() & entries.keys()):
        known = {fold(wording) for wording in (entries[code].question, *entries[code].phrasings)}
        fresh = [use for use in by_entry[code] if fold(use.question) not in known]
        groups = gather(fresh, segmenter, alike=settings.alike)
        found += [
            _propose("phrasing", code, group, origin="picked", enough=settings.phrasing_residents)
            for group in groups
            if group.residents >= settings.phrasing_residents and answers(group.questions[0]) != code
        ]
    return found


def propose_entries(uses: Iterable[Use], segmenter: Segmenter, settings: UseSettings, *, answers: Answers) -> list[Proposal]:
    """Propose an entry for what enough residents ask in vain; fewer are enough where a unit's reply settled it."""
    asked = [use for use in uses if use.kind in ("missed", "useless", "replied")]
    found = []
    for group in gather(asked, segmenter, alike=settings.alike):
        replied = [use for use in group.uses if use.kind == "replied"]
        enough = settings.replied_residents if replied else settings.entry_residents
        if group.residents >= enough and not _is_answered(group, answers):
            found.append(_propose("entry", "", group, origin="replied" if replied else "missed", enough=enough))
    return found


def stand(
    kind: ProposalKind, target: str, sources: Sequence[Source], settings: UseSettings, *, residents: int, times: int
) -> Proposal | None:
    """Give what was proposed as it stands by those of its sources that are left; None if too few residents are. They were counted before."""
    replied = kind == "entry" and any(source.is_ticket for source in sources)
    enough = {
        "phrasing": settings.phrasing_residents,
        "entry": settings.replied_residents if replied else settings.entry_residents,
        "word": settings.word_residents,
    }
    if len({source.resident for source in sources}) < enough[kind]:
        return None
    texts: dict[str, str] = {}
    for source in sources:
        texts.setdefault(fold(source.text), source.text)
    origins: dict[ProposalKind, UseKind | Literal["corrected"]] = {
        "phrasing": "picked",
        "entry": "replied" if replied else "missed",
        "word": "corrected",
    }
    wordings = tuple(texts.values())
    return Proposal(
        kind=kind,
        target=target,
        text=wordings[0],
        origin=origins[kind],
        texts=wordings,
        residents=residents,
        times=times,
        sources=tuple(sources),
    )


def _list_picks(uses: Iterable[Use], *, share: float) -> list[Use]:
    """List the picks of words for which at least this share (0..1) of residents picked the same entry; one that was called useless is none."""
    uses = list(uses)
    regretted = {(use.resident, use.entry, fold(use.question)) for use in uses if use.kind == "useless"}
    by_text: defaultdict[str, list[Use]] = defaultdict(list)
    for use in uses:
        if use.kind == "picked" and (use.resident, use.entry, fold(use.question)) not in regretted:
            by_text[fold(use.question)].append(use)
    return [
        use
        for picks in by_text.values()
        for use in picks
        if _count(pick for pick in picks if pick.entry == use.entry) >= share * _count(picks)
    ]


def _is_answered(group: Group, answers: Answers) -> bool:
    """Tell whether an entry answers the group's first question now, and none of the group has called it useless."""
    code = answers(group.questions[0])
    return bool(code) and not any(use.kind == "useless" and use.entry == code for use in group.uses)


def _propose(kind: ProposalKind, target: str, group: Group, *, origin: UseKind, enough: int) -> Proposal:
    return Proposal(
        kind=kind,
        target=target,
        text=group.questions[0],
        origin=origin,
        texts=group.questions,
        residents=group.residents,
        times=len(group.uses),
        sources=tuple(_list_sources(group, most=enough + SPARE)),
    )


def _list_sources(group: Group, *, most: int) -> Iterator[Source]:
    """List rows of each wording of a group, of so many residents at most: of these what a unit replied to before the rest; first what is spelt as the wording."""
    by_text: defaultdict[str, list[Use]] = defaultdict(list)
    for use in group.uses:
        by_text[fold(use.question)].append(use)
    for question in group.questions:
        latest = {(use.resident, use.kind == "replied"): use for use in by_text[fold(question)]}
        kept = sorted(latest.values(), key=lambda use: (use.kind == "replied", use.question == question), reverse=True)[:most]
        yield from (
            Source(row=use.row, is_ticket=use.kind == "replied", resident=use.resident, text=use.question)
            for use in sorted(kept, key=lambda use: use.question != question)
        )


def _make_group(asked: Sequence[Sequence[Use]]) -> Group:
    """Make a group of the uses of each of its wordings; of spellings of one wording the commonest stands for it."""
    spellings = (Counter(use.question for use in uses) for uses in asked)
    return Group(
        questions=tuple(min(counts, key=lambda text: (-counts[text], text)) for counts in spellings),
        uses=tuple(use for uses in asked for use in uses),
    )


def _count(uses: Iterable[Use]) -> int:
    return len({use.resident for use in uses})
