"""How figures ask for rows: what callers wrote is bound, and never part of a statement."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.dialects import postgresql

from routing import tally_rows
from routing.tally_rows import Span
from routing.tally_tables import FigureTicket


def test_our_own_areas_are_written_into_a_statement_and_what_a_caller_wrote_is_bound() -> None:
    span = Span(first=date(2026, 11, 1), last=date(2026, 11, 30), values={"area": ("LA-DL",), "kind": ("x' OR '1'='1",)})

    compiled = (
        select(FigureTicket.ticket_id)
        .where(*tally_rows.within_tickets(span))
        .compile(dialect=postgresql.dialect(), compile_kwargs={"render_postcompile": True})
    )

    assert ("'LA-DL'" in str(compiled), "OR '1'" in str(compiled)) == (True, False)
    assert "x' OR '1'='1" in compiled.params.values()
