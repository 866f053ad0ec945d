"""Answers kept under the caller's idempotency key, in the same transaction as the effect they report."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Column, Integer, PrimaryKeyConstraint, Table, func, insert, select

from cardwright.core.errors import Conflict, Invalid
from cardwright.db.base import instant, metadata, reference, text
from cardwright.db.session import Session

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    reference("caller_id"),
    text("key"),
    text("fingerprint"),
    Column("status", Integer, nullable=False),
    text("body"),
    instant("created_at"),
    PrimaryKeyConstraint("caller_id", "key"),
)


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """The status and the exact body that the first call was given."""

    status: int
    body: str


async def find_answer(session: Session, *, caller_id: str, key: str, fingerprint: str) -> StoredAnswer | None:
    """Return the stored answer, or None when this call is the first and now owns the key.

    Raises Conflict `idempotency_key_in_use` while another call with the key runs, and Invalid
    `idempotency_key_reused` when the key was used for a different request.
    """
    # The lock is taken without waiting and lives as long as the transaction: a second call is told at once.
    lock_key = int.from_bytes(sha256(f"{caller_id}\0{key}".encode()).digest()[:8], signed=True)
    if not (await session.execute(select(func.pg_try_advisory_xact_lock(lock_key)))).scalar_one():
        raise Conflict("idempotency_key_in_use", "A request with this Idempotency-Key is still running.")
    row = (
        await session.execute(
            select(idempotency_keys).where(
                idempotency_keys.c.caller_id == caller_id, idempotency_keys.c.key == key
            )
        )
    ).one_or_none()
    if row is None:
        return None
    if row.fingerprint != fingerprint:
        raise Invalid("idempotency_key_reused", "This Idempotency-Key was used for a different request.")
    return StoredAnswer(row.status, row.body)


async def store_answer(
    session: Session, answer: StoredAnswer, *, caller_id: str, key: str, fingerprint: str, at: datetime
) -> None:
    """Keep the answer; it becomes visible together with the effect, or not at all."""
    await session.execute(
        insert(idempotency_keys).values(
            caller_id=caller_id,
            key=key,
            fingerprint=fingerprint,
            status=answer.status,
            body=answer.body,
            created_at=at,
        )
    )
