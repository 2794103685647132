"""The command line of codes: made once, listed, printed to a file, revoked; what cannot be done is said in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cli.main import run

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

AREA = "LA-DL-LT-02"


def say(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> list[str]:
    """Run a command; give the lines it printed, with those of a refusal."""
    assert run(["codes", *arguments]) == code
    printed = capsys.readouterr()
    return (printed.out + printed.err).splitlines()


def make_door(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return say(capsys, "make", "--area", f"{AREA}-G1", "--name", "柳浪新村", "--building", "3号楼", "--door", "501")


def test_codes_are_made_once_and_listed(seeded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert seeded.is_dir()
    assert say(capsys, "make", "--area", AREA)[-1] == "新做了 11 个码；0 个地方已经有码。"
    assert say(capsys, "make", "--area", AREA)[-1] == "新做了 0 个码；11 个地方已经有码。"
    assert make_door(capsys)[-1] == "新做了 1 个码；0 个地方已经有码。"
    assert len(say(capsys, "list")) == 13
    assert say(capsys, "list", "--kind", "door")[1:] == [f"12\t门牌码\t柳浪新村3号楼501\t{AREA}-G1\t还没打印\t0\t0\t"]


def test_a_sheet_needs_the_address_that_residents_open(
    seeded: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = seeded / "codes.html"
    make_door(capsys)

    [refused] = say(capsys, "print", "--out", str(out), code=1)
    assert refused.startswith("还没有设置居民打开网页用的网址，码印出来扫不开。")
    assert not out.exists()
    monkeypatch.setenv("JIEYING_SERVER_PUBLIC_URL", "https://codes.example")
    [done] = say(capsys, "print", "--out", str(out))
    assert done == f"1 个码排好了，写在 {out}：用浏览器打开打印，不缩放、不要页眉页脚。"
    assert out.read_text(encoding="utf-8").count("<svg") == 1
    assert say(capsys, "list")[1].split("\t")[4] == "打印过"


def test_a_revoked_code_is_listed_apart_and_what_is_not_there_is_said(seeded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert seeded.is_dir()
    make_door(capsys)

    assert say(capsys, "revoke", "1") == ["1 号码已停用。"]
    assert (len(say(capsys, "list")), len(say(capsys, "list", "--revoked"))) == (1, 2)
    assert say(capsys, "revoke", "9", code=1) == ["没有编号是 9 的码。有哪些请用 jieying codes list 看。"]
    assert say(capsys, "make", "--area", "nowhere", code=1) == ["没有区域 nowhere。区域编码请看导入的区域表。"]
    assert say(capsys, "make", "--worker", "UC001", code=1) == ["UC001 不是在岗的网格员或联络员，不能做联系卡。"]
