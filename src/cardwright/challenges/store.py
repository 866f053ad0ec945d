"""The table of challenges, and who may see which."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Index,
    Row,
    Table,
    UniqueConstraint,
    and_,
    any_,
    case,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from cardwright.access import Viewer
from cardwright.cards import CardState
from cardwright.challenges.approver_store import cards_answered_by
from cardwright.challenges.domain import AnswerState, Challenge, ChallengeState, Decision, Merchant
from cardwright.db.base import id_column, instant, metadata, minor_units, reference, text
from cardwright.db.session import Session

challenges = Table(
    "challenges",
    metadata,
    id_column(),
    reference("program_id"),
    reference("card_id"),
    reference("user_id"),
    text("source"),
    text("reference"),
    text("card_label"),
    text("card_last4", nullable=True),
    text("merchant_name"),
    text("merchant_mcc"),
    text("merchant_country", nullable=True),
    text("merchant_id"),
    minor_units("amount"),
    text("currency"),
    text("state"),
    instant("created_at"),
    instant("expires_at"),
    text("decision", nullable=True),
    reference("decided_by", nullable=True),
    instant("decided_at", nullable=True),
    Column("is_fraud_reported", Boolean, nullable=False),
    text("answer"),
    reference("answer_key", nullable=True),
    UniqueConstraint("source", "reference"),
    Index("ix_challenges_card_id", "card_id", "id"),
    Index("ix_challenges_user_id", "user_id", "id"),
    Index("ix_challenges_program_id", "program_id", "id"),
    Index("ix_challenges_pending", "expires_at", postgresql_where="state = 'pending'"),
    CheckConstraint("state IN ('pending', 'approved', 'refused', 'expired', 'canceled')", name="state"),
    CheckConstraint("decision IN ('approved', 'refused')", name="decision"),
    CheckConstraint("answer IN ('none', 'waiting', 'delivered', 'too_late')", name="answer"),
    CheckConstraint("amount >= 0", name="amount"),
    CheckConstraint(
        "(decision IS NULL) = (decided_by IS NULL) AND (decision IS NULL) = (decided_at IS NULL)"
        " AND (decision IS NULL) = (answer_key IS NULL) AND (decision IS NULL) = (answer = 'none')",
        name="decided",
    ),
    CheckConstraint(
        "CASE WHEN state IN ('approved', 'refused')"
        " THEN decision = state AND answer IN ('waiting', 'delivered')"
        " WHEN state = 'pending' THEN decision IS NULL ELSE answer IN ('none', 'too_late') END",
        name="agrees",
    ),
)
_MUTABLE: Final = (
    "state", "decision", "decided_by", "decided_at", "is_fraud_reported", "answer", "answer_key",
)  # fmt: skip
_PENDING: Final = challenges.c.state == ChallengeState.PENDING.value


async def add_challenge(session: Session, challenge: Challenge) -> bool:
    """Store a challenge; False when the source told of it before."""
    stored = await session.execute(
        insert(challenges).values(**_values(challenge)).on_conflict_do_nothing().returning(challenges.c.id)
    )
    return stored.scalar_one_or_none() is not None


async def find_by_reference_for_update(session: Session, source: str, reference_: str) -> Challenge | None:
    """Return what a source knows under a reference, locked until the transaction ends."""
    condition = and_(challenges.c.source == source, challenges.c.reference == reference_)
    return await _one(session, condition, lock=True)


async def find_challenge(session: Session, challenge_id: str) -> Challenge | None:
    """Return a challenge, not locked and whoever's it is: for the worker."""
    return await _one(session, challenges.c.id == challenge_id, lock=False)


async def find_challenge_for_update(session: Session, challenge_id: str) -> Challenge | None:
    """Return a challenge, locked and whoever's it is: for the worker."""
    return await _one(session, challenges.c.id == challenge_id, lock=True)


async def find_visible(
    session: Session, challenge_id: str, viewer: Viewer, *, lock: bool = False
) -> Challenge | None:
    """Return a challenge that a viewer may see."""
    return await _one(session, and_(challenges.c.id == challenge_id, _visible_to(viewer)), lock=lock)


async def list_visible(
    session: Session, viewer: Viewer, *, card_id: str | None, after: tuple[bool, str] | None, limit: int
) -> Sequence[Challenge]:
    """Return what a viewer may see, pending first and newest first; `after` is (is pending, id)."""
    query = select(challenges).where(_visible_to(viewer))
    if card_id is not None:
        query = query.where(challenges.c.card_id == card_id)
    if after is not None:
        was_pending, last_id = after
        older = challenges.c.id < last_id
        query = query.where(or_(~_PENDING, older) if was_pending else and_(~_PENDING, older))
    order = (case((_PENDING, 0), else_=1), challenges.c.id.desc())
    rows = await session.execute(query.order_by(*order).limit(limit))
    return [_challenge(row) for row in rows]


async def overdue_for_update(session: Session, at: datetime, limit: int) -> Sequence[Challenge]:
    """Return pending challenges whose time is over, locked; those that are being decided are left out."""
    rows = await session.execute(
        select(challenges)
        .where(_PENDING, challenges.c.expires_at <= at)
        .order_by(challenges.c.expires_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_challenge(row) for row in rows]


async def save(session: Session, challenge: Challenge) -> None:
    """Write what changes of a challenge."""
    values = _values(challenge)
    await session.execute(
        update(challenges)
        .where(challenges.c.id == challenge.id)
        .values(**{name: values[name] for name in _MUTABLE})
    )


async def card_state_for_share(session: Session, challenge_id: str) -> CardState | None:
    """Return the state of the card of a challenge that the actor may decide; it stays until the end.

    The database's own function tells it: an approver sees nothing else of the card.
    """
    found = (await session.execute(select(func.challenged_card_state(challenge_id)))).scalar_one()
    return None if found is None else CardState(found)


def _visible_to(viewer: Viewer) -> ColumnElement[bool]:
    within = challenges.c.program_id == viewer.program_id
    if viewer.owner_id is None:
        return within
    answers = challenges.c.card_id == any_(cards_answered_by(viewer.owner_id))
    return and_(within, or_(challenges.c.user_id == viewer.owner_id, answers))


async def _one(session: Session, condition: ColumnElement[bool], *, lock: bool) -> Challenge | None:
    query = select(challenges).where(condition)
    row = (await session.execute(query.with_for_update(of=challenges) if lock else query)).one_or_none()
    return None if row is None else _challenge(row)


def _values(challenge: Challenge) -> dict[str, Any]:
    values = asdict(challenge)
    merchant = values.pop("merchant")
    return {**values, **{f"merchant_{name}": value for name, value in merchant.items()}}


def _challenge(row: Row[Any]) -> Challenge:
    return Challenge(
        id=row.id, program_id=row.program_id, card_id=row.card_id, user_id=row.user_id, source=row.source,
        reference=row.reference, card_label=row.card_label, card_last4=row.card_last4,
        merchant=Merchant(row.merchant_name, row.merchant_mcc, row.merchant_country, row.merchant_id),
        amount=row.amount, currency=row.currency, state=ChallengeState(row.state), created_at=row.created_at,
        expires_at=row.expires_at, decision=Decision(row.decision) if row.decision else None,
        decided_by=row.decided_by, decided_at=row.decided_at, is_fraud_reported=row.is_fraud_reported,
        answer=AnswerState(row.answer), answer_key=row.answer_key,
    )  # fmt: skip
