"""The monthly pack as one HTML page to read and to print: no script, nothing from elsewhere, plots drawn in it."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from bot.reporting.plots import draw_both
from bot.reporting.saying import say

if TYPE_CHECKING:
    from bot.reporting.pack import Pack, Section

_CHANGE = re.compile(r"[+-][\d,]+")

_STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.55 "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", sans-serif;
  color: #1c242b; max-width: 62rem; margin: 2rem auto; padding: 0 1.2rem; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .4rem; border-bottom: 2px solid #1f5f8b; padding-bottom: .2rem; }
p.note, p.made { color: #51606c; margin: .2rem 0 .7rem; font-size: .9rem; }
nav ol { columns: 3; padding-left: 1.4rem; font-size: .92rem; } nav a { color: #1f5f8b; text-decoration: none; }
div.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .55rem; border-bottom: 1px solid #d5dde4; }
th { background: #eef3f7; white-space: nowrap; } th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
#figures td:nth-child(-n+3), #units td { white-space: nowrap; }
svg { display: block; width: 100%; height: auto; margin: .8rem 0 .2rem; font-size: 12px; }
svg.narrow { display: none; } @media (max-width: 640px) { svg.wide { display: none; } svg.narrow { display: block; } }
svg text { fill: #33404a; } svg .value { font-size: 11px; } svg .grid { stroke: #dde4ea; stroke-width: 1; }
@page { size: A4; margin: 14mm; }
@media print { body { margin: 0; max-width: none; font-size: 10.5pt; padding: 0; } nav { display: none; } div.wide { overflow: visible; }
  h2 { break-after: avoid; } tr, svg { break-inside: avoid; } thead { display: table-header-group; } }
"""


def write_page(pack: Pack) -> str:
    """Write a pack as an HTML page."""
    title = escape(pack.title)
    links = "".join(f'<li><a href="#{section.key}">{escape(section.title)}</a></li>' for section in pack.sections)
    parts = "".join(map(_write_section, pack.sections))
    return (
        f'<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><header><h1>{title}</h1>"
        f'<p class="made">{escape(pack.made)}</p></header><nav><ol>{links}</ol></nav><main>{parts}</main></body></html>\n'
    )


def _write_section(section: Section) -> str:
    note = f'<p class="note">{escape(section.note)}</p>' if section.note else ""
    plot = draw_both(section.plot) if section.plot is not None else ""
    return f'<section id="{section.key}"><h2>{escape(section.title)}</h2>{note}{plot}{_write_table(section)}</section>'


def _write_table(section: Section) -> str:
    if not section.rows:
        return f'<p class="note">{escape(say("nothing"))}</p>'
    first = section.rows[0]
    head = "".join(
        f'<th scope="col"{_mark(value)}>{escape(column)}</th>' for column, value in zip(section.columns, first, strict=True)
    )
    body = "".join(f"<tr>{''.join(map(_write_cell, row))}</tr>" for row in section.rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _write_cell(value: str | int) -> str:
    return f"<td{_mark(value)}>{f'{value:,}' if isinstance(value, int) else escape(value)}</td>"


def _mark(value: str | int) -> str:
    """Mark a number, or how much one changed, to stand under the others."""
    return ' class="number"' if isinstance(value, int) or _CHANGE.fullmatch(value) else ""
