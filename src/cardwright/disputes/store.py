"""The tables of disputes and of what happened to them. What a holder tells is sealed; steps never change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from json import loads
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    Row,
    Table,
    func,
    insert,
    select,
    tuple_,
    update,
)

from cardwright.core.ids import new_id
from cardwright.db.base import id_column, instant, metadata, minor_units, reference, text
from cardwright.db.session import Session, canonical_json
from cardwright.disputes.domain import CreditPolicy, Dispute, DisputeState, LossReason, NetworkStatus
from cardwright.disputes.evidence import Reason, Statement
from cardwright.encryption import SealedColumn, open_sealed, seal

disputes = Table(
    "disputes",
    metadata,
    id_column(),
    reference("program_id"),
    reference("user_id"),
    reference("payment_id"),
    Column("sequence", Integer, nullable=False),
    text("source"),
    text("clearing_reference"),
    text("merchant_name"),
    minor_units("amount"),
    text("currency"),
    text("reason"),
    text("policy"),
    text("statement"),
    # What the rest adds up to, kept in the same transaction for lists and for the poll.
    text("state"),
    Column("is_settled", Boolean, nullable=False),
    instant("created_at"),
    instant("submit_by"),
    instant("heard_at"),
    Column("attempt", Integer, nullable=False),
    instant("submitted_at", nullable=True),
    instant("withdrawn_at", nullable=True),
    instant("expired_at", nullable=True),
    text("refusal", nullable=True),
    text("network_reference", nullable=True),
    text("network_status"),
    text("loss_reason", nullable=True),
    minor_units("advanced"),
    minor_units("recovered"),
    Column("entries", Integer, nullable=False),
    instant("reminded_at", nullable=True),
    CheckConstraint("amount > 0", name="amount"),
    CheckConstraint("advanced >= 0", name="advanced"),
    Index(
        "uq_disputes_open", "payment_id", "sequence", unique=True,
        postgresql_where="state IN ('draft', 'submitted')",
    ),
    Index(
        "uq_disputes_network_reference", "source", "network_reference", unique=True,
        postgresql_where="network_reference IS NOT NULL",
    ),
    Index("ix_disputes_user_id_id", "user_id", "id"),
    Index("ix_disputes_payment_id", "payment_id"),
    Index("ix_disputes_queue", "program_id", "submit_by", "id", postgresql_where="NOT is_settled"),
    Index("ix_disputes_silent", "heard_at", postgresql_where="NOT is_settled"),
)  # fmt: skip
steps = Table(
    "dispute_steps",
    metadata,
    id_column(),
    reference("program_id"),
    reference("user_id"),
    reference("dispute_id"),
    text("kind"),
    text("actor"),
    minor_units("amount", nullable=True),
    instant("at"),
    Index("ix_dispute_steps_dispute_id_id", "dispute_id", "id"),
)
_STATEMENT: Final = SealedColumn(disputes, "statement")
SEALED_COLUMNS: Final = (_STATEMENT,)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to a dispute; `actor` is the holder, staff, the network or the system."""

    kind: str
    actor: str
    amount: int | None
    at: datetime


async def insert_dispute(session: Session, dispute: Dispute, statement: Statement) -> None:
    """Insert a new dispute with what is told in it."""
    await session.execute(
        insert(disputes).values(
            id=dispute.id, program_id=dispute.program_id, user_id=dispute.user_id,
            payment_id=dispute.payment_id, sequence=dispute.sequence, source=dispute.source,
            clearing_reference=dispute.clearing_reference, merchant_name=dispute.merchant_name,
            currency=dispute.currency, policy=dispute.policy, created_at=dispute.created_at,
            submit_by=dispute.submit_by, statement=await _sealed(session, dispute, statement),
            **_acted(dispute), **_heard(dispute),
        )
    )  # fmt: skip


