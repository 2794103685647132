from __future__ import annotations

from typing import TYPE_CHECKING

import jieba
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.dictionary import load_tokenizer, pack, unpack

if TYPE_CHECKING:
    from pathlib import Path

WORDS = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), min_size=1, max_size=6)


def test_the_dictionary_is_jieba_s_own_made_taken_from_the_one_file_of_a_private_folder_or_made_anew(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "jieba"
    own = jieba.Tokenizer()
    own.FREQ, own.total = own.gen_pfdict(own.get_dict_file())

    made = load_tokenizer(folder)
    (file,) = folder.iterdir()
    whole, written = file.read_bytes(), file.stat().st_mtime_ns
    taken = load_tokenizer(folder)
    untouched = file.stat().st_mtime_ns
    file.write_bytes(whole[:-1])
    anew = load_tokenizer(folder)

    for tokenizer in (made, taken, anew):
        assert (tokenizer.FREQ, tokenizer.total) == (own.FREQ, own.total)
    assert untouched == written
    assert (folder.stat().st_mode & 0o777, file.suffix) == (0o700, ".words")
    assert file.read_bytes() == whole


@given(frequencies=st.dictionaries(WORDS, st.integers(0, 2**40), min_size=1), total=st.integers(0, 2**60))
def test_words_and_frequencies_come_back_as_they_were(frequencies: dict[str, int], total: int) -> None:
    unpacked, its_total = unpack(memoryview(pack(frequencies, total)))

    assert (list(unpacked.items()), its_total) == (list(frequencies.items()), total)
