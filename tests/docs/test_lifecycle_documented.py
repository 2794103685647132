"""docs/lifecycle.md shows the one table of routing.lifecycle and what residents hear, row by row; and the defaults it names are the defaults.

`python -m tests.docs.test_lifecycle_documented` writes the tables anew.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.settings import Settings
from bot.texts import fill, has_text, load_texts
from routing.lifecycle import TRANSITIONS
from routing.notice_table import TOLD
from routing.terms import OPEN_STATUSES, Status
from tests.architecture.sources import ROOT, text_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from routing.lifecycle import ClockKind, ClockMove, Need, Role, Tick, Transition

DOCUMENT = "docs/lifecycle.md"
ROLES: dict[Role, str] = {
    "resident": "居民",
    "unit": "承办单位",
    "desk": "指挥室",
    "system": "程序",
    "supervisor": "上级负责人",
    "reporter": "报事的或那个网格的网格员",
    "assisting": "协办单位",
}
NEEDS: dict[Need, str] = {
    "text": "说明",
    "reason": "原因",
    "unit": "单位",
    "rating": "结果",
    "until": "到几时",
    "ticket": "并进哪一件",
}
CLOCKS: dict[ClockKind, str] = {"desk": "指挥室", "unit": "单位", "resident": "居民", "review": "裁定", "progress": "进展"}
MOVES: dict[ClockMove, str] = {
    "start": "开始",
    "stop": "停下来判",
    "void": "不算",
    "pause": "停着",
    "resume": "接着走",
    "extend": "往后延",
    "again": "另开一轮",
    "revive": "接着算",
}
_HEARD = frozenset({"residents", "opener"})


def name_statuses(statuses: Collection[Status]) -> str:
    """Name the statuses a row may be done from."""
    if not statuses:
        return "（新来的）"
    if set(statuses) == set(Status):
        return "任何状态"
    if set(statuses) >= OPEN_STATUSES:
        more = [name_status(one) for one in Status if one in statuses and one not in OPEN_STATUSES]
        return "、".join(["没有结束的", *more])
    return "、".join(name_status(one) for one in Status if one in statuses)


def name_status(status: Status) -> str:
    return fill("cli", f"status_{status}")


def name_ticks(ticks: Collection[Tick]) -> str:
    """Name what a row does to the clocks, the moves of each clock together."""
    moves: dict[str, list[str]] = {}
    for kind, move in ticks:
        moves.setdefault(CLOCKS[kind], []).append(MOVES[move])
    return "；".join(f"{clock}：{'，再'.join(done)}" for clock, done in moves.items())


def list_row(row: Transition) -> str:
    """Write one row of the table."""
    told = f"`{row.told}`" if row.told else ""
    cells = (
        fill("cli", f"act_{row.act}"),
        name_statuses(row.sources),
        name_status(row.to) if row.to else "不变",
        "、".join(ROLES[role] for role in row.roles),
        "、".join(NEEDS[need] for need in row.needs),
        told,
        name_ticks(row.clocks),
    )
    return f"| {' | '.join(cells)} |".replace("|  |", "| |").replace("|  |", "| |")


def table_of_transitions() -> str:
    head = ("| 动作 | 从哪些状态 | 到 | 谁可以 | 要写明 | 居民听到 | 钟 |", "|---|---|---|---|---|---|---|")
    return "\n".join((*head, *(list_row(row) for row in TRANSITIONS)))


def table_of_told() -> str:
    """Write what residents hear, by the names of the first table; notices that only supervision or a merge brings as well."""
    heard = dict.fromkeys(key for lines in TOLD.values() for who, key in lines if who in _HEARD)
    texts = load_texts()["notice"]
    lines = [f"| `{key}` | {texts[key].replace(chr(10), '<br>')} |" for key in (*heard, "merged_over", "recounted")]
    return "\n".join(("| 名字 | 居民读到的 |", "|---|---|", *lines))


TABLES = {"transitions": table_of_transitions, "told": table_of_told}


def renew(text: str) -> str:
    """Give the document with its tables written anew, each between its two marks."""
    for name, table in TABLES.items():
        begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        before, rest = text.split(begin)
        _, after = rest.split(end)
        text = f"{before}{begin}\n{table()}\n{end}{after}"
    return text


def test_the_tables_are_those_of_the_code() -> None:
    assert text_of(DOCUMENT).splitlines() == renew(text_of(DOCUMENT)).splitlines()


def test_a_row_that_is_changed_would_be_found() -> None:
    changed = text_of(DOCUMENT).replace("| 签收 | 已派单 |", "| 签收 | 已签收 |")

    assert changed != text_of(DOCUMENT)
    assert renew(changed) == text_of(DOCUMENT)


def test_every_act_and_status_has_its_name() -> None:
    names = [f"act_{row.act}" for row in TRANSITIONS] + [f"status_{status}" for status in Status]

    assert [name for name in names if not has_text("cli", name)] == []


def test_the_settings_it_names_have_these_defaults() -> None:
    settings = Settings()
    named = re.findall(r"`\[(\w+)\] (\w+) = ([^`]+)`", text_of(DOCUMENT) + text_of("docs/routing.md"))

    assert [one for one in named if str(getattr(getattr(settings, one[0]), one[1])) != one[2].strip('"')] == []
    assert len(named) > 10


if __name__ == "__main__":
    ROOT.joinpath(DOCUMENT).write_text(renew(text_of(DOCUMENT)), encoding="utf-8")
