"""Recovery codes: ten at a time, each good once, for whoever lost their other factors."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from cardwright.authentication.factors import codes_store, store, telling
from cardwright.authentication.factors.domain import (
    RECOVERY_CODES,
    Owner,
    recovery_code_hash,
    recovery_code_of,
)
from cardwright.core.errors import Conflict
from cardwright.core.sensitive import Sensitive
from cardwright.db.session import Session


async def replace_recovery_codes(session: Session, owner: Owner, at: datetime) -> Sequence[Sensitive]:
    """Return ten fresh codes, shown this once; the ones before are good no more.

    Raises Conflict `factor_missing` for somebody who has nothing to recover from.
    """
    await store.lock_factors(session, owner.user_id)
    if not await codes_store.has_factor(session, owner.user_id):
        raise Conflict("factor_missing", "Add a passkey or an authenticator app first.")
    codes = [recovery_code_of(secrets.randbits(80)) for _ in range(RECOVERY_CODES)]
    hashes = [recovery_code_hash(owner.user_id, code) for code in codes]
    await codes_store.replace_recovery_codes(session, owner, hashes, at)
    await telling.note(session, owner, "recovery_codes.replaced", owner.user_id, at)
    return [Sensitive(code) for code in codes]


async def first_recovery_codes(session: Session, owner: Owner, at: datetime) -> Sequence[Sensitive]:
    """Return codes for somebody who has none left, as after adding a first factor; else nothing."""
    if await codes_store.count_recovery_codes(session, owner.user_id):
        return []
    return await replace_recovery_codes(session, owner, at)


async def use_recovery_code(session: Session, owner: Owner, code: str, at: datetime) -> bool:
    """Use a code up and tell its owner; False for one that is wrong or was used."""
    code_hash = recovery_code_hash(owner.user_id, code)
    if not await codes_store.take_recovery_code(session, owner.user_id, code_hash, at):
        return False
    left = await codes_store.count_recovery_codes(session, owner.user_id)
    await telling.tell_recovery_code_used(session, owner, left, at)
    return True
