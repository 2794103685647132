"""A message's whole way through the house, on both databases: kept before it is answered, answered once, never lost."""

from __future__ import annotations
