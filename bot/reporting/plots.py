"""Plots as SVG text, made here so that a page needs no script and no network: bars beside one another, and lines over days. Pure.

Each is drawn for a wide screen or paper, and for a phone, where the page shows the narrow one: its letters are as large as the text's.
Colours are told apart in print too: every series after the first is hatched or dashed.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Literal, NamedTuple
from zlib import crc32

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PlotKind = Literal["bars", "lines"]

_ROW, _GAP, _TOP = 13, 9, 30
_HEIGHT, _BOTTOM = 240, 34
_COLOURS = ("#1f5f8b", "#b8631b", "#4d7a3a")
_DASHES = ("", "6 4", "2 3")
_STEPS = (1, 2, 5)


class Shape(NamedTuple):
    """How large a plot is drawn, in units of its letters' size of 12: `left` and `right` of bars, so many parts of the axis, labels of a line."""

    name: str
    width: int
    left: int
    right: int
    parts: int
    labels: int
    longest: int
    """Characters of a label beside a bar."""


WIDE = Shape("wide", 760, 150, 60, parts=5, labels=10, longest=11)
NARROW = Shape("narrow", 340, 104, 52, parts=3, labels=6, longest=8)


class Series(msgspec.Struct, frozen=True):
    """A name and its values, one for each label of the plot; a line may end before the last label."""

    name: str
    values: tuple[int, ...]


