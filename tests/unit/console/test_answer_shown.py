"""An answer is shown with all that it says: material, place, hours and telephone apart, what can be rung and opened as links."""

from __future__ import annotations

import pytest

from console.pages.answer_shown import read_answer, split

SERVICE = (
    "满半年就能申请，15日内拿证。\n材料：身份证；居住登记凭证\n地点：安泰路150号\n时间：周一至周五 9:00-17:00\n电话：0900-6100211"
)


def write(answer: str) -> list[str]:
    """Give all that is shown, a line each."""
    shown = read_answer(answer)
    lines = ["".join(piece.text for piece in line) for line in shown.paragraphs]
    for detail in shown.details:
        lines += [f"{detail.label}：" + "；".join("".join(piece.text for piece in line) for line in detail.lines)]
    return lines


def links(text: str, *, calls: bool = False) -> list[str]:
    return [piece.href for piece in split(text, calls=calls) if piece.href]


def test_a_service_is_shown_with_its_details_in_their_order() -> None:
    shown = read_answer(SERVICE)

    assert [detail.name for detail in shown.details] == ["materials", "place", "hours", "phone"]
    assert [len(detail.lines) for detail in shown.details] == [2, 1, 1, 1]
    assert [piece.href for piece in shown.details[3].lines[0]] == ["tel:0900-6100211"]
    assert write(SERVICE) == SERVICE.split("\n")


@pytest.mark.parametrize("answer", ["", "只有一句。", "第一句。\n第二句：有冒号，没有别的。", "材料：", "电话：无人值守"])
def test_nothing_that_is_said_is_lost(answer: str) -> None:
    assert write(answer) == [line for line in answer.split("\n") if line]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("请打0900-6100211问", ["tel:0900-6100211"]),
        ("打12345或者13900001234", ["tel:12345", "tel:13900001234"]),
        ("400-820-1234", ["tel:400-820-1234"]),
        ("上网办：https://www.lanan.example/a?b=1。", ["https://www.lanan.example/a?b=1"]),
        ("https://www.lanan.example/0900-6100211", ["https://www.lanan.example/0900-6100211"]),
    ],
)
def test_what_can_be_rung_or_opened_is_a_link(text: str, found: list[str]) -> None:
    assert links(text) == found
    assert "".join(piece.text for piece in split(text)) == text


@pytest.mark.parametrize("text", ["每年12000元", "120元", "110101199001011234", "最多200个字", "javascript:alert(1)", "2025-03-12"])
def test_what_is_no_number_to_call_and_no_address_is_no_link(text: str) -> None:
    assert links(text) == []


def test_short_numbers_are_rung_only_where_a_telephone_is_given() -> None:
    assert links("110、95598", calls=True) == ["tel:110", "tel:95598"]
    assert links("110、95598") == []
