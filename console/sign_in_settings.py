"""[sign_in]: what passwords cost to guess, how soon guessing is stopped, and how long a sign-in lasts."""

from __future__ import annotations

from typing import Annotated

import msgspec

Count = Annotated[int, msgspec.Meta(ge=1)]


class SignInSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How the staff sign in to the pages."""

    memory_mib: Annotated[int, msgspec.Meta(ge=8)] = 46
    rounds: Count = 1
    """With 46 MiB one round is one of the settings of argon2id that OWASP's password storage sheet names; a tenth of a second here."""
    least_characters: Annotated[int, msgspec.Meta(ge=8)] = 10
    """Eight is the least that NIST 800-63B allows beside a second factor; most posts have none."""
    tries: Count = 5
    """Wrong ones in a row that cost nothing: somebody who mistypes is not stopped."""
    address_tries: Count = 30
    """The same for one address, behind which a whole office may sit."""
    wait_seconds: Count = 30
    """The first wait after that; each further failure doubles it."""
    longest_wait_minutes: Count = 15
    """No wait is longer: whoever guesses must not be able to keep a post away from its work all day."""
    forget_hours: Count = 24
    """After so long without a failure counting begins anew."""
    totp_roles: tuple[str, ...] = ("operator", "auditor")
    """Who must have a second factor: these see or change everything."""
    idle_minutes: Count = 60
    """A screen that nobody touched for so long is signed out."""
    session_hours: Count = 12
    """A working day, with its evening; then everybody signs in again."""
    link_minutes: Count = 15
    """Long enough to be opened by whoever asked for it, too short to lie about."""
    first_link_hours: Count = 24
    """The first operator's, printed by the first start: whoever installs it may be called away."""
    keep_days: Count = 180
    """Ended sign-ins and used links: the Cybersecurity Law (article 21) wants network logs kept for six months at least."""
