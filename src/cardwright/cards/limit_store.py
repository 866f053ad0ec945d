"""The tables of limits, controls and temporary exceptions, whomever they are set for."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Row,
    Table,
    Text,
    any_,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)

from cardwright.cards.domain import (
    AppliedLimit,
    Control,
    Dimension,
    Effect,
    Limit,
    Measure,
    Scope,
    Selection,
    SpendingException,
    Subject,
    Window,
)
from cardwright.db.base import id_column, instant, json, metadata, reference, text
from cardwright.db.session import Session
from cardwright.db.together import joinable

_SCOPES: Final = "scope IN ('card', 'fixed', 'customer', 'level', 'program')"

spending_limits = Table(
    "spending_limits",
    metadata,
    Column("position", BigInteger, Identity(), primary_key=True),
    reference("program_id"),
    text("scope"),
    reference("subject_id"),
    text("window"),
    text("measure"),
    Column("at_most", BigInteger, nullable=False),
    Column("span_seconds", Integer),
    json("selection"),
    CheckConstraint(_SCOPES, name="scope"),
    CheckConstraint("at_most >= 0", name="at_most"),
    CheckConstraint("(span_seconds IS NOT NULL) = (\"window\" = 'rolling')", name="span"),
    Index("ix_spending_limits_subject", "subject_id", "scope"),
)
spending_controls = Table(
    "spending_controls",
    metadata,
    reference("program_id"),
    text("scope"),
    reference("subject_id"),
    text("dimension"),
    text("effect"),
    json("values"),
    PrimaryKeyConstraint("subject_id", "scope", "dimension", "effect"),
    CheckConstraint(_SCOPES, name="scope"),
)
spending_exceptions = Table(
    "spending_exceptions",
    metadata,
    id_column(),
    reference("card_id"),
    reference("merchant_id"),
    instant("created_at"),
    instant("until"),
    instant("revoked_at", nullable=True),
    Index("ix_spending_exceptions_card_id", "card_id", "until"),
)
_NARROWEST_FIRST: Final = case(
    {scope.value: place for place, scope in enumerate(Scope)}, value=spending_limits.c.scope
)
_SUBJECTS: Final = func.unnest(
    bindparam("scopes", type_=ARRAY(Text)), bindparam("subject_ids", type_=ARRAY(Text))
).table_valued("scope", "id")
_WANTED: Final = select(_SUBJECTS.render_derived())
_LIMITS_OF_CARDS: Final = joinable(
    select(spending_limits)
    .where(
        spending_limits.c.scope.in_((Scope.CARD, Scope.FIXED)),
        spending_limits.c.subject_id == any_(bindparam("card_ids", type_=ARRAY(Text))),
    )
    .order_by(spending_limits.c.position)
)
_LIMITS_FOR: Final = joinable(
    select(spending_limits)
    .where(tuple_(spending_limits.c.scope, spending_limits.c.subject_id).in_(_WANTED))
    .order_by(_NARROWEST_FIRST, spending_limits.c.position)
)
_CONTROLS_FOR: Final = joinable(
    select(spending_controls)
    .where(tuple_(spending_controls.c.scope, spending_controls.c.subject_id).in_(_WANTED))
    .order_by(spending_controls.c.scope, spending_controls.c.dimension, spending_controls.c.effect)
)
_EXCEPTIONS_OF: Final = joinable(
    select(spending_exceptions)
    .where(
        spending_exceptions.c.card_id == bindparam("of_card"),
        spending_exceptions.c.created_at <= bindparam("at"),
        spending_exceptions.c.until > bindparam("at"),
        or_(spending_exceptions.c.revoked_at.is_(None), spending_exceptions.c.revoked_at > bindparam("at")),
    )
    .order_by(spending_exceptions.c.until.desc(), spending_exceptions.c.id)
)


@dataclass(frozen=True, slots=True)
class ScopedControl:
    """A control and whom it was set for."""

    scope: Scope
    control: Control


async def replace_limits(
    session: Session, program_id: str, subject: Subject, limits: Sequence[Limit]
) -> None:
    """Replace all limits that are set for a subject."""
    await session.execute(
        delete(spending_limits).where(
            spending_limits.c.scope == subject.scope, spending_limits.c.subject_id == subject.id
        )
    )
    if limits:
        rows = [
            {
                "program_id": program_id, "scope": subject.scope, "subject_id": subject.id,
                "window": limit.window, "measure": limit.measure, "at_most": limit.at_most,
                "span_seconds": limit.span_seconds, "selection": _named(limit.only),
            }
            for limit in limits
        ]  # fmt: skip
        await session.execute(insert(spending_limits), rows)


async def limits_of_cards(
    session: Session, card_ids: Sequence[str]
) -> dict[tuple[str, Scope], tuple[Limit, ...]]:
    """Return the limits of cards themselves: their holders', and those that are fixed."""
    rows = await session.execute(_LIMITS_OF_CARDS, {"card_ids": card_ids})
    found: dict[tuple[str, Scope], tuple[Limit, ...]] = {}
    for row in rows:
        whose = (row.subject_id, Scope(row.scope))
        found[whose] = (*found.get(whose, ()), _limit(row))
    return found


