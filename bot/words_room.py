"""The city's words as the pages of their editors see them (console.words_port.WordsRoom), on the city of the running service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from console.words_port import Impact, Known
    from knowledge_base.own_words import Fault, Kind, Wanted
    from knowledge_base.word_rows import Edition


class WordsRoom:
    """What an editor does with the words of the running service."""

    def __init__(self, city: City) -> None:
        self._city = city

    @property
    def edition(self) -> int:
        """The edition that the service works with."""
        return self._city.words_edition

    def take_over(self, session: Session, *, now: datetime) -> None:
        """Have the service work with what is in service by now."""
        self._city.refresh(session, now=now)

    def list_known(self) -> Sequence[Known]:
        """List all words that are known beside the dictionary."""
        return vocabulary.list_known(self._city)

    def is_in_dictionary(self, word: str) -> bool:
        """Tell whether the dictionary, with the city's words, has a word."""
        return self._city.segmenter.knows(word)

    def name_targets(self, kind: Kind) -> Mapping[str, str]:
        """Name what a word of this kind may be another name of."""
        return vocabulary.name_targets(self._city, kind)

    def find_faults(self, session: Session, wanted: Sequence[Wanted]) -> Sequence[Fault]:
        """Find what is wrong with these words among those that stand."""
        return vocabulary.find_faults(session, self._city, wanted)

    def preview(self, session: Session, wanted: Sequence[Wanted]) -> Impact:
        """Tell what these words would change; nothing is."""
        return vocabulary.preview(session, self._city, wanted)

    def put(self, session: Session, wanted: Sequence[Wanted], *, edition: int, by: str, now: datetime) -> Edition | None:
        """Put words into service; None where nothing changes."""
        return vocabulary.put(session, self._city, wanted, edition=edition, by=by, now=now)

    def undo(self, session: Session, number: int, *, edition: int, by: str, now: datetime) -> Edition:
        """Take an edition back."""
        return vocabulary.undo(session, self._city, number, edition=edition, by=by, now=now)
