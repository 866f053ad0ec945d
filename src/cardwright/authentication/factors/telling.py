"""What happens to somebody's factors: written to the audit trail, and told to the person."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from cardwright.audit import Action, record
from cardwright.authentication.factors.domain import FactorMethod, Owner
from cardwright.db import outbox
from cardwright.db.outbox import Event
from cardwright.db.session import Session

_ADDED: Final[Mapping[FactorMethod, Action]] = {
    FactorMethod.PASSKEY: "passkey.added",
    FactorMethod.TOTP: "totp.added",
}
_REMOVED: Final[Mapping[FactorMethod, Action]] = {
    FactorMethod.PASSKEY: "passkey.removed",
    FactorMethod.TOTP: "totp.removed",
}


async def tell_added(
    session: Session, owner: Owner, method: FactorMethod, factor_id: str, at: datetime
) -> None:
    """A factor counts from now on."""
    await note(session, owner, _ADDED[method], factor_id, at)
    await _tell(session, owner, "factor_added", at, factor=method.value)


async def tell_removed(
    session: Session, owner: Owner, method: FactorMethod, factor_id: str, at: datetime
) -> None:
    """A factor counts no more."""
    await note(session, owner, _REMOVED[method], factor_id, at)
    await _tell(session, owner, "factor_removed", at, factor=method.value)


async def tell_recovery_code_used(session: Session, owner: Owner, codes_left: int, at: datetime) -> None:
    """A recovery code was used up."""
    await note(session, owner, "recovery_code.used", owner.user_id, at, codes_left=codes_left)
    await _tell(session, owner, "recovery_code_used", at, codes_left=codes_left)


async def tell_rolled_back(
    session: Session, owner: Owner, passkey_id: str, *, known: int, told: int, at: datetime
) -> None:
    """A passkey's counter went backwards: somebody may have a copy of it."""
    action: Action = "passkey.counter_rolled_back"
    await note(session, owner, action, passkey_id, at, known_count=known, told_count=told)
    await _tell(session, owner, "passkey_counter_rolled_back", at, passkey_id=passkey_id)


async def note(
    session: Session, owner: Owner, action: Action, subject_id: str, at: datetime, **details: Any
) -> None:
    """Write to the audit trail what somebody did to their own factors."""
    await record(session, owner.user_id, owner.program_id, action, subject_id, details, at)


async def _tell(session: Session, owner: Owner, name: str, at: datetime, **payload: Any) -> None:
    event = Event(f"authentication.{name}", owner.program_id, owner.user_id, at, payload)
    await outbox.append(session, event)