class Plot(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be drawn: `labels` along the axis, each series with at most as many values; all values 0 and up."""

    kind: PlotKind
    title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]


def draw(plot: Plot, *, shape: Shape = WIDE) -> str:
    """Draw a plot as an <svg> element; "" if there is nothing to draw."""
    if not plot.labels or not any(value for series in plot.series for value in series.values):
        return ""
    return _draw_bars(plot, shape) if plot.kind == "bars" else _draw_lines(plot, shape)


def draw_both(plot: Plot) -> str:
    """Draw a plot for a wide screen and for a phone, of which a page shows one; "" if there is nothing to draw."""
    return draw(plot) + draw(plot, shape=NARROW)


def find_step(most: int, *, parts: int = 5) -> int:
    """Find the step of an axis from 0 to at least `most` in about so many parts: 1, 2 or 5 times a power of ten."""
    scale = 1
    while True:
        for step in _STEPS:
            if step * scale * parts >= most:
                return step * scale
        scale *= 10


def _draw_bars(plot: Plot, shape: Shape) -> str:
    """Draw horizontal bars, one group a label, the first label at the top."""
    most = max(value for series in plot.series for value in series.values)
    step = find_step(most, parts=shape.parts)
    top_value = -(-most // step) * step
    group = _ROW * len(plot.series) + _GAP
    height = _TOP + group * len(plot.labels) + 22
    across = (shape.width - shape.left - shape.right) / top_value
    parts = [_legend(plot, shape)]
    for value in range(0, top_value + 1, step):
        x = shape.left + value * across
        parts.append(f'<line x1="{x:.1f}" y1="{_TOP - 4}" x2="{x:.1f}" y2="{height - 20}" class="grid"/>')
        parts.append(f'<text x="{x:.1f}" y="{height - 6}" text-anchor="middle">{value:,}</text>')
    for place, label in enumerate(plot.labels):
        y = _TOP + place * group
        middle = y + _ROW * len(plot.series) / 2 + 4
        parts.append(f'<text x="{shape.left - 8}" y="{middle:.1f}" text-anchor="end">{escape(_cut(label, shape.longest))}</text>')
        for number, series in enumerate(plot.series):
            width = series.values[place] * across
            line = y + number * _ROW
            parts.append(
                f'<rect x="{shape.left}" y="{line}" width="{width:.1f}" height="{_ROW - 2}" fill="{_fill(plot, number, shape)}"'
                f' stroke="{_COLOURS[number]}"><title>{escape(label)} {escape(series.name)} {series.values[place]:,}</title></rect>'
            )
            parts.append(
                f'<text x="{shape.left + width + 4:.1f}" y="{line + _ROW - 3}" class="value">{series.values[place]:,}</text>'
            )
    return _wrap(plot, parts, shape, height=height)


def _draw_lines(plot: Plot, shape: Shape) -> str:
    """Draw a line a series over the labels from left to right."""
    most = max(value for series in plot.series for value in series.values)
    step = find_step(most, parts=shape.parts)
    top_value = -(-most // step) * step
    left = 48
    across = (shape.width - left - 20) / max(1, len(plot.labels) - 1)
    down = (_HEIGHT - _TOP - _BOTTOM) / top_value
    floor = _HEIGHT - _BOTTOM
    parts = [_legend(plot, shape)]
    for value in range(0, top_value + 1, step):
        y = floor - value * down
        parts.append(f'<line x1="{left}" y1="{y:.1f}" x2="{shape.width - 20}" y2="{y:.1f}" class="grid"/>')
        parts.append(f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{value:,}</text>')
    every = -(-len(plot.labels) // shape.labels)
    for place in range(0, len(plot.labels), every):
        x = left + place * across
        parts.append(
            f'<text x="{x:.1f}" y="{_HEIGHT - 12}" text-anchor="middle">{escape(_cut(plot.labels[place], shape.longest))}</text>'
        )
    for number, series in enumerate(plot.series):
        points = " ".join(f"{left + place * across:.1f},{floor - value * down:.1f}" for place, value in enumerate(series.values))
        dashes = f' stroke-dasharray="{_DASHES[number]}"' if _DASHES[number] else ""
        parts.append(f'<polyline points="{points}" fill="none" stroke="{_COLOURS[number]}" stroke-width="2"{dashes}/>')
        parts += [
            f'<circle cx="{left + place * across:.1f}" cy="{floor - value * down:.1f}" r="2.2" fill="{_COLOURS[number]}">'
            f"<title>{escape(plot.labels[place])} {escape(series.name)} {value:,}</title></circle>"
            for place, value in enumerate(series.values)
        ]
    return _wrap(plot, parts, shape, height=_HEIGHT)


def _legend(plot: Plot, shape: Shape) -> str:
    parts = []
    x = shape.left if plot.kind == "bars" else 48
    for number, series in enumerate(plot.series):
        parts.append(
            f'<rect x="{x}" y="6" width="12" height="12" fill="{_fill(plot, number, shape)}" stroke="{_COLOURS[number]}"/>'
        )
        parts.append(f'<text x="{x + 17}" y="16">{escape(series.name)}</text>')
        x += 40 + 14 * len(series.name)
    return "".join(parts)


def _fill(plot: Plot, number: int, shape: Shape) -> str:
    return _COLOURS[0] if number == 0 else f"url(#{_name_hatch(plot, number, shape)})"


def _name_hatch(plot: Plot, number: int, shape: Shape) -> str:
    """Name a hatch so that no two plots of a page share one."""
    return f"hatch-{crc32(plot.title.encode()):08x}-{shape.name}-{number}"


def _wrap(plot: Plot, parts: Iterable[str], shape: Shape, *, height: int) -> str:
    hatches = "".join(_hatch(plot, number, shape) for number in range(1, len(plot.series)))
    return (
        f'<svg class="{shape.name}" viewBox="0 0 {shape.width} {height}" role="img" aria-label="{escape(plot.title)}" xmlns="http://www.w3.org/2000/svg">'
        f"<defs>{hatches}</defs>{''.join(parts)}</svg>"
    )


def _hatch(plot: Plot, number: int, shape: Shape) -> str:
    colour = _COLOURS[number]
    return (
        f'<pattern id="{_name_hatch(plot, number, shape)}" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate({45 * number})">'
        f'<rect width="5" height="5" fill="#fff"/><line x1="0" y1="0" x2="0" y2="5" stroke="{colour}" stroke-width="3"/></pattern>'
    )


def _cut(label: str, longest: int) -> str:
    return label if len(label) <= longest else f"{label[: longest - 1]}…"


def pair(title: str, rows: Sequence[tuple[str, int, int]], *, names: tuple[str, str], kind: PlotKind = "bars") -> Plot:
    """Make a plot of two series out of rows of label and two values."""
    first, second = (tuple(row[place] for row in rows) for place in (1, 2))
    series = (Series(names[0], tuple(map(int, first))), Series(names[1], tuple(map(int, second))))
    return Plot(kind=kind, title=title, labels=tuple(row[0] for row in rows), series=series)
