"""Authenticator apps: time-based codes (RFC 6238), each good once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pyotp
import segno

from cardwright.authentication.factors import codes_store, store, telling
from cardwright.authentication.factors.domain import FactorMethod, Owner, Totp, is_same_code
from cardwright.core.errors import Conflict, NotFound, TooMany
from cardwright.core.ids import new_id
from cardwright.core.sensitive import Sensitive
from cardwright.db.session import Session
from cardwright.encryption import open_sealed, seal

_SECRET_LETTERS: Final = 32
_QUIET_MODULES: Final = 4


@dataclass(frozen=True, slots=True)
class NewTotp:
    """What an authenticator app needs to know, shown while it is being added and never again."""

    secret: Sensitive
    uri: Sensitive

    def qr_code(self) -> str:
        """Return the address as an SVG image for a phone's camera."""
        code = segno.make(self.uri.reveal(), error="m", micro=False)
        image: str = code.svg_inline(border=_QUIET_MODULES, omitsize=True, light="#fff")
        return image


async def begin_totp(session: Session, owner: Owner, *, account: str, issuer: str, at: datetime) -> NewTotp:
    """Make a secret for somebody's app; it counts once a code of it is confirmed.

    Conflict `totp_present` when one counts already; one that was never confirmed is replaced.
    """
    await store.lock_factors(session, owner.user_id)
    present = await codes_store.find_totp(session, owner.user_id)
    if present is not None and present.confirmed_at is not None:
        raise Conflict("totp_present", "You have an authenticator app already; remove it first.")
    secret, totp_id = pyotp.random_base32(_SECRET_LETTERS), new_id("totp")
    sealed = await seal(session, codes_store.TOTP_SECRET.place(totp_id, owner.program_id), secret)
    await codes_store.replace_totp(session, Totp(totp_id, owner.program_id, owner.user_id, sealed, at))
    uri = pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)
    return NewTotp(Sensitive(secret), Sensitive(uri))


async def confirm_totp(session: Session, owner: Owner, code: str, at: datetime) -> bool:
    """Let an app count that showed a right code; False, to be committed, for a wrong one.

    Raises NotFound when none waits for its first code.
    """
    await store.lock_factors(session, owner.user_id)
    totp = await codes_store.totp_for_update(session, owner.user_id)
    if totp is None or totp.confirmed_at is not None:
        raise NotFound("totp_not_begun", "No authenticator app waits to be confirmed.")
    is_right = await _try(session, totp, code, at)
    if is_right:
        await telling.tell_added(session, owner, FactorMethod.TOTP, totp.id, at)
    return is_right


async def check_totp(session: Session, user_id: str, code: str, at: datetime) -> bool:
    """Use a code of somebody's app up; False, to be committed, for a wrong, used or missing one.

    Raises TooMany while wrong codes keep anybody from trying.
    """
    totp = await codes_store.totp_for_update(session, user_id)
    return totp is not None and totp.confirmed_at is not None and await _try(session, totp, code, at)


async def remove_totp(session: Session, owner: Owner, at: datetime) -> None:
    """Remove somebody's app; with the last factor go the recovery codes."""
    await store.lock_factors(session, owner.user_id)
    totp = await codes_store.find_totp(session, owner.user_id)
    if totp is None or not await codes_store.remove_totp(session, owner.user_id):
        raise NotFound("totp_missing", "You have no authenticator app.")
    if not await codes_store.has_factor(session, owner.user_id):
        await codes_store.remove_recovery_codes(session, owner.user_id)
    await telling.tell_removed(session, owner, FactorMethod.TOTP, totp.id, at)


async def _try(session: Session, totp: Totp, code: str, at: datetime) -> bool:
    wait = totp.wait_at(at)
    if wait:
        raise TooMany(
            "codes_exhausted",
            "Too many wrong codes; wait, or use a passkey or a recovery code.",
            retry_after_seconds=int(wait.total_seconds()) + 1,
        )
    place = codes_store.TOTP_SECRET.place(totp.id, totp.program_id)
    codes = pyotp.HOTP(await open_sealed(session, place, totp.secret))
    # Every step is compared, so that the time taken tells nothing.
    matching = [step for step in totp.steps_at(at) if is_same_code(codes.at(step), code)]
    if not matching:
        await codes_store.save_failure(session, totp.id, at)
        return False
    await codes_store.save_step(session, totp.id, matching[-1], confirmed_at=at)
    return True
