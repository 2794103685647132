"""Names of people in free text: who somebody says they are, whom they name as contact, 张三先生 and 隔壁王奶奶. Roles (王主任) are public and stay.

No list holds all given names, so the words around a name decide: 我叫…, 她叫…, 联系人：…, …先生, or a number of a person that follows at once.
What cannot be told from an ordinary word (人名 without any such sign) is not found: a person approves what leaves the desk in confidence.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_HAN = r"[\u3400-\u9fff]"
_BETWEEN = r"[\s:：,，]{0,2}"


def find_names(text: str, *, names: Sequence[str] = (), labels: Sequence[str] = ()) -> list[tuple[int, int]]:
    """Find where names stand: (start, end), in order, none over another.

    `names` are looked for as they are; a name before one of the `labels` (what a masked telephone was replaced by) is one too.
    """
    found: list[tuple[int, int]] = []
    for span in sorted(
        {*_find_given(text, names), *_find_signed(text), *_find_labelled(text, labels)}, key=lambda one: (one[0], -one[1])
    ):
        if not found or span[0] >= found[-1][1]:
            found.append(span)
    return found


def _find_given(text: str, names: Sequence[str]) -> Iterator[tuple[int, int]]:
    for name in names:
        if len(name) > 1:
            yield from (match.span() for match in re.finditer(re.escape(name), text))


def _find_signed(text: str) -> Iterator[tuple[int, int]]:
    """Find names by the words before and after them."""
    never = _words()["never"]
    for pattern in _patterns():
        for match in pattern.finditer(text):
            if not match["name"].startswith(never):
                yield match.span("name")


def _find_labelled(text: str, labels: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Find names that stand right before a telephone: 张三 〔电话〕, 李四，电话〔电话〕."""
    if any(label in text for label in labels):
        ends = "|".join(map(re.escape, labels))
        signs = _alternatives(_words()["number_signs"])
        name = rf"(?:(?<=^)|(?<![\u3400-\u9fff\u3015]))(?P<name>{_name()}){_BETWEEN}(?:{signs})?{_BETWEEN}(?={ends})"
        never = _words()["never"]
        yield from (match.span("name") for match in re.finditer(name, text) if not match["name"].startswith(never))


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    words = _words()
    before, middle, weak, after, called = (
        _alternatives(words[key]) for key in ("before", "middle_before", "weak_before", "after", "called")
    )
    people = _alternatives((*words["people"], *words["middle_before"]))
    end = rf"(?=$|[^\u3400-\u9fff]|[{words['ends']}])"
    exact = rf"(?:{_surname()}){_HAN}{{1,2}}?{end}"
    loose = rf"(?:{_surname()}){_HAN}{{1,2}}"
    strict = rf"(?=\s*(?:$|[^\u3400-\u9fff\s]|[{words['weak_ends']}]))"
    nobody = rf"(?!(?:{_surname()})(?:{_alternatives(words['roles'])}|{_HAN}{{0,2}}[{words['places']}]))"
    others = rf"(?:(?!{_surname()}){_HAN}){{0,2}}"
    return (
        re.compile(rf"(?:{before})(?:{_alternatives(words['is'])})?{_BETWEEN}(?P<name>{exact}|{loose})"),
        re.compile(rf"(?:{middle})(?P<name>{exact})"),
        re.compile(rf"(?:{weak})(?P<name>(?:{_surname()}){_HAN}{{1,2}}?){strict}"),
        re.compile(rf"(?:{people}){_BETWEEN}(?:{called}){nobody}(?P<name>{exact})"),
        re.compile(rf"^\s*(?:{called}){nobody}(?P<name>(?:{_surname()}){_HAN}{{1,2}}?){strict}"),
        re.compile(rf"(?P<name>(?:{_surname()})?(?:{_surname()}){others})(?={after})"),
    )


def _name() -> str:
    return rf"(?:{_surname()}){_HAN}{{1,2}}"


@cache
def _surname() -> str:
    words = _words()
    return rf"{_alternatives(words['double'])}|[{words['single']}]"


def _alternatives(words: Sequence[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


@cache
def _words() -> dict[str, Any]:
    raw = tomllib.loads(resources.files("residents").joinpath("lexicons/personal_names.toml").read_text(encoding="utf-8"))
    lists = {key: tuple(value) for key, value in raw.items() if isinstance(value, list)}
    return lists | {
        "single": "".join(raw["single"].split()),
        "ends": raw["ends"],
        "weak_ends": raw["weak_ends"],
        "places": raw["places"],
    }
