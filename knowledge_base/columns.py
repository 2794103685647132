"""Which column of a table fills which field of an entry: the names that tables use, and how a service's details become an answer."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, cast, get_args

import msgspec
from rapidfuzz import fuzz

from knowledge_base.entry import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_NOTHING = frozenset({"", "无", "暂无", "-", "/", "—", "null", "None", "[]"})
"""What people write into a cell that has nothing to say."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""With these a spreadsheet program takes a cell for a formula."""
_DAYS = re.compile(r"(\d+)\s*[(（]\s*(个?工作日|天)\s*[)）]")
"""A time limit as the government service platforms export it: 『10(工作日)』."""


_DATE = re.compile(r"(\d{4})\s*[-/.年]?\s*(\d{1,2})\s*[-/.月]?\s*(\d{1,2})\s*日?")
KINDS: dict[str, Kind] = {kind: kind for kind in get_args(Kind)} | cast(
    "dict[str, Kind]", {"问答": "question", "政策": "policy", "服务事项": "service_item", "服务点": "service_point"}
)
"""Every word for a kind of entry, and the kind."""


class Field(msgspec.Struct, frozen=True):
    """A field that a column can fill: the column names known for it, and the label it has in an answer, if it stands there."""

    columns: tuple[str, ...]
    label: str = ""


FIELDS: dict[str, Field] = {
    "code": Field(("code", "编号", "编码", "条目编号", "事项编码")),
    "kind": Field(("kind", "种类", "类型")),
    "question": Field(("question", "标准问", "问题", "title", "标题", "name", "名称", "task_name", "事项名称", "服务点名称")),
    "answer": Field(("answer", "答案", "回答", "答复", "content", "内容", "正文")),
    "phrasings": Field(("phrasings", "问法", "相似问", "其他问法")),
    "unit": Field(("unit", "单位", "承办单位", "责任单位", "department", "部门", "dept_name")),
    "area": Field(("area", "区域", "区域编码")),
    "source": Field(("source", "来源", "出处")),
    "source_date": Field(("source_date", "来源日期", "发布日期", "成文日期")),
    "valid_from": Field(("valid_from", "生效日期")),
    "valid_to": Field(("valid_to", "失效日期", "有效期至")),
    "coordinates": Field(("coordinates", "坐标", "经纬度")),
    "longitude": Field(("longitude", "经度", "lng", "lon")),
    "latitude": Field(("latitude", "纬度", "lat")),
    "accept_standard": Field(("accept_standard", "受理条件", "办理条件"), "受理条件"),
    "materials": Field(("materials", "material_intro", "材料", "申请材料", "所需材料"), "材料"),
    "place": Field(("place", "handle_location", "地点", "办理地点", "地址"), "地点"),
    "hours": Field(("hours", "时间", "办理时间", "开放时间", "服务时间"), "时间"),
    "phone": Field(("phone", "consult_phone", "电话", "咨询电话", "联系电话"), "电话"),
    "limit": Field(("limit", "handle_time_limit", "办理时限", "承诺办结时限"), "办理时限"),
    "url": Field(("url", "网址", "链接", "办理网址"), "网址"),
}
"""Every field an import knows, by name."""

DETAILS = tuple(name for name, field in FIELDS.items() if field.label)
"""The fields that a service item or point is described by."""


def read_day(cell: str) -> date | None:
    """Read a day as people write it: 2025-03-12, 2025/3/12, 2025.3.12, 2025年3月12日, 20250312; None for what is none."""
    found = _DATE.fullmatch(cell)
    if found:
        with suppress(ValueError):  # a 31st of February is no day
            year, month, day = map(int, found.groups())
            return date(year, month, day)
    return None


def assign_columns(columns: Sequence[str], column_map: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Give the columns that fill each field: the mapped one, else all that bear a known name, in the order of FIELDS."""
    mapped = {field: (column,) for field, column in column_map.items() if field in FIELDS and column in columns}
    taken = {column for (column,) in mapped.values()}
    present = {column.lower(): column for column in columns if column not in taken}
    known = {name: tuple(present[column] for column in field.columns if column in present) for name, field in FIELDS.items()}
    return {name: found for name, found in (known | mapped).items() if found}


def nearest(wanted: str, candidates: Sequence[str], *, also: Sequence[str] = ()) -> str:
    """Give the candidate that looks most like a name, or like one of the other names for it; "" if there are none."""
    names = [name.lower() for name in (wanted, *also)]
    return max(candidates, key=lambda candidate: max(fuzz.ratio(candidate.lower(), name) for name in names), default="")


def read_cell(cells: Mapping[str, str], columns: Sequence[str]) -> str:
    """Give the first of these cells that says something; "" if none does."""
    cell = next((cells[column] for column in columns if cells[column] not in _NOTHING), "")
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def guard(cell: str) -> str:
    """Make a cell that spreadsheet programs would take for a formula plain text, as they do themselves; read_cell takes it back."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def read_list(cell: str, separators: str = "|\n") -> tuple[str, ...]:
    """Read a cell that holds several values: a JSON list, or values between separators; none twice."""
    parts: list[str] = []
    if cell.startswith("["):
        try:
            parts = [str(part) for part in json.loads(cell)]
        except ValueError:
            parts = []
    if not parts:
        for separator in separators[1:]:
            cell = cell.replace(separator, separators[0])
        parts = cell.split(separators[0])
    return tuple(dict.fromkeys(stripped for part in parts if (stripped := part.strip())))


def compose_answer(answer: str, details: Mapping[str, str]) -> str:
    """Put an answer and the details of a service together, a line each; what the answer already says is not said again."""
    lines = [answer] if answer else []
    for name in DETAILS:
        value = _DAYS.sub(_say_days, "；".join(read_list(details.get(name, ""))))
        if not value or value in answer:
            continue
        label = FIELDS[name].label
        own = value.split("：", 1)[0] in {label, *FIELDS[name].columns}
        lines.append(value if own and "：" in value else f"{label}：{value}")
    return "\n".join(lines)


def _say_days(found: re.Match[str]) -> str:
    """Say a time limit as people do: 『10个工作日』, 『30天』."""
    return found[1] + ("天" if found[2] == "天" else "个工作日")
