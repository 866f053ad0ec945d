"""The tables of cards, their transitions, and of holders at the processor."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Identity,
    Index,
    Integer,
    Row,
    Select,
    Table,
    Text,
    bindparam,
    false,
    func,
    insert,
    select,
    update,
)

from cardwright.cards import limit_store
from cardwright.cards.domain import (
    Bearer,
    Card,
    CardState,
    CardType,
    Limit,
    ReplacementReason,
    Scope,
    StaffLock,
    Subject,
    Terms,
    Transition,
)
from cardwright.cards.holder_store import processor_holders
from cardwright.cards.ports import DEFAULT_PROCESSOR, IssuedCard
from cardwright.core.errors import NotFound
from cardwright.db.base import id_column, instant, metadata, minor_units, reference, text
from cardwright.db.session import Session
from cardwright.db.together import joinable, together

cards = Table(
    "cards",
    metadata,
    id_column(),
    reference("program_id"),
    reference("user_id"),
    reference("root_card_id", index=True),
    text("label"),
    text("type"),
    text("currency"),
    text("state"),
    text("last4", nullable=True),
    text("bin", nullable=True),
    Column("exp_month", Integer),
    Column("exp_year", Integer),
    Column("processor", Text, nullable=False, server_default=DEFAULT_PROCESSOR),
    text("processor_reference", nullable=True, unique=True),
    Column("uses", Integer),
    minor_units("exact_amount", nullable=True),
    Column("is_locked", Boolean, nullable=False),
    reference("locked_merchant_id", nullable=True),
    instant("valid_from", nullable=True),
    instant("valid_until", nullable=True),
    text("colour", nullable=True),
    text("icon", nullable=True),
    reference("template_id", nullable=True),
    reference("replacement_for", nullable=True, unique=True),
    text("replacement_reason", nullable=True),
    reference("replaced_by", nullable=True),
    text("staff_lock_reason", nullable=True),
    reference("staff_locked_by", nullable=True),
    instant("staff_locked_at", nullable=True),
    instant("expiry_told_at", nullable=True),
    text("held_up_reason", nullable=True),
    Column("refusals", Integer, nullable=False, server_default="0"),
    Column("starts_frozen", Boolean, nullable=False, server_default=false()),
    instant("created_at"),
    CheckConstraint("state IN ('inactive', 'active', 'frozen', 'canceled')", name="state"),
    CheckConstraint("uses > 0", name="uses"),
    CheckConstraint("exact_amount > 0", name="exact_amount"),
    CheckConstraint("is_locked OR locked_merchant_id IS NULL", name="locked_merchant"),
    CheckConstraint(
        "num_nonnulls(staff_lock_reason, staff_locked_by, staff_locked_at) IN (0, 3)", name="staff_lock"
    ),
    Index("ix_cards_user_id", "user_id", "id"),
    Index("ix_cards_program_id_last4", "program_id", "last4", "user_id"),
)
card_transitions = Table(
    "card_transitions",
    metadata,
    Column("position", BigInteger, Identity(), primary_key=True),
    reference("card_id", index=True),
    text("from_state", nullable=True),
    text("to_state"),
    reference("actor_id"),
    text("reason"),
    instant("at"),
)
_OF_CARDS: Final = (Scope.CARD, Scope.FIXED)
_BY_ID: Final = joinable(select(cards).where(cards.c.id == bindparam("card_id")))
_BY_REFERENCE: Final = joinable(
    select(cards).where(cards.c.processor_reference == bindparam("processor_reference"))
)
BEARER: Final = select(cards.c.id, cards.c.program_id, cards.c.user_id, cards.c.currency).where(
    cards.c.processor_reference == bindparam("processor_reference")
)
"""Whose card a processor means by :processor_reference, as `Bearer` says it."""


async def insert_card(session: Session, card: Card) -> None:
    """Insert a card with its limits."""
    terms = card.terms
    await session.execute(
        insert(cards).values(
            id=card.id, program_id=card.program_id, user_id=card.user_id, root_card_id=card.root_card_id,
            label=card.label, type=card.type, currency=card.currency, state=card.state,
            processor=card.processor, uses=terms.uses,
            exact_amount=terms.exact_amount, is_locked=terms.is_locked, locked_merchant_id=terms.merchant_id,
            valid_from=terms.valid_from, valid_until=terms.valid_until, colour=card.colour, icon=card.icon,
            template_id=card.template_id, replacement_for=card.replacement_for,
            replacement_reason=card.replacement_reason, created_at=card.created_at,
            starts_frozen=card.starts_frozen,
        )
    )  # fmt: skip
    await limit_store.replace_limits(session, card.program_id, subject_of(card.id), card.limits)
    await limit_store.replace_limits(session, card.program_id, fixed_of(card.id), card.fixed_limits)


def subject_of(card_id: str) -> Subject:
    """Return a card as whom its holder sets limits for."""
    return Subject(Scope.CARD, card_id)


def fixed_of(card_id: str) -> Subject:
    """Return a card as whom its template, and staff, set limits for."""
    return Subject(Scope.FIXED, card_id)


async def find_card(session: Session, card_id: str) -> Card | None:
    """Return a card, not locked."""
    found, limits = await together(
        session,
        session.execute(_BY_ID, {"card_id": card_id}),
        limit_store.limits_of_cards(session, [card_id]),
    )
    row = found.one_or_none()
    return None if row is None else _with(limits, row)


async def get_known_card(session: Session, card_id: str) -> Card:
    """Return a card that there is: cards are never removed."""
    card = await find_card(session, card_id)
    if card is None:
        raise NotFound("card_unknown", "There is no such card.")
    return card


async def card_for_update(session: Session, card_id: str) -> Card:
    """Return a card, locked until the transaction ends; raise NotFound."""
    card = await _one(session, _BY_ID.with_for_update(key_share=True), {"card_id": card_id})
    if card is None:
        raise NotFound("card_unknown", "There is no such card.")
    return card


async def find_card_by_processor(session: Session, reference: str) -> Card | None:
    """Return the card that the processor knows under a reference, not locked."""
    return await _one(session, _BY_REFERENCE, {"processor_reference": reference})


async def find_bearer(session: Session, reference: str) -> Bearer | None:
    """Return whose card the processor knows under a reference."""
    row = (await session.execute(BEARER, {"processor_reference": reference})).one_or_none()
    return None if row is None else Bearer(*row)


async def find_card_by_processor_for_update(session: Session, reference: str) -> Card | None:
    """Return the card that the processor knows under a reference, locked until the transaction ends."""
    locked = _BY_REFERENCE.with_for_update(key_share=True)
    return await _one(session, locked, {"processor_reference": reference})


async def cards_page(session: Session, *, user_id: str, before: str | None, limit: int) -> Sequence[Card]:
    """Return a person's cards, newest first."""
    query = select(cards).where(cards.c.user_id == user_id)
    if before is not None:
        query = query.where(cards.c.id < before)
    rows = (await session.execute(query.order_by(cards.c.id.desc()).limit(limit))).all()
    return await _with_limits(session, rows)


