"""One segmenter for the folder (its dictionary takes half a second), and an empty knowledge base in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from knowledge_base.tables import EntryFeedback, EntryVersion, KnowledgeEntry
from knowledge_base.text import Segmenter
from store.base import Base
from store.counters import Counter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TABLES = (KnowledgeEntry, EntryVersion, EntryFeedback, Counter)


@pytest.fixture(scope="session")
def dictionary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder in which jieba's dictionary is kept after the first use."""
    return tmp_path_factory.mktemp("jieba")


@pytest.fixture(scope="session")
def segmenter(dictionary: Path) -> Segmenter:
    return Segmenter(dictionary)


@pytest.fixture
def session() -> Iterator[Session]:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine, tables=[Base.metadata.tables[table.__tablename__] for table in TABLES])
    with Session(engine) as opened:
        yield opened
    engine.dispose()