async def limits_for(session: Session, subjects: Sequence[Subject]) -> Sequence[AppliedLimit]:
    """Return the limits of all subjects, the narrowest scope first, each in the order they were given."""
    rows = await session.execute(_LIMITS_FOR, _of(subjects))
    return [AppliedLimit(Scope(row.scope), _limit(row)) for row in rows]


def _of(subjects: Sequence[Subject]) -> Mapping[str, Any]:
    return {"scopes": [found.scope for found in subjects], "subject_ids": [found.id for found in subjects]}


async def replace_controls(
    session: Session, program_id: str, subject: Subject, controls: Sequence[Control]
) -> None:
    """Replace all controls that are set for a subject."""
    await session.execute(
        delete(spending_controls).where(
            spending_controls.c.scope == subject.scope, spending_controls.c.subject_id == subject.id
        )
    )
    if controls:
        rows = [
            {
                "program_id": program_id, "scope": subject.scope, "subject_id": subject.id,
                "dimension": control.dimension, "effect": control.effect, "values": list(control.values),
            }
            for control in controls
        ]  # fmt: skip
        await session.execute(insert(spending_controls), rows)


async def controls_for(session: Session, subjects: Sequence[Subject]) -> Sequence[ScopedControl]:
    """Return the controls of all subjects, in one fixed order."""
    rows = await session.execute(_CONTROLS_FOR, _of(subjects))
    return [
        ScopedControl(
            Scope(row.scope), Control(Dimension(row.dimension), Effect(row.effect), tuple(row.values))
        )
        for row in rows
    ]


async def insert_exception(session: Session, exception: SpendingException) -> None:
    """Insert a temporary exception."""
    await session.execute(
        insert(spending_exceptions).values(
            id=exception.id, card_id=exception.card_id, merchant_id=exception.merchant_id,
            created_at=exception.created_at, until=exception.until,
        )
    )  # fmt: skip


async def exceptions_of(session: Session, card_id: str, at: datetime) -> Sequence[SpendingException]:
    """Return the exceptions of a card that hold at an instant, the one that lasts longest first."""
    rows = await session.execute(_EXCEPTIONS_OF, {"of_card": card_id, "at": at})
    return [SpendingException(**row._mapping) for row in rows]  # noqa: SLF001 - the row's public way to a mapping


async def revoke_exception(session: Session, card_id: str, exception_id: str, at: datetime) -> bool:
    """End an exception of a card; answer whether there was one."""
    table = spending_exceptions.c
    ended = await session.execute(
        update(spending_exceptions)
        .where(
            table.id == exception_id, table.card_id == card_id, table.revoked_at.is_(None), table.until > at
        )
        .values(revoked_at=at)
        .returning(table.id)
    )
    return ended.scalar_one_or_none() is not None


def _named(selection: Selection) -> dict[str, list[str]]:
    return {name: list(values) for name, values in asdict(selection).items() if values}


def _limit(row: Row[Any]) -> Limit:
    named = {name: tuple(values) for name, values in row.selection.items()}
    return Limit(Window(row.window), row.at_most, Measure(row.measure), row.span_seconds, Selection(**named))
