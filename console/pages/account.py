"""One's own account: where one is signed in, the second factor, signing out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.accounts import logins, sessions, totp
from console.accounts.logins import CodeProved
from console.pages.door import STAFF_COOKIE
from console.pages.routes import Page, PageCall, PageRoute, Redirect
from console.problems import Problem

if TYPE_CHECKING:
    from console.accounts.sessions import StaffSession

ACCOUNT = "/staff/account"
_GROUP = 4


def show_account(call: PageCall) -> Page:
    """Show how one signs in, and where one is signed in now."""
    who = _who(call)
    row = logins.find(call.session, call.actor.code)
    return Page(
        template="account/account.html",
        values={
            "sessions": sessions.list_of(call.session, call.actor.code, now=call.now),
            "this": who.id,
            "has_password": row is not None and row.password != "",
            "password_at": row.changed_at if row is not None else None,
            "code_at": row.totp_at if row is not None else None,
            "owes_code": who.owes_code,
        },
    )


def show_code(call: PageCall, *, wrong: bool = False) -> Page | Redirect:
    """Show the secret of a second factor as a picture and in letters, until it is proved."""
    try:
        secret = logins.start_code(call.session, call.actor.code, now=call.now)
    except CodeProved:
        return Redirect(to=ACCOUNT)
    uri = totp.provisioning_uri(secret, code=call.actor.code, service=call.city.service)
    letters = " ".join(secret[at : at + _GROUP] for at in range(0, len(secret), _GROUP))
    values = {"picture": totp.draw_qr(uri), "letters": letters, "uri": uri, "wrong": wrong, "owes_code": _who(call).owes_code}
    return Page(template="account/code.html", values=values, status=422 if wrong else 200)


def prove_code(call: PageCall) -> Page | Redirect:
    """Take the second factor into use if the code is right."""
    try:
        proved = logins.prove_code(call.session, call.actor.code, call.form.get("code", ""), keep=_who(call).id, now=call.now)
    except CodeProved:
        return Redirect(to=ACCOUNT)
    return Redirect(to="/staff/", flash="code_set_up") if proved else show_code(call, wrong=True)


def end_session(call: PageCall) -> Redirect:
    """End one of one's sign-ins."""
    number, code = call.path["id"], call.actor.code
    if not number.isascii() or not number.isdigit():
        raise Problem(404, "not_found")
    ended = sessions.end(call.session, int(number), code=code, by=code, now=call.now)
    return Redirect(to=ACCOUNT, flash="session_ended" if ended else "nothing")


def end_others(call: PageCall) -> Redirect:
    """End all one's sign-ins but this one."""
    code = call.actor.code
    count = sessions.end_all(call.session, code, by=code, now=call.now, but=_who(call).id)
    return Redirect(to=ACCOUNT, flash="session_ended" if count else "nothing")


def sign_out(call: PageCall) -> Redirect:
    """Sign out here."""
    code = call.actor.code
    sessions.end(call.session, _who(call).id, code=code, by=code, now=call.now)
    return Redirect(to="/staff/sign-in?left=1", cookies={STAFF_COOKIE: ""})


def _who(call: PageCall) -> StaffSession:
    if call.sign_in is None:
        raise Problem(401, "unauthorized")
    return call.sign_in


PAGES = (
    PageRoute(path=ACCOUNT, name="account", action="me.read", run=show_account),
    PageRoute(path="/staff/account/code", name="account_code", action="me.read", run=show_code, writes=True),
    PageRoute(path="/staff/account/code", name="account_code_prove", action="me.read", run=prove_code, method="POST"),
    PageRoute(path="/staff/account/sessions/end", name="account_end_others", action="me.read", run=end_others, method="POST"),
    PageRoute(path="/staff/account/sessions/{id}/end", name="account_end", action="me.read", run=end_session, method="POST"),
    PageRoute(path="/staff/sign-out", name="sign_out", action="me.read", run=sign_out, method="POST"),
)
