"""Like questions come together whatever the order, and only what enough distinct residents did is proposed."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import msgspec
import pytest

from knowledge_base.entry import Entry
from knowledge_base.proposals import (
    SPARE,
    Source,
    Use,
    UseSettings,
    find_misses,
    fold,
    gather,
    propose_entries,
    propose_phrasings,
    stand,
)

if TYPE_CHECKING:
    from knowledge_base.proposals import ProposalKind, UseKind
    from knowledge_base.text import Segmenter

PERMIT = Entry(code="K1", question="居住证怎么办理", phrasings=("办居住证要带什么",), answer="带身份证", source="公安局")
ENTRIES = {"K1": PERMIT}
SETTINGS = UseSettings()


def use(resident: int, question: str, *, kind: UseKind = "missed", entry: str = "", row: int = 0) -> Use:
    return Use(resident=resident, kind=kind, question=question, entry=entry, row=row)


def no_answer(_question: str) -> str:
    return ""


BOATS = [
    use(1, "公园里的船怎么租"),
    use(2, "公园里的船怎么租？"),
    use(3, "公园里的船在哪租"),
    use(1, "公园里的船怎么租"),
    use(4, "骑楼怎么修"),
]


def test_like_questions_are_one_group_and_most_residents_lead(segmenter: Segmenter) -> None:
    first, second = gather(BOATS, segmenter, alike=SETTINGS.alike)

    assert (first.questions, first.residents, len(first.uses)) == (("公园里的船怎么租", "公园里的船在哪租"), 3, 4)
    assert (second.questions, second.residents) == (("骑楼怎么修",), 1)


def test_the_order_of_what_was_asked_makes_no_difference(segmenter: Segmenter) -> None:
    wanted = [(group.questions, group.residents) for group in gather(BOATS, segmenter, alike=SETTINGS.alike)]
    for seed in range(5):
        shuffled = random.Random(seed).sample(BOATS, len(BOATS))
        assert [(group.questions, group.residents) for group in gather(shuffled, segmenter, alike=SETTINGS.alike)] == wanted


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("居住证怎么弄", "居住证在哪里办理", True),
        ("门口的快递柜谁管", "快递柜归谁管", True),
        ("老年卡丢了怎么补", "老年卡掉了补办流程", True),
        ("居住证怎么弄", "社保卡怎么弄", False),
        ("公积金怎么提取", "公积金怎么转移", False),
        ("医保卡丢了怎么补", "老年卡丢了怎么补", False),
    ],
)
def test_what_is_alike(segmenter: Segmenter, one: str, other: str, together: bool) -> None:
    assert (len(gather([use(1, one), use(2, other)], segmenter, alike=SETTINGS.alike)) == 1) == together


def test_nothing_makes_no_group(segmenter: Segmenter) -> None:
    assert gather([], segmenter, alike=SETTINGS.alike) == []


def test_what_was_answered_but_no_use_is_in_vain_too_and_a_pick_is_not(segmenter: Segmenter) -> None:
    uses = [
        use(1, "公园里的船怎么租", kind="useless", entry="K1"),
        use(2, "公园里的船怎么租"),
        use(3, "骑楼怎么修", kind="picked", entry="K1"),
    ]
    (group,) = find_misses(uses, segmenter, SETTINGS, answers=no_answer)

    assert (group.questions, group.residents) == (("公园里的船怎么租",), 2)


def test_what_is_answered_by_now_is_no_longer_in_vain_unless_that_very_answer_was_no_use(segmenter: Segmenter) -> None:
    missed, useless = use(1, "公园里的船怎么租"), use(2, "公园里的船怎么租", kind="useless", entry="K1")

    assert list(find_misses([missed], segmenter, SETTINGS, answers=lambda _: "K1")) == []
    assert list(find_misses([missed, useless], segmenter, SETTINGS, answers=lambda _: "K2")) == []
    assert len(list(find_misses([missed, useless], segmenter, SETTINGS, answers=lambda _: "K1"))) == 1


def test_fewer_residents_than_set_are_not_listed(segmenter: Segmenter) -> None:
    two = msgspec.structs.replace(SETTINGS, missed_residents=2)

    assert [group.residents for group in find_misses(BOATS, segmenter, two, answers=no_answer)] == [3]


def test_words_for_which_two_residents_picked_an_entry_become_its_phrasing(segmenter: Segmenter) -> None:
    uses = [use(resident, "暂住证在哪办", kind="picked", entry="K1") for resident in (1, 2, 2)]
    (proposal,) = propose_phrasings(uses, ENTRIES, segmenter, SETTINGS, answers=no_answer)

    assert (proposal.kind, proposal.target, proposal.text, proposal.origin) == ("phrasing", "K1", "暂住证在哪办", "picked")
    assert (proposal.residents, proposal.times) == (2, 3)
    again = propose_phrasings(uses[::-1], ENTRIES, segmenter, SETTINGS, answers=no_answer)
    assert [one.key for one in again] == [proposal.key]


@pytest.mark.parametrize(
    "uses",
    [
        pytest.param([use(1, "暂住证在哪办", kind="picked", entry="K1")] * 3, id="one resident, three times"),
        pytest.param([use(n, "居住证怎么办理？", kind="picked", entry="K1") for n in (1, 2)], id="its question already"),
        pytest.param([use(n, "办居住证，要带什么", kind="picked", entry="K1") for n in (1, 2)], id="its phrasing already"),
        pytest.param([use(n, "暂住证在哪办", kind="picked", entry="K9") for n in (1, 2)], id="an entry that is gone"),
        pytest.param([use(n, "暂住证在哪办") for n in (1, 2)], id="missed, not picked"),
        pytest.param(
            [
                *(use(n, "暂住证在哪办", kind="picked", entry="K1") for n in (1, 2)),
                use(2, "暂住证在哪办", kind="useless", entry="K1"),
            ],
            id="picked, then of no use",
        ),
        pytest.param(
            [
                *(use(n, "暂住证在哪办", kind="picked", entry="K1") for n in (1, 2)),
                use(3, "暂住证在哪办", kind="picked", entry="K9"),
            ],
            id="every third picked another",
        ),
    ],
)
def test_what_becomes_no_phrasing(segmenter: Segmenter, uses: list[Use]) -> None:
    assert propose_phrasings(uses, ENTRIES, segmenter, SETTINGS, answers=no_answer) == []


def test_words_that_the_entry_answers_by_now_need_no_phrasing(segmenter: Segmenter) -> None:
    uses = [use(n, "暂住证在哪办", kind="picked", entry="K1") for n in (1, 2)]

    assert propose_phrasings(uses, ENTRIES, segmenter, SETTINGS, answers=lambda _: "K1") == []
    assert len(propose_phrasings(uses, ENTRIES, segmenter, SETTINGS, answers=lambda _: "K2")) == 1


def test_what_three_residents_ask_in_vain_is_a_missing_entry(segmenter: Segmenter) -> None:
    (proposal,) = propose_entries(BOATS, segmenter, SETTINGS, answers=no_answer)

    assert (proposal.kind, proposal.target, proposal.text, proposal.origin) == ("entry", "", "公园里的船怎么租", "missed")
    assert (proposal.residents, proposal.times) == (3, 4)
    assert proposal.texts == ("公园里的船怎么租", "公园里的船在哪租")
    assert propose_entries(BOATS[1:3], segmenter, SETTINGS, answers=no_answer) == []
    assert propose_entries(BOATS, segmenter, SETTINGS, answers=lambda _: "K1") == []


def test_where_a_unit_s_reply_settled_it_two_residents_are_enough(segmenter: Segmenter) -> None:
    settled = [use(2, "公园的船在哪租", kind="replied", row=row) for row in (7, 8)]
    (proposal,) = propose_entries([BOATS[0], *settled], segmenter, SETTINGS, answers=no_answer)

    assert (proposal.origin, proposal.residents) == ("replied", 2)
    assert [source.row for source in proposal.sources if source.is_ticket] == [8]  # the last that this resident had
    assert propose_entries(settled, segmenter, SETTINGS, answers=no_answer) == []


def test_the_same_question_is_one_whatever_its_marks() -> None:
    assert fold("公园里的船，怎么租？ ") == fold("公园里的船怎么租")
    assert fold("公园里的船怎么租") != fold("公园里的车怎么租")
    assert fold("？！") == ""


def test_a_proposal_names_rows_of_each_of_its_wordings_and_two_residents_more_than_are_needed(segmenter: Segmenter) -> None:
    uses = [use(resident, "公园里的船怎么租", row=resident) for resident in range(1, 10)]
    uses += [
        use(9, "公园里的船怎么租", row=10),
        use(9, "公园里的船在哪租", row=11),
        use(8, "公园的船怎么租", kind="replied", row=3),
    ]
    (proposal,) = propose_entries(uses, segmenter, SETTINGS, answers=no_answer)

    named = {text: [source.row for source in proposal.sources if source.text == text] for text in proposal.texts}
    assert {text: len(rows) for text, rows in named.items()} == {
        "公园里的船怎么租": SETTINGS.replied_residents + SPARE,
        "公园里的船在哪租": 1,
        "公园的船怎么租": 1,
    }
    assert [source for source in proposal.sources if source.is_ticket] == [
        Source(row=3, is_ticket=True, resident=8, text="公园的船怎么租")
    ]
    left = stand("entry", "", proposal.sources, SETTINGS, residents=proposal.residents, times=proposal.times)
    assert left == proposal


@pytest.mark.parametrize(
    ("kind", "residents", "is_ticket", "stands"),
    [
        ("phrasing", (1, 2), False, True),
        ("phrasing", (1, 1), False, False),
        ("entry", (1, 2, 3), False, True),
        ("entry", (1, 2), False, False),
        ("entry", (1, 2), True, True),
        ("entry", (2, 2), True, False),
        ("word", (1, 2, 3), True, True),
        ("word", (1, 2), True, False),
        ("word", (), True, False),
    ],
)
def test_what_is_left_of_its_sources_has_to_be_enough(
    kind: ProposalKind, residents: tuple[int, ...], is_ticket: bool, stands: bool
) -> None:
    sources = [Source(row=row, is_ticket=is_ticket, resident=one, text="灯泡") for row, one in enumerate(residents)]

    left = stand(kind, "K1", sources, SETTINGS, residents=9, times=12)

    assert (left is not None) == stands
    if left is not None:
        assert (left.text, left.texts, left.residents, left.times) == ("灯泡", ("灯泡",), 9, 12)
