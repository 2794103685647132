from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cli.printing import print_json, print_table, show_progress

if TYPE_CHECKING:
    import pytest


def test_a_program_reads_one_line_per_row_with_tabs_between(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(["工单", "事项"], [["1", "路灯\t不亮\n两天"], [2, None]])

    assert capsys.readouterr().out == "工单\t事项\n1\t路灯 不亮 两天\n2\t\n"


def test_json_keeps_chinese_readable(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"事项": ["路灯"]})

    assert capsys.readouterr().out == '{\n  "事项": [\n    "路灯"\n  ]\n}\n'


def test_progress_is_silent_where_nobody_looks_on(capsys: pytest.CaptureFixture[str]) -> None:
    with show_progress("导入", 2) as progress:
        progress(2)

    assert capsys.readouterr() == ("", "")