async def save_state(
    session: Session, card: Card, wanted: CardState, *, actor_id: str, reason: str, at: datetime
) -> None:
    """Write a transition and the state it leads to; under a staff lock it leads nowhere but out of sight."""
    await session.execute(update(cards).where(cards.c.id == card.id).values(state=wanted))
    to_state = replace(card, state=wanted).effective_state
    hidden = f"{reason}_{wanted}" if to_state != wanted else reason
    await _insert_transition(session, card, to_state, actor_id, hidden, at)


async def save_issued(session: Session, card_id: str, issued: IssuedCard) -> None:
    """Write what the processor answered."""
    await session.execute(
        update(cards)
        .where(cards.c.id == card_id)
        .values(
            processor_reference=issued.reference, last4=issued.last4, bin=issued.bin,
            exp_month=issued.exp_month, exp_year=issued.exp_year, held_up_reason=None,
        )
    )  # fmt: skip


async def count_refusals(session: Session, card_id: str) -> int:
    """Return how often the processor has refused to issue a card."""
    found = await session.execute(select(cards.c.refusals).where(cards.c.id == card_id))
    count: int = found.scalar_one()
    return count


async def save_refusal(session: Session, card_id: str, reason: str, *, attempt: int) -> bool:
    """Write why a card is held up; answer False where that attempt's refusal is written already."""
    written = await session.execute(
        update(cards)
        .where(cards.c.id == card_id, cards.c.refusals == attempt)
        .values(held_up_reason=reason, refusals=attempt + 1)
        .returning(cards.c.id)
    )
    return written.scalar_one_or_none() is not None


async def held_up_cards(session: Session, holder_reference: str) -> Sequence[Card]:
    """Return the cards that the processor holds up because of a holder it knows under a reference."""
    of_holder = select(processor_holders.c.user_id).where(
        processor_holders.c.processor_reference == holder_reference
    )
    query = select(cards).where(
        cards.c.user_id.in_(of_holder),
        cards.c.held_up_reason.is_not(None),
        cards.c.state == CardState.INACTIVE,
    )
    return await _with_limits(session, (await session.execute(query.order_by(cards.c.id))).all())


async def count_transitions(session: Session, card_id: str) -> int:
    """Return how many transitions a card has had: the version of its state."""
    query = select(func.count()).where(card_transitions.c.card_id == card_id)
    return (await session.execute(query)).scalar_one()


async def transitions_of(session: Session, card_ids: Sequence[str]) -> Sequence[Transition]:
    """Return what happened to the state of cards, in order."""
    rows = await session.execute(
        select(card_transitions)
        .where(card_transitions.c.card_id.in_(card_ids))
        .order_by(card_transitions.c.position)
    )
    return [
        Transition(row.card_id, row.from_state, row.to_state, row.actor_id, row.reason, row.at)
        for row in rows
    ]


