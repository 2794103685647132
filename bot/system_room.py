"""The installation as its operator's pages see it (console.system_port.SystemRoom): the doctor, the settings, and the commands of the house."""

from __future__ import annotations

import base64
import csv
import io
import sqlite3
from importlib import metadata
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import make_url

from bot import erasing
from bot.channels import Inbound, discover
from bot.commands import discover as discover_commands
from bot.commands.outbox import read_words
from bot.doctor import machine
from bot.doctor.city import check_city, read_city
from bot.refusals import explain_refusal
from bot.settings import effective
from console.problems import Problem, wrong
from console.system_port import ChannelState, Found, Installed
from residents.masking import mask
from residents.unsealing import ReasonMissing, note_opening, open_raw
from store import quarantine, sends
from store.audit import record
from store.sealing import KeyGone

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City

_LONGEST = 4000
"""Characters of a message that are shown."""


class SystemRoom:
    """What an operator does with the running service."""

    def __init__(self, city: City) -> None:
        self._city = city

    def describe(self) -> Installed:
        """Say what runs here."""
        settings = self._city.settings
        channels = tuple(
            ChannelState(name=name, title=spec.title, on=spec.is_on(settings.channels[name])) for name, spec in discover().items()
        )
        return Installed(
            version=_find_version(),
            settings_path=settings.path,
            database=make_url(settings.database_url).render_as_string(),
            channels=channels,
        )

    def examine(self, session: Session, *, now: datetime) -> list[Found]:
        """Examine the machine and the city, as `jieying doctor` does; changes nothing."""
        settings, version = self._city.settings, sqlite3.sqlite_version_info
        facts = read_city(session, zone=self._city.zone)
        found = [
            *machine.check_folder(settings),
            *machine.check_master_key(settings),
            *machine.check_sqlite(settings, version=(version[0], version[1], version[2])),
            *check_city(facts, now=now, grids=settings.grids),
            *machine.check_rehearsal(settings),
            *machine.check_page_sign_in(settings),
        ]
        return [Found(level=one.level, words=one.words) for one in found]

    def list_settings(self) -> Mapping[str, Mapping[str, Any]]:
        """List the settings in force by section, secrets hidden."""
        return effective(self._city.settings)

    def open_send(self, session: Session, message: int, *, reason: str, actor: str) -> str:
        """Give the words of a send, masked; "" if they are gone. Audited."""
        row = sends.find(session, message)
        if row is None:
            raise Problem(404, "not_found")
        _note(session, subject=f"outbox:{message}", reason=reason, actor=actor)
        return mask(read_words(session, self._city, row))

    def open_message(self, session: Session, message: int, *, reason: str, actor: str) -> str:
        """Give what a message said, masked; "" if its words are gone. Audited."""
        row = quarantine.find(session, message)
        if row is None:
            raise Problem(404, "not_found")
        _note(session, subject=f"message:{message}", reason=reason, actor=actor)
        try:
            raw = open_raw(session, row)
        except KeyGone:
            return ""
        return mask(_say(raw))[:_LONGEST]

    def is_readable(self, session: Session, message: int) -> bool:
        """Tell whether a message can be read by the program."""
        row = quarantine.find(session, message)
        if row is None:
            return False
        try:
            return _read(open_raw(session, row)) is not None
        except KeyGone:
            return False

    def count_over_time(self, session: Session, *, now: datetime) -> Mapping[str, int]:
        """Count what is over its time and goes in the next night, by kind."""
        return msgspec.structs.asdict(erasing.count_due(session, self._city, now=now))

    def edit_row(
        self, session: Session, table: str, cells: Mapping[str, str], *, actor: str, now: datetime, dry_run: bool = False
    ) -> Sequence[str]:
        """Put one row of a table in place as an import of that row would; what is wrong with it in words, or ()."""
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        writer.writerow(cells.keys())
        writer.writerow(cells.values())
        content = base64.b64encode(buffer.getvalue().encode()).decode()
        asked = {"table": table, "name": f"{table}.csv", "content": content, "actor": actor, "only_preview": dry_run}
        result = self.run(session, "import.table", now=now, **asked)
        if result["applied"]:
            code = cells.get("code") or cells.get("id", "")
            record(session, actor=actor, action="org.edit", subject=f"{table}:{code}", facts=dict(result["counts"]))
        return tuple(result["problems"])

    def run(self, session: Session, command: str, *, now: datetime, **arguments: Any) -> Any:
        """Carry out a command of the house's as part of this transaction; gives its JSON."""
        try:
            return discover_commands()[command].run(session, self._city, now=now, **arguments)
        except Exception as error:
            words = explain_refusal(error)
            if words is None:
                raise
            raise Problem(409, "refused", detail=words) from error


def _note(session: Session, *, subject: str, reason: str, actor: str) -> None:
    try:
        note_opening(session, subject=subject, kind="words", reason=reason, actor=actor)
    except ReasonMissing as error:
        raise wrong("form.reason", explain_refusal(error) or "") from error


def _read(raw: bytes) -> Inbound | None:
    """Read a message as it was kept; None for bytes that nobody could read."""
    try:
        return msgspec.json.decode(raw, type=Inbound)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None


def _say(raw: bytes) -> str:
    """Say what a message said, without who wrote it; of one that cannot be read its bytes as text."""
    inbound = _read(raw)
    if inbound is None:
        return raw.decode(errors="replace")
    return inbound.text or inbound.event or inbound.kind


def _find_version() -> str:
    try:
        return metadata.version("jieying")
    except metadata.PackageNotFoundError:
        return ""
