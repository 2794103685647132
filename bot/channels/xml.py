"""XML as WeChat speaks it: written so that no text can become markup, read so that no document can hurt us.

wechatpy's replies put text into CDATA as it comes, so a text with `]]>` injects nodes (protocol.md 5.2 row 1) and a control
character makes the reply unreadable (row 2); and its parser takes whatever is well-formed, however deep. Hence this file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.parsers import expat

Fields = Mapping[str, "str | int | Fields"]
"""What a document holds below its root: text, a number, or further fields, by tag."""

MAX_BYTES = 64 * 1024
"""The longest body we read. A compatible-mode push is about three times its text, and a text has 2,048 bytes."""

MAX_DEPTH = 8
"""The deepest push documented is xml/SendPicsInfo/PicList/item/PicMd5Sum: five levels."""

_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Everything that XML 1.0 (production 2, Char) does not allow, lone surrogates among it."""

_ATOM = re.compile(
    r"""
      <a\s[^>]{0,1024}>.{0,1024}?</a>                       # a link with its words
    | [A-Za-z][A-Za-z0-9+.-]{0,15}://[!-~]+                 # a bare address: ASCII without blanks, so Chinese text ends it
    | \+?[0-9](?:[ -]?[0-9]){2,19}                          # a telephone number, also with blanks and hyphens
    | \r\n
    | [\U0001f1e6-\U0001f1ff]{2}                            # a flag is two letters
    | .(?:[\u0300-\u036f\u20d0-\u20ff\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]|\u200d.)*
    """,
    re.VERBOSE | re.DOTALL,
)
"""What a cut never splits: a link, a telephone number, a line end, a character together with its marks, skin tone and joined emoji."""

_MORE = "…"
_BREAKS = ("\n", "。！？!?；;", "，、,  \t")
"""Where a cut reads best, the best first."""


class XmlError(Exception):
    """This is not an XML document that we read."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or self.__doc__)


def clean_text(text: str) -> str:
    """Drop what no XML document may contain."""
    return _ILLEGAL.sub("", text)


def render(fields: Fields) -> str:
    """Write a document `<xml>…</xml>`: text as CDATA that it cannot leave, numbers bare, mappings nested."""
    return f"<xml>{_render_fields(fields)}</xml>"


def read_fields(document: str) -> dict[str, str]:
    """Read the fields right below the root (the first of each name, nested text joined), and refuse what is not for us.

    XmlError: not well-formed, a document type or entity, deeper than MAX_DEPTH, another root than `xml`.
    """
    reader = _Reader()
    try:
        reader.parser.Parse(document, True)  # noqa: FBT003 - expat takes no keywords
    except expat.ExpatError as error:
        raise XmlError(f"not well-formed: {expat.ErrorString(error.code)}") from None
    except UnicodeEncodeError:
        raise XmlError("a lone surrogate") from None
    return reader.fields


def decode(body: bytes) -> str:
    """Read the bytes of a document as UTF-8; XmlError if they are not, or are more than MAX_BYTES."""
    if len(body) > MAX_BYTES:
        raise XmlError(f"longer than {MAX_BYTES} bytes")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise XmlError("not UTF-8") from None


def cut_text(text: str, limit: int) -> list[str]:
    """Cut a text into parts of at most `limit` UTF-8 bytes; joined they are the text again. 0 means no limit.

    No character, link or telephone number is split, unless it alone is longer than the limit. A cut falls after a line, a sentence or a
    comma where one stands in the second half of the part. ValueError for a limit that holds no character (1..3, negative).
    """
    if limit < 0 or 0 < limit < 4:  # noqa: PLR2004 - the longest character has 4 bytes
        raise ValueError(f"a part of {limit} bytes holds no character")
    if not text or limit == 0 or _size(text) <= limit:
        return [text] if text else []
    parts: list[str] = []
    part: list[str] = []
    room = limit
    for atom in _atoms(text, limit):
        size = _size(atom)
        if size > room:
            keep = _find_break(part, limit)
            parts.append("".join(part[:keep]))
            part = part[keep:]
            room = limit - _size("".join(part))
            if size > room:
                parts.append("".join(part))
                part, room = [], limit
        part.append(atom)
        room -= size
    return [*parts, "".join(part)]


def shorten_text(text: str, limit: int) -> str:
    """Shorten a text to at most `limit` UTF-8 bytes, ended by "…"; 0 means no limit. No character, link or telephone number is split."""
    if limit == 0 or _size(text) <= limit:
        return text
    room = limit - _size(_MORE)
    kept: list[str] = []
    for atom in _ATOM.findall(text):
        room -= _size(atom)
        if room < 0:
            break
        kept.append(atom)
    return "".join(kept).rstrip() + _MORE


def _render_fields(fields: Fields) -> str:
    return "".join(f"<{tag}>{_render_value(value)}</{tag}>" for tag, value in fields.items())


def _render_value(value: str | int | Fields) -> str:
    if isinstance(value, str):
        return f"<![CDATA[{clean_text(value).replace(']]>', ']]]]><![CDATA[>')}]]>"
    return str(value) if isinstance(value, int) else _render_fields(value)


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _atoms(text: str, limit: int) -> list[str]:
    """Split a text into what a cut keeps together; what is longer than the limit falls into its characters."""
    return [piece for atom in _ATOM.findall(text) for piece in ([atom] if _size(atom) <= limit else atom)]


def _find_break(part: list[str], limit: int) -> int:
    """Say how many atoms of a full part to keep: up to the last good break in its second half, else all of them."""
    for marks in _BREAKS:
        for keep in range(len(part), 0, -1):
            if part[keep - 1][-1] in marks:
                if 2 * _size("".join(part[:keep])) >= limit:
                    return keep
                break
    return len(part)


class _Reader:
    """An expat parser that counts depth, collects the first level's text, and stops at a document type."""

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}
        self._path: list[str] = []
        self._is_repeated = False
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype
        self.parser.StartElementHandler = self._enter
        self.parser.EndElementHandler = self._leave
        self.parser.CharacterDataHandler = self._add

    def _refuse_doctype(self, *_: object) -> None:
        raise XmlError("a document type")

    def _enter(self, tag: str, _attributes: dict[str, str]) -> None:
        self._path.append(tag)
        if len(self._path) > MAX_DEPTH:
            raise XmlError(f"deeper than {MAX_DEPTH} levels")
        if self._path == [tag] and tag != "xml":
            raise XmlError("another root than xml")
        if len(self._path) == 2:  # noqa: PLR2004 - right below the root
            self._is_repeated = tag in self.fields
            self.fields.setdefault(tag, "")

    def _leave(self, _tag: str) -> None:
        self._path.pop()

    def _add(self, text: str) -> None:
        if len(self._path) > 1 and not self._is_repeated:
            self.fields[self._path[1]] += text
