"""What was recorded of a gateway's charges and refunds, for whoever compares it with what that says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select

from cardwright.db.session import Session
from cardwright.funding.domain import RefundState, TopUpState
from cardwright.funding.store import top_ups
from cardwright.funding.withdrawal_store import refunds

_TAKEN: Final = TopUpState.SUCCEEDED


@dataclass(frozen=True, slots=True)
class TakenCharge:
    """A top-up whose money was credited, under the gateway's reference; `amount` in minor units."""

    reference: str
    top_up_id: str
    amount: int
    currency: str
    credited_at: datetime


async def taken_references(
    session: Session, *, program_id: str, since: datetime, until: datetime
) -> Sequence[str]:
    """Return the gateway's references of the top-ups that were credited between two instants."""
    rows = await session.execute(
        select(top_ups.c.provider_reference).where(
            top_ups.c.program_id == program_id, top_ups.c.state == _TAKEN,
            top_ups.c.updated_at.between(since, until), top_ups.c.provider_reference.is_not(None),
        )
    )  # fmt: skip
    return [reference for reference in rows.scalars() if reference is not None]


async def taken_charges(
    session: Session, *, program_id: str, references: Sequence[str]
) -> Sequence[TakenCharge]:
    """Return the credited top-ups of the gateway's references."""
    rows = await session.execute(
        select(
            top_ups.c.provider_reference, top_ups.c.id, top_ups.c.amount, top_ups.c.currency,
            top_ups.c.updated_at,
        ).where(
            top_ups.c.program_id == program_id, top_ups.c.state == _TAKEN,
            top_ups.c.provider_reference.in_(references),
        )
    )  # fmt: skip
    return [TakenCharge(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class GivenRefund:
    """A refund that left the wallet, under the gateway's reference; `amount` in minor units, above zero."""

    reference: str
    refund_id: str
    amount: int
    currency: str
    debited_at: datetime


async def given_references(
    session: Session, *, program_id: str, since: datetime, until: datetime
) -> Sequence[str]:
    """Return the gateway's references of the refunds that left wallets between two instants."""
    rows = await session.execute(
        select(refunds.c.provider_reference).where(
            refunds.c.program_id == program_id, refunds.c.state == RefundState.SUCCEEDED,
            refunds.c.updated_at.between(since, until), refunds.c.provider_reference.is_not(None),
        )
    )  # fmt: skip
    return [reference for reference in rows.scalars() if reference is not None]


async def given_refunds(
    session: Session, *, program_id: str, references: Sequence[str]
) -> Sequence[GivenRefund]:
    """Return the refunds of the gateway's references that left wallets."""
    rows = await session.execute(
        select(
            refunds.c.provider_reference, refunds.c.id, refunds.c.amount, refunds.c.currency,
            refunds.c.updated_at,
        ).where(
            refunds.c.program_id == program_id, refunds.c.state == RefundState.SUCCEEDED,
            refunds.c.provider_reference.in_(references),
        )
    )  # fmt: skip
    return [GivenRefund(*row) for row in rows]
