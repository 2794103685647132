"""The operator's list of posts and how each signs in: one-time links, shutting and opening, ending sign-ins, a lost second factor."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from console.accounts import links, logins, sessions
from console.pages.routes import File, Page, PageCall, PageRoute, Redirect
from console.pages.saved_tables import MOST, Table, name_columns, save, say_more, write_moment
from console.pages.sorting import read_place, read_sorting, write_place
from console.policy import Allowed, Role, authorize
from console.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.accounts.logins import LoginState
    from console.pages.sorting import Sorting
    from console.sign_in_settings import SignInSettings

USERS = "/staff/system/users"
LIST_SIZE = 30
_SORTED = ("code", "name", "unit", "state", "used")
_STATES = ("in", "out", "never", "waiting", "shut")


def show_list(call: PageCall) -> Page:
    """Show the posts that were asked for, by code."""
    wanted = read_wanted(call)
    found = list_wanted(call, wanted)
    sorting = read_sorting(call.query, _SORTED, first="code")
    found.sort(key=lambda one: _place_of(call, one, sorting), reverse=sorting.down)
    after = read_place(call.query.get("after", ""))
    rest = found if after is None else [one for one in found if _is_behind(_place_of(call, one, sorting), after, sorting)]
    shown = rest[:LIST_SIZE]
    return Page(
        template="system/users.html",
        values={
            "users": shown,
            "states": {one.code: _state(one) for one in shown},
            "units": {one.unit: call.context.org.name_of(one.unit) for one in shown},
            "wanted": wanted,
            "count": len(found),
            "next": write_place(*_place_of(call, shown[-1], sorting)) if len(rest) > LIST_SIZE else "",
            "sorting": sorting,
            "kept": {name: value for name, value in wanted.items() if value},
            "roles": [role.value for role in Role if role not in {Role.RESIDENT, Role.PARTNER, Role.NOBODY}],
            "may_write": isinstance(authorize(call.actor, "system.write"), Allowed),
        },
    )


def save_list(call: PageCall) -> File:
    """Save the posts that were asked for."""
    found, name = list_wanted(call, read_wanted(call)), call.city.name_code
    rows = tuple(
        (
            one.code,
            one.name,
            name("role", one.role),
            call.context.org.name_of(one.unit),
            name("login", _state(one)),
            name("yes", "yes" if one.has_code else "no"),
            write_moment(call, one.used_at),
        )
        for one in found[:MOST]
    )
    table = Table(
        title=name("title", "users"),
        note=say_more(call, more=len(found) > MOST),
        columns=name_columns(call, "code", "name", "role", "where", "sign_in", "second", "used"),
        rows=rows,
    )
    return save(call, "users", (table,), subject="users")


def read_wanted(call: PageCall) -> dict[str, str]:
    """Read which posts are wanted from the address of the list."""
    return {name: call.query.get(name, "").strip() for name in ("words", "role", "state")}


def list_wanted(call: PageCall, wanted: dict[str, str]) -> list[LoginState]:
    """List the posts that are wanted, by code."""
    return [one for one in _list(call) if _fits(one, call, wanted)]


def show_user(call: PageCall) -> Page:
    """Show one post: how it signs in, where it is signed in, and what can be done."""
    code = _find(call)
    return _show(call, code)


def make_link(call: PageCall) -> Page:
    """Make a one-time link and show it, this once."""
    code, settings = _find(call), _settings(call)
    made = links.make(
        call.session,
        code,
        lasts=timedelta(minutes=settings.link_minutes),
        keep=timedelta(days=settings.keep_days),
        by=call.actor.code,
        now=call.now,
        org=call.context.org,
    )
    return _show(call, code, link=f"{call.city.public_url}{made.path}")


def shut(call: PageCall) -> Redirect:
    """Let a post sign in no more; not one's own, or nobody might be left who opens it again."""
    code = _find(call)
    if code == call.actor.code:
        return Redirect(to=_path(code), flash="login_own")
    logins.shut(call.session, code, by=call.actor.code, now=call.now, org=call.context.org)
    return Redirect(to=_path(code), flash="login_shut")