async def lineage(session: Session, card_id: str) -> Sequence[str]:
    """Return a card and those it took the place of, the newest first; the card alone where it is nobody's."""
    rows = await session.execute(select(cards.c.id, cards.c.replacement_for).where(_chain(card_id)))
    replaced = {row.id: row.replacement_for for row in rows}
    found = [card_id]
    while (before := replaced.get(found[-1])) is not None:
        found.append(before)
    return found


async def chain_for_update(session: Session, card_id: str) -> None:
    """Lock a card with all that it replaces and that replace it, in the one order in which that is done."""
    query = select(cards.c.id).where(_chain(card_id)).order_by(cards.c.id)
    await session.execute(query.with_for_update(key_share=True))


async def lock_to_merchant(session: Session, card_id: str, merchant_id: str) -> None:
    """Lock a card, and its whole chain, to a merchant; the chain must be locked for update."""
    await session.execute(
        update(cards).where(_chain(card_id), cards.c.is_locked).values(locked_merchant_id=merchant_id)
    )


def _chain(card_id: str) -> ColumnElement[bool]:
    root = select(cards.c.root_card_id).where(cards.c.id == card_id).scalar_subquery()
    return cards.c.root_card_id == root


async def save_staff_lock(
    session: Session, card: Card, lock: StaffLock | None, *, actor_id: str, at: datetime
) -> None:
    """Put a staff lock on a card, or take it away, and write it among the card's transitions."""
    await session.execute(
        update(cards)
        .where(cards.c.id == card.id)
        .values(
            staff_lock_reason=lock and lock.reason,
            staff_locked_by=lock and lock.locked_by,
            staff_locked_at=lock and lock.locked_at,
        )
    )
    to_state = replace(card, lock=lock).effective_state
    await _insert_transition(session, card, to_state, actor_id, "staff", at)


async def _insert_transition(
    session: Session, card: Card, to_state: str, actor_id: str, reason: str, at: datetime
) -> None:
    await session.execute(
        insert(card_transitions).values(
            card_id=card.id, from_state=card.effective_state, to_state=to_state, actor_id=actor_id,
            reason=reason, at=at,
        )
    )  # fmt: skip


async def save_looks(session: Session, card_id: str, looks: Mapping[str, str | None]) -> None:
    """Write a card's label, colour or icon."""
    await session.execute(update(cards).where(cards.c.id == card_id).values(**looks))


async def save_replacement(session: Session, card_id: str, replaced_by: str) -> None:
    """Write which card took a card's place."""
    await session.execute(update(cards).where(cards.c.id == card_id).values(replaced_by=replaced_by))


async def _one(session: Session, query: Select[Any], wanted: Mapping[str, str]) -> Card | None:
    row = (await session.execute(query, wanted)).one_or_none()
    return None if row is None else (await _with_limits(session, [row]))[0]


async def _with_limits(session: Session, rows: Sequence[Row[Any]]) -> list[Card]:
    limits = await limit_store.limits_of_cards(session, [row.id for row in rows])
    return [_with(limits, row) for row in rows]


def _with(limits: Mapping[tuple[str, Scope], tuple[Limit, ...]], row: Row[Any]) -> Card:
    return _card(row, [limits.get((row.id, scope), ()) for scope in _OF_CARDS])


def _card(row: Row[Any], limits: Sequence[tuple[Limit, ...]]) -> Card:
    own, fixed = limits
    return Card(
        id=row.id, program_id=row.program_id, user_id=row.user_id, root_card_id=row.root_card_id,
        label=row.label, type=CardType(row.type), currency=row.currency, state=CardState(row.state),
        last4=row.last4, exp_month=row.exp_month, exp_year=row.exp_year,
        processor=row.processor, processor_reference=row.processor_reference,
        limits=own, created_at=row.created_at,
        terms=Terms(
            row.uses, row.exact_amount, row.is_locked, row.locked_merchant_id, row.valid_from, row.valid_until
        ),
        colour=row.colour, icon=row.icon, template_id=row.template_id, replacement_for=row.replacement_for,
        replacement_reason=row.replacement_reason and ReplacementReason(row.replacement_reason),
        replaced_by=row.replaced_by, lock=_staff_lock(row), held_up_reason=row.held_up_reason,
        bin=row.bin, fixed_limits=fixed, starts_frozen=row.starts_frozen,
    )  # fmt: skip


def _staff_lock(row: Row[Any]) -> StaffLock | None:
    if row.staff_locked_at is None:
        return None
    return StaffLock(row.staff_lock_reason, row.staff_locked_by, row.staff_locked_at)


async def lock_cards_of(session: Session, user_id: str) -> None:
    """Wait until nobody else makes cards of a person; the lock ends with the transaction."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"cards:{user_id}", 0))))


async def count_open_cards(session: Session, program_id: str, user_id: str) -> int:
    """Return how many cards of a person are not canceled."""
    query = (
        select(func.count())
        .select_from(cards)
        .where(
            cards.c.program_id == program_id, cards.c.user_id == user_id, cards.c.state != CardState.CANCELED
        )
    )
    return (await session.execute(query)).scalar_one()
