from __future__ import annotations

import pytest

from knowledge_base.columns import assign_columns, compose_answer, nearest, read_cell, read_list


def test_columns_are_known_by_name_in_either_language_whatever_their_case() -> None:
    assert assign_columns(["编号", "标准问", "Answer", "DEPT_NAME", "备注"], {}) == {
        "code": ("编号",),
        "question": ("标准问",),
        "answer": ("Answer",),
        "unit": ("DEPT_NAME",),
    }


def test_a_mapped_column_fills_its_field_and_no_other() -> None:
    assert assign_columns(["title", "question"], {"answer": "question"}) == {"question": ("title",), "answer": ("question",)}


def test_of_two_columns_for_a_field_the_usual_one_comes_first() -> None:
    columns = assign_columns(["title", "question"], {})["question"]

    assert read_cell({"title": "标题", "question": "问"}, columns) == "问"
    assert read_cell({"title": "标题", "question": "无"}, columns) == "标题"
    assert read_cell({"title": "", "question": "暂无"}, columns) == ""


@pytest.mark.parametrize(
    ("cell", "values"),
    [
        ("甲|乙| 甲 |", ("甲", "乙")),
        ("甲\n乙", ("甲", "乙")),
        ('["甲", "乙，丙"]', ("甲", "乙，丙")),
        ("[注] 甲", ("[注] 甲",)),
        ("", ()),
    ],
)
def test_a_cell_may_hold_several_values(cell: str, values: tuple[str, ...]) -> None:
    assert read_list(cell) == values


def test_an_answer_holds_every_detail_once() -> None:
    details = {
        "materials": '["身份证", "户口簿"]',
        "place": "办理地点：东门路1号",
        "phone": "0900-1",
        "url": "https://a.example",
        "hours": "",
    }

    assert compose_answer("网上也能办：https://a.example", details) == (
        "网上也能办：https://a.example\n材料：身份证；户口簿\n办理地点：东门路1号\n电话：0900-1"
    )
    assert compose_answer("", {}) == ""


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        ("10(工作日)", "办理时限：10个工作日"),
        ("5（个工作日）", "办理时限：5个工作日"),
        ("30(天)", "办理时限：30天"),
        ("当场办结", "办理时限：当场办结"),
        ("3(份)", "办理时限：3(份)"),
    ],
)
def test_a_time_limit_is_said_as_people_do(cell: str, line: str) -> None:
    assert compose_answer("", {"limit": cell}) == line


def test_the_nearest_name_is_offered() -> None:
    assert nearest("anwser", ["question", "answer"]) == "answer"
    assert nearest("question", ["编号", "问题描述"], also=("问题",)) == "问题描述"
    assert nearest("question", []) == ""
