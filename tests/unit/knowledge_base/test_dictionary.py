from __future__ import annotations

from typing import TYPE_CHECKING

import jieba
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.dictionary import load_tokenizer, pack, unpack

if TYPE_CHECKING:
    from pathlib import Path

WORDS = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), min_size=1, max_size=6)


def test_the_dictionary_is_jieba_s_own_made_taken_from_the_file_or_made_anew(tmp_path: Path) -> None:
    own = jieba.Tokenizer()
    own.FREQ, own.total = own.gen_pfdict(own.get_dict_file())

    made = load_tokenizer(tmp_path)
    (file,) = tmp_path.iterdir()
    whole, written = file.read_bytes(), file.stat().st_mtime_ns
    taken = load_tokenizer(tmp_path)
    untouched = file.stat().st_mtime_ns
    file.write_bytes(whole[:-1])
    anew = load_tokenizer(tmp_path)

    for tokenizer in (made, taken, anew):
        assert (tokenizer.FREQ, tokenizer.total) == (own.FREQ, own.total)
    assert untouched == written
    assert file.read_bytes() == whole


@given(frequencies=st.dictionaries(WORDS, st.integers(0, 2**40), min_size=1), total=st.integers(0, 2**60))
def test_words_and_frequencies_come_back_as_they_were(frequencies: dict[str, int], total: int) -> None:
    unpacked, its_total = unpack(memoryview(pack(frequencies, total)))

    assert (list(unpacked.items()), its_total) == (list(frequencies.items()), total)
