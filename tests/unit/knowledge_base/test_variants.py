from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.entry import Entry
from knowledge_base.match import Answered, decide
from knowledge_base.matcher import Matcher
from knowledge_base.variants import read_variants, settle
from tests.unit.knowledge_base.days import TODAY

if TYPE_CHECKING:
    from knowledge_base.text import Segmenter
