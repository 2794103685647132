"""A sentence is split at what only a program says in it."""

from __future__ import annotations

import pytest

from console.pages.spoken import split_codes
from tests.spoken_pages import find_codes


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("没有不对的地方。", [(False, "没有不对的地方。")]),
        ("还有 12 条", [(False, "还有 12 条")]),
        ("请用 jieying import areas 导入", [(False, "请用 "), (True, "jieying import areas"), (False, " 导入")]),
        ("KeyError", [(True, "KeyError")]),
        ("改成 yes，再导入 units", [(False, "改成 "), (True, "yes"), (False, "，再导入 "), (True, "units")]),
        ("<b>ab_c</b>", [(True, "<b>ab_c</b>")]),
    ],
)
def test_what_a_program_says_stands_apart(text: str, pieces: list[tuple[bool, str]]) -> None:
    assert split_codes(text) == pieces


def test_a_page_that_says_a_code_is_found_out() -> None:
    page = '<p title="dispatched">渠道 patrol</p><code>signed</code><script>let closed;</script><a href="/desk">act.note 好</a>'

    assert find_codes(page) == {"dispatched", "patrol", "act.note"}
