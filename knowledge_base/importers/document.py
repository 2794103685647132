"""Policy entries from a document (DOCX, PDF): a part for each heading or article, named by the document and the heading, with what it says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from knowledge_base.entry_rows import preview_rows
from knowledge_base.importers import ImporterSpec, Preview, Problem
from knowledge_base.reading_apart import read_apart
from knowledge_base.taking import take
from store.sheets import Sheet, SheetError, SheetRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_ARTICLE = re.compile(
    r"(第[一二三四五六七八九十百零〇\d]{1,6}[章节条]|[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[）)])\s*(.*)"
)
_TITLE = 60
"""Characters of the words of an article that stand in its name."""
_PART = 1500
"""Characters from which on a part is cut in two at a line: a resident reads no more at once."""
_COLUMNS = ("code", "kind", "question", "answer", "source")


def preview(path: Path, **options: Any) -> Preview:
    """Read a document: the parts it holds; nothing is written. The options are those of PreviewFile; the document is the source if none is named."""
    try:
        parts = read_apart(path, path.suffix.lower().removeprefix("."))["parts"]
    except (SheetError, OSError) as error:
        return Preview(problems=(Problem(0, "unreadable", {"error": str(error)}),))
    given = {name: value for name, value in options.items() if value and name != "column_map"}
    title = next((text for _, _, text in parts if text), path.stem)[:_TITLE]
    rows = tuple(_make_rows(cut_parts(parts), title, given.get("source", f"《{title}》")))
    return preview_rows(Sheet(_COLUMNS, rows), **(given | {"kind": "policy", "key_columns": ("question",)}))


def cut_parts(parts: Iterable[tuple[int, int, str]]) -> Iterator[tuple[int, str, str]]:
    """Cut a document at its headings and articles: the number of its first paragraph, the heading, the text."""
    line, heading, text = 1, "", list[str]()
    for number, level, written in parts:
        article = _ARTICLE.fullmatch(written)
        longer = sum(map(len, text)) + len(written) > _PART
        if not (level or article or longer):
            text += [written] if written else []
            continue
        if text:
            yield line, heading, "\n".join(text)
        line = number
        if level or article:
            heading = written[:_TITLE]
        text = [written] if written and not level else []
    if text:
        yield line, heading, "\n".join(text)


def _make_rows(cut: Iterable[tuple[int, str, str]], title: str, source: str) -> Iterator[SheetRow]:
    """Make a row of each part; parts of one name are numbered."""
    seen: dict[str, int] = {}
    for line, heading, text in cut:
        name = f"{title} {heading}".strip() if heading != title else title
        seen[name] = seen.get(name, 0) + 1
        question = name if seen[name] == 1 else f"{name}（{seen[name]}）"
        yield SheetRow(line, {"code": "", "kind": "", "question": question, "answer": text, "source": source})


IMPORTER = ImporterSpec(name="document", suffixes=(".docx", ".pdf"), preview=preview, apply=take)