async def find_dispute(session: Session, dispute_id: str, *, lock: bool = False) -> Dispute | None:
    """Return a dispute, locked if asked for."""
    query = select(disputes).where(disputes.c.id == dispute_id)
    row = (await session.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else _dispute(row)


async def find_id(session: Session, source: str, network_reference: str, told_id: str | None) -> str | None:
    """Return the id of the dispute that a network means: the one it was told, or else by its reference.

    What one dispute prepared, another may have taken over; the network was told of that.
    """
    by_id = select(disputes.c.id).where(disputes.c.source == source, disputes.c.id == told_id)
    by_reference = select(disputes.c.id).where(
        disputes.c.source == source, disputes.c.network_reference == network_reference
    )
    for query in (by_id, by_reference):
        found: str | None = (await session.execute(query)).scalar_one_or_none()
        if found is not None:
            return found
    return None


async def of_payment(session: Session, payment_id: str) -> Sequence[Dispute]:
    """Return all disputes of a payment, with the payment's other disputes kept waiting."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(payment_id, 0))))
    rows = await session.execute(select(disputes).where(disputes.c.payment_id == payment_id))
    return [_dispute(row) for row in rows]


async def read_statement(session: Session, dispute: Dispute) -> Statement:
    """Return what is told in a dispute."""
    query = select(disputes.c.statement).where(disputes.c.id == dispute.id)
    sealed = (await session.execute(query)).scalar_one()
    place = _STATEMENT.place(dispute.id, dispute.program_id)
    return Statement.from_json(loads(await open_sealed(session, place, sealed)))


async def save_statement(session: Session, dispute: Dispute, statement: Statement) -> None:
    """Replace what is told in a dispute."""
    sealed = await _sealed(session, dispute, statement)
    await session.execute(update(disputes).where(disputes.c.id == dispute.id).values(statement=sealed))


async def save_acted(session: Session, dispute: Dispute) -> None:
    """Store what people did with a locked dispute."""
    await session.execute(update(disputes).where(disputes.c.id == dispute.id).values(_acted(dispute)))


async def save(session: Session, dispute: Dispute) -> None:
    """Store a locked dispute with what the network said and what its money did.

    A dispute that was prepared at the network and given up has no claim on the network's reference any more.
    """
    if dispute.network_reference is not None:
        await session.execute(
            update(disputes)
            .where(
                disputes.c.source == dispute.source,
                disputes.c.network_reference == dispute.network_reference,
                disputes.c.network_status == NetworkStatus.UNSUBMITTED,
                disputes.c.id != dispute.id,
            )
            .values(network_reference=None, network_status=NetworkStatus.UNKNOWN)
        )
    await session.execute(
        update(disputes).where(disputes.c.id == dispute.id).values({**_acted(dispute), **_heard(dispute)})
    )


async def page_of_user(
    session: Session, *, user_id: str, before: str | None, limit: int
) -> Sequence[Dispute]:
    """Return a person's disputes, newest first."""
    query = select(disputes).where(disputes.c.user_id == user_id)
    if before is not None:
        query = query.where(disputes.c.id < before)
    rows = await session.execute(query.order_by(disputes.c.id.desc()).limit(limit))
    return [_dispute(row) for row in rows]


async def queue_page(
    session: Session, *, program_id: str, state: DisputeState | None, user_id: str | None, after: str | None,
    limit: int,
) -> Sequence[Dispute]:  # fmt: skip
    """Return a program's disputes, the nearest deadline first: those not over, or what a filter asks for."""
    place = tuple_(disputes.c.submit_by, disputes.c.id)
    query = select(disputes).where(disputes.c.program_id == program_id)
    if state is None and user_id is None:
        query = query.where(~disputes.c.is_settled)
    if state is not None:
        query = query.where(disputes.c.state == state)
    if user_id is not None:
        query = query.where(disputes.c.user_id == user_id)
    if after is not None:
        last = select(disputes.c.submit_by, disputes.c.id).where(disputes.c.id == after)
        query = query.where(place > last.scalar_subquery())
    rows = await session.execute(query.order_by(disputes.c.submit_by, disputes.c.id).limit(limit))
    return [_dispute(row) for row in rows]


async def silent_ids(session: Session, *, since: datetime, limit: int) -> Sequence[str]:
    """Return disputes that were submitted and of which more is to come, unheard of since then."""
    query = select(disputes.c.id).where(
        ~disputes.c.is_settled, disputes.c.attempt > 0, disputes.c.heard_at < since
    )
    return (await session.execute(query.order_by(disputes.c.heard_at).limit(limit))).scalars().all()


async def touch(session: Session, dispute_id: str, at: datetime) -> None:
    """Let the poll look at others before this one comes again."""
    await session.execute(update(disputes).where(disputes.c.id == dispute_id).values(heard_at=at))


async def drafts_for_update(
    session: Session, *, until: datetime, unreminded_after: datetime | None = None, limit: int
) -> Sequence[Dispute]:
    """Return and lock drafts with a deadline until an instant; those that are being changed are skipped.

    With `unreminded_after` only those whose deadline is after it and of which nobody was reminded.
    """
    query = select(disputes).where(
        disputes.c.state == DisputeState.DRAFT, ~disputes.c.is_settled, disputes.c.submit_by <= until
    )
    if unreminded_after is not None:
        query = query.where(disputes.c.reminded_at.is_(None), disputes.c.submit_by > unreminded_after)
    rows = await session.execute(
        query.order_by(disputes.c.submit_by).limit(limit).with_for_update(skip_locked=True)
    )
    return [_dispute(row) for row in rows]


async def count_unsettled(session: Session, program_id: str, user_id: str) -> int:
    """Return how many disputes of a person have not come to an end."""
    query = (
        select(func.count())
        .select_from(disputes)
        .where(disputes.c.program_id == program_id, disputes.c.user_id == user_id, ~disputes.c.is_settled)
    )
    return (await session.execute(query)).scalar_one()


async def all_of_user(session: Session, user_id: str) -> Sequence[Dispute]:
    """Return all disputes of a person, locked."""
    rows = await session.execute(select(disputes).where(disputes.c.user_id == user_id).with_for_update())
    return [_dispute(row) for row in rows]


async def add_step(session: Session, dispute: Dispute, step: Step) -> None:
    """Write down what happened to a dispute."""
    await session.execute(
        insert(steps).values(
            id=new_id("step"), program_id=dispute.program_id, user_id=dispute.user_id,
            dispute_id=dispute.id, kind=step.kind, actor=step.actor, amount=step.amount, at=step.at,
        )
    )  # fmt: skip


async def steps_of(session: Session, dispute_id: str) -> Sequence[Step]:
    """Return what happened to a dispute, in order."""
    rows = await session.execute(select(steps).where(steps.c.dispute_id == dispute_id).order_by(steps.c.id))
    return [Step(row.kind, row.actor, row.amount, row.at) for row in rows]


async def _sealed(session: Session, dispute: Dispute, statement: Statement) -> str:
    place = _STATEMENT.place(dispute.id, dispute.program_id)
    return await seal(session, place, canonical_json(statement.to_json()))


def _acted(dispute: Dispute) -> dict[str, Any]:
    return {
        "amount": dispute.amount,
        "reason": dispute.reason,
        "state": dispute.state,
        "is_settled": dispute.is_settled,
        "attempt": dispute.attempt,
        "submitted_at": dispute.submitted_at,
        "withdrawn_at": dispute.withdrawn_at,
        "refusal": dispute.refusal,
    }


def _heard(dispute: Dispute) -> dict[str, Any]:
    return {
        "heard_at": dispute.heard_at,
        "expired_at": dispute.expired_at,
        "network_reference": dispute.network_reference,
        "network_status": dispute.network_status,
        "loss_reason": dispute.loss_reason,
        "advanced": dispute.advanced,
        "recovered": dispute.recovered,
        "entries": dispute.entries,
        "reminded_at": dispute.reminded_at,
    }


def _dispute(row: Row[Any]) -> Dispute:
    return Dispute(
        id=row.id, program_id=row.program_id, user_id=row.user_id, payment_id=row.payment_id,
        sequence=row.sequence, source=row.source, clearing_reference=row.clearing_reference,
        merchant_name=row.merchant_name, amount=row.amount, currency=row.currency,
        reason=Reason(row.reason), policy=CreditPolicy(row.policy), created_at=row.created_at,
        submit_by=row.submit_by, heard_at=row.heard_at, attempt=row.attempt, submitted_at=row.submitted_at,
        withdrawn_at=row.withdrawn_at, expired_at=row.expired_at, refusal=row.refusal,
        network_reference=row.network_reference, network_status=NetworkStatus(row.network_status),
        loss_reason=row.loss_reason and LossReason(row.loss_reason),
        advanced=row.advanced, recovered=row.recovered, entries=row.entries,
        reminded_at=row.reminded_at,
    )  # fmt: skip
