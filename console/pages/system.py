"""系统: what an operator sees first at night: whether anything waits for them, how the channels do, what runs; and the doctor, and the settings in force."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from console.pages.routes import File, Page, PageCall, PageRoute
from console.pages.saved_tables import Table, name_columns, save, write_moment
from console.policy import Allowed, authorize
from store import failures, quarantine, sends
from store.migrate import expected_version, version_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from console.system_port import ChannelState
    from store.sends import Lately

PATH = "/staff/system"
ROOMS = frozenset(
    {
        "aside",
        "users",
        "codes",
        "audit",
        "org",
        "import",
        "duties",
        "try",
        "rosters",
        "groups",
        "models",
        "retention",
        "doctor",
        "settings",
    }
)
"""The rooms behind this one; their words stand in the template."""
_SLOW = timedelta(minutes=2)
"""A message is handled within seconds; one that waits longer says that the worker stands still, or that a storm goes on."""
_LATE = timedelta(minutes=5)
"""A send that was due so long ago leaves too slowly: its platform is away, or the worker stands still."""


class ChannelRow(msgspec.Struct, frozen=True, kw_only=True):
    """A channel and how it did lately: `trouble` and `sent` are of the last hour, `held` is what its platform lets nobody send now."""

    state: ChannelState
    lately: Lately | None
    heard_at: Any = None
    held: int = 0
    trouble: str = ""


def show_overview(call: PageCall) -> Page:
    """Show what waits for somebody, and how everything does."""
    installed = call.city.system.describe()
    waiting_since = quarantine.find_oldest_waiting(call.session)
    due_since = sends.find_oldest_due(call.session, now=call.now)
    return Page(
        template="system/overview.html",
        values={
            "installed": installed,
            "sends": sends.count(call.session),
            "quarantined": quarantine.count(call.session),
            "aside": Counter(duty for duty, _, _ in failures.list_aside(call.session)),
            "waiting_since": waiting_since,
            "stalled": waiting_since is not None and call.now - waiting_since > _SLOW,
            "due_since": due_since,
            "late": due_since is not None and call.now - due_since > _LATE,
            "channels": list_channels(call, installed.channels),
            "schema": (version_of(call.session) or "", expected_version()),
            "rooms": ROOMS,
            "may_write": may_write(call),
        },
    )


def list_channels(call: PageCall, states: tuple[ChannelState, ...]) -> list[ChannelRow]:
    """List the channels that are on and how they do, then those that are off. The number of queries does not depend on what there is."""
    lately = sends.read_lately(call.session, now=call.now)
    heard = quarantine.read_last_heard(call.session)
    held = sends.count_held(call.session)
    rows = [
        ChannelRow(
            state=one,
            lately=lately.get(one.name),
            heard_at=heard.get(one.name),
            held=held.get(one.name, 0),
            trouble=_name_trouble(call, lately.get(one.name)),
        )
        for one in states
    ]
    return sorted(rows, key=lambda row: not row.state.on)


def _name_trouble(call: PageCall, lately: Lately | None) -> str:
    return call.city.name_code("trouble", sends.find_trouble(lately.error)) if lately is not None and lately.error else ""


def save_channels(call: PageCall) -> File:
    """Save the channels and how they do."""
    rows = []
    for one in list_channels(call, call.city.system.describe().channels):
        lately = one.lately
        rows.append(
            (
                call.city.name_code("channel", one.state.name),
                call.city.name_code("channel", f"state_{name_state(one)}"),
                one.trouble,
                write_moment(call, one.heard_at),
                write_moment(call, lately.sent_at if lately is not None else None),
                lately.sent if lately is not None else 0,
                lately.trouble if lately is not None else 0,
                one.held,
            )
        )
    heads = name_columns(call, "channel", "state", "trouble", "heard", "sent", "hour_sent", "hour_trouble", "held")
    table = Table(title=call.city.name_code("title", "channels"), columns=heads, rows=tuple(rows))
    return save(call, "channels", (table,), subject="channels")


def name_state(row: ChannelRow) -> str:
    """Say in a word how a channel does: off, on, broken (nothing left within the hour) or poor (something did not)."""
    if not row.state.on:
        return "off"
    if row.lately is None or not row.lately.trouble:
        return "on"
    return "poor" if row.lately.sent else "broken"


def show_examination(call: PageCall) -> Page:
    """Examine the machine and the city, what is wrong first."""
    ranks = {"wrong": 0, "hint": 1, "ok": 2}
    found = sorted(call.city.system.examine(call.session, now=call.now), key=lambda one: ranks[one.level])
    return Page(template="system/examination.html", values={"found": found, "bad": sum(one.level == "wrong" for one in found)})


def show_settings(call: PageCall) -> Page:
    """Show the settings in force, section by section; secrets are hidden."""
    sections = {name: list(list_lines("", values)) for name, values in call.city.system.list_settings().items()}
    return Page(template="system/settings.html", values={"sections": sections, "installed": call.city.system.describe()})


def list_lines(prefix: str, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """List a section's keys and values as config.toml would hold them, nested ones with their path."""
    for key, value in values.items():
        if isinstance(value, dict):
            yield from list_lines(f"{prefix}{key}.", value)
        else:
            yield f"{prefix}{key}", msgspec.json.encode(value).decode()


def may_write(call: PageCall) -> bool:
    """Tell whether whoever looks may also change something."""
    return isinstance(authorize(call.actor, "system.write"), Allowed)


PAGES = (
    PageRoute(path=PATH, name="system", action="system.read", run=show_overview),
    PageRoute(path=f"{PATH}/channels/save/{{form}}", name="channels_save", action="system.read", run=save_channels),
    PageRoute(path=f"{PATH}/doctor", name="system_doctor", action="system.read", run=show_examination),
    PageRoute(path=f"{PATH}/settings", name="system_settings", action="system.read", run=show_settings),
)
