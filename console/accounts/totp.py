"""The second factor: codes of six digits that an app on a phone makes from a shared secret and the time (RFC 6238). Each is taken once."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import pyotp
import segno
from pyotp.utils import strings_equal

if TYPE_CHECKING:
    from datetime import datetime

_STEP = 30
_SKEW = 1
"""Steps that a phone's clock may be behind or ahead."""
_DIGITS = 6
_SCALE = 5


def new_secret() -> str:
    """Make a secret: 160 bits in base32."""
    return pyotp.random_base32()


def provisioning_uri(secret: str, *, code: str, service: str) -> str:
    """Give the address that an app takes the secret from."""
    return pyotp.TOTP(secret).provisioning_uri(name=code, issuer_name=service)


def draw_qr(uri: str) -> str:
    """Draw an address as a QR code: an SVG without script or style, to stand in a page."""
    drawn = BytesIO()
    segno.make(uri, error="m").save(drawn, kind="svg", scale=_SCALE, xmldecl=False, svgns=True, omitsize=False)
    return drawn.getvalue().decode()


def find_step(secret: str, code: str, *, now: datetime, last: int) -> int | None:
    """Find the time step that a code belongs to; None for a wrong one, and for one of a step that was used before."""
    given = "".join(code.split())
    if len(given) != _DIGITS or not given.isascii() or not given.isdigit():
        return None
    totp, present = pyotp.TOTP(secret), int(now.timestamp()) // _STEP
    steps = range(max(present - _SKEW, last + 1), present + _SKEW + 1)
    return next((step for step in steps if strings_equal(given, totp.at(step * _STEP))), None)
