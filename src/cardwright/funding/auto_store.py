"""The table of rules that add money by themselves."""

from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import CheckConstraint, Row, Select, Table, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from cardwright.db.base import id_column, instant, metadata, minor_units, reference, text
from cardwright.db.session import Session
from cardwright.funding.domain import AutoTopUp, OffReason

auto_top_ups = Table(
    "auto_top_ups",
    metadata,
    id_column("user_id"),
    reference("program_id"),
    reference("payment_method_id"),
    text("currency"),
    minor_units("threshold"),
    minor_units("amount"),
    minor_units("most_per_day"),
    minor_units("most_per_month"),
    text("off_reason", nullable=True),
    instant("set_at"),
    CheckConstraint("threshold > 0", name="threshold"),
    CheckConstraint("0 < amount AND amount <= most_per_day AND most_per_day <= most_per_month", name="caps"),
)
_KEY: Final = "user_id"
# Asked after every payment.
_LOCK: Final = select(auto_top_ups).where(auto_top_ups.c.user_id == bindparam("user_id")).with_for_update()


async def find_rule(session: Session, user_id: str) -> AutoTopUp | None:
    """Return somebody's rule, not locked."""
    return await _one(session, select(auto_top_ups).where(auto_top_ups.c.user_id == user_id))


async def lock_rule(session: Session, user_id: str) -> AutoTopUp | None:
    """Return somebody's rule, locked until the transaction ends: one at a time decides whether it acts."""
    row = (await session.execute(_LOCK, {"user_id": user_id})).one_or_none()
    return None if row is None else _rule(row)


async def put_rule(session: Session, rule: AutoTopUp) -> None:
    """Store somebody's rule in the place of the one before."""
    values = asdict(rule)
    changed = {name: value for name, value in values.items() if name != _KEY}
    await session.execute(
        insert(auto_top_ups).values(values).on_conflict_do_update(index_elements=[_KEY], set_=changed)
    )


async def switch_off(session: Session, user_id: str, reason: OffReason) -> bool:
    """Let the rule act no more; False when it did not anyhow."""
    switched = await session.execute(
        update(auto_top_ups)
        .where(auto_top_ups.c.user_id == user_id, auto_top_ups.c.off_reason.is_(None))
        .values(off_reason=reason)
        .returning(auto_top_ups.c.user_id)
    )
    return switched.scalar_one_or_none() is not None


async def _one(session: Session, query: Select[Any]) -> AutoTopUp | None:
    row = (await session.execute(query)).one_or_none()
    return None if row is None else _rule(row)


def _rule(row: Row[Any]) -> AutoTopUp:
    return AutoTopUp(
        user_id=row.user_id,
        program_id=row.program_id,
        payment_method_id=row.payment_method_id,
        currency=row.currency,
        threshold=row.threshold,
        amount=row.amount,
        most_per_day=row.most_per_day,
        most_per_month=row.most_per_month,
        set_at=row.set_at,
        off_reason=OffReason(row.off_reason) if row.off_reason is not None else None,
    )