def reopen(call: PageCall) -> Redirect:
    """Let a post sign in again."""
    code = _find(call)
    opened = logins.reopen(call.session, code, by=call.actor.code, now=call.now, org=call.context.org)
    return Redirect(to=_path(code), flash="login_opened" if opened else "nothing")


def end_sessions(call: PageCall) -> Redirect:
    """End all sign-ins of a post."""
    code = _find(call)
    count = sessions.end_all(call.session, code, by=call.actor.code, now=call.now)
    return Redirect(to=_path(code), flash="session_ended" if count else "nothing")


def reset_code(call: PageCall) -> Redirect:
    """Take a post's second factor away."""
    code = _find(call)
    was = logins.reset_code(call.session, code, by=call.actor.code, now=call.now)
    return Redirect(to=_path(code), flash="code_reset" if was else "nothing")


def _show(call: PageCall, code: str, *, link: str = "") -> Page:
    [state] = logins.list_states(call.session, org=call.context.org, now=call.now, only=code)
    return Page(
        template="system/user.html",
        values={
            "user": state,
            "unit": call.context.org.name_of(state.unit),
            "sessions": sessions.list_of(call.session, code, now=call.now),
            "link": link,
            "minutes": _settings(call).link_minutes,
            "own": code == call.actor.code,
            "may_write": isinstance(authorize(call.actor, "system.write"), Allowed),
        },
    )


def _list(call: PageCall) -> Sequence[LoginState]:
    return logins.list_states(call.session, org=call.context.org, now=call.now)


def _fits(one: LoginState, call: PageCall, wanted: dict[str, str]) -> bool:
    words = wanted["words"].casefold()
    named = not words or words in f"{one.code} {one.name} {call.context.org.name_of(one.unit)}".casefold()
    return named and wanted["role"] in {"", one.role} and (wanted["state"] not in _STATES or wanted["state"] == _state(one))


def _place_of(call: PageCall, one: LoginState, sorting: Sorting) -> tuple[str, str]:
    """Give what a post is sorted by, and its code."""
    used = one.used_at.isoformat() if one.used_at is not None else ""
    values = {"code": one.code, "name": one.name, "unit": call.context.org.name_of(one.unit), "state": _state(one), "used": used}
    return values[sorting.column], one.code


def _is_behind(place: tuple[str, str], after: tuple[str, str], sorting: Sorting) -> bool:
    return place < after if sorting.down else place > after


def _state(one: LoginState) -> str:
    """Say in a word how a post stands."""
    if one.shut_at is not None:
        return "shut"
    if one.waits_until is not None:
        return "waiting"
    return "in" if one.sessions else "never" if not one.has_password else "out"


def _find(call: PageCall) -> str:
    code = call.path["code"]
    if code not in call.context.org.staff:
        raise Problem(404, "not_found")
    return code


def _settings(call: PageCall) -> SignInSettings:
    return call.city.sign_in


def _path(code: str) -> str:
    return f"{USERS}/{code}"


PAGES = (
    PageRoute(path=USERS, name="users", action="system.read", run=show_list),
    PageRoute(path=f"{USERS}/save/{{form}}", name="users_save", action="system.read", run=save_list),
    PageRoute(path="/staff/system/users/{code}", name="user", action="system.read", run=show_user),
    PageRoute(path="/staff/system/users/{code}/link", name="user_link", action="system.write", run=make_link, method="POST"),
    PageRoute(path="/staff/system/users/{code}/shut", name="user_shut", action="system.write", run=shut, method="POST"),
    PageRoute(path="/staff/system/users/{code}/open", name="user_open", action="system.write", run=reopen, method="POST"),
    PageRoute(path="/staff/system/users/{code}/end", name="user_end", action="system.write", run=end_sessions, method="POST"),
    PageRoute(path="/staff/system/users/{code}/code", name="user_code", action="system.write", run=reset_code, method="POST"),
)
