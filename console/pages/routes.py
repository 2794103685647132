"""What a page is: declared once like a route of the API, guarded by the same table, carried out in one transaction, rendered after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping  # noqa: TC003 - msgspec reads the annotations
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import msgspec

from console.problems import Problem, find_field
from console.routes import Call

if TYPE_CHECKING:
    from console.accounts.sessions import StaffSession

FORM_BYTES = 64 * 1024
"""How long a form may be that says nothing else."""
T = TypeVar("T", bound=msgspec.Struct)


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A page to show: its template, and plain values for it (no row of a database: the transaction is over when it is rendered)."""

    template: str
    values: Mapping[str, Any] = {}
    status: int = 200


class Redirect(msgspec.Struct, frozen=True, kw_only=True):
    """Go and look at another page (303); `flash` names the sentence of [pages] that stands on top of it once, `flash_<name>`."""

    to: str
    flash: str = ""
    cookies: Mapping[str, str] = {}
    """Cookies to set; an empty value takes one away."""
    seconds: int | None = None
    """How long the browser keeps them; None until it is closed."""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What the audit keeps of an answer that only read, before it leaves (store.audit.record)."""

    actor: str
    action: str
    subject: str
    facts: Mapping[str, Any] = {}


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A file to save, or with `inline` to show: its name, what it is, its bytes. What is `kept` of it is written before it leaves."""

    name: str
    media_type: str
    body: bytes
    inline: bool = False
    headers: Mapping[str, str] = {}
    """In place of those that every answer carries."""
    kept: Kept | None = None


Answer = Page | Redirect | File


@dataclass(frozen=True, kw_only=True)
class PageCall(Call):
    """One page that may be shown, or one form that may be carried out."""

    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    """What was filled in; of a field that stands there several times the values are joined by line ends."""
    sign_in: StaffSession | None = None
    """Who is signed in; None on residents' pages."""
    person: str = ""
    """The cookie of the resident's browser; "" if it has none."""
    entered: str = ""
    """What the browser keeps where it was let in as somebody (residents.entering); "" where it was not."""
    waits: str = ""
    """What it keeps where it waits to be let in."""
    address: str = ""
    """From where it asks, as limits are counted; "" where that is not known."""
    home: str = ""
    """The area that the resident chose as theirs in this browser, as the browser says it: any text; "" if they chose none."""
    prepared: Any = None
    """What the route prepared of the form and its files."""
    fragment: bool = False
    """Whether htmx asks for a part of the page."""

    def read_form(self, kind: type[T]) -> T:
        """Read what was filled in as the body of an act: empty fields are left out; Problem (422) says what does not fit."""
        names = {one.encode_name: one for one in msgspec.structs.fields(kind)}
        given = {name: _read_field(names[name], value) for name, value in self.form.items() if name in names and value != ""}
        try:
            return msgspec.convert(given, kind, strict=False)
        except msgspec.ValidationError as error:
            raise Problem(422, "invalid", fields=(find_field(error, "form"),)) from error


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """A file that came with a form: the name it had where it came from, and its bytes."""

    name: str
    body: bytes


class PageRoute(msgspec.Struct, frozen=True, kw_only=True):
    """A page: `run` answers a call. `path` with its variables in braces; below /staff only who is signed in gets that far.

    `writes` runs where something can be written; a POST does, but one that `reads` alone. `again` shows the page once more where a form
    could not be carried out (409, 422), with what is wrong and what was typed; without it an error page does. What is slow and asks nothing
    of the database is done by `prepare`, in a thread, before the transaction: it takes the form and its files by the names of their fields.
    `most_bytes` is how long a form with its files may be.
    """

    path: str
    name: str
    action: str
    run: Callable[[PageCall], Answer]
    method: Literal["GET", "POST"] = "GET"
    writes: bool = False
    reads: bool = False
    again: Callable[[PageCall, Problem], Page] | None = None
    prepare: Callable[[Mapping[str, str], Mapping[str, Upload]], Any] | None = None
    most_bytes: int = FORM_BYTES

    @property
    def staff(self) -> bool:
        """Whether it is a page of the staff."""
        return self.path.startswith("/staff")


def _read_field(declared: msgspec.structs.FieldInfo, value: str) -> Any:
    """Read a field of a form: a list by its lines, a box that is ticked as true."""
    if declared.default_factory is list or str(declared.type).startswith("list"):
        return [line.strip() for line in value.splitlines() if line.strip()]
    return True if declared.type is bool and value == "on" else value
