"""The table of what happened, one narrow row per authorization, and the statements about it.

An authorization that reads windows sees all that is in them, and whatever is written later is later: whoever
writes about a card holds its wallet's lock, then the holder's, then the merchant's, until the commit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Boolean, Column, Index, Table, TextualSelect, column, insert, select
from sqlalchemy import text as sql_text

from cardwright.db.base import id_column, instant, metadata, minor_units, reference, text
from cardwright.db.session import Session
from cardwright.db.together import joinable
from cardwright.rules.velocity.domain import definition
from cardwright.rules.velocity.reading import Reading

_MONEY: Final = ("is_approved", "currency", "amount")


def _with(*columns: str) -> Mapping[str, Any]:
    return {"postgresql_include": columns}


velocity_events = Table(
    "velocity_events",
    metadata,
    id_column("decision_id"),
    reference("program_id"),
    reference("card_id"),
    reference("user_id"),
    reference("merchant_id"),
    text("merchant_country"),
    text("mcc"),
    text("currency"),
    minor_units("amount"),
    Column("is_approved", Boolean, nullable=False),
    instant("occurred_at"),
    # Each holds all that its reads want, so that no row is visited.
    Index(
        "ix_velocity_events_card_id", "card_id", "occurred_at",
        **_with(*_MONEY, "merchant_id", "merchant_country"),
    ),
    Index(
        "ix_velocity_events_user_id", "user_id", "occurred_at",
        **_with(*_MONEY, "merchant_id", "merchant_country"),
    ),
    Index(
        "ix_velocity_events_merchant_id", "merchant_id", "occurred_at", **_with(*_MONEY, "card_id", "user_id")
    ),
    # By one key: by two columns, a plan made for everybody may take the merchant's index and look through all
    # of a hot merchant's. Its rows are visited, at most a chunk for each window.
    Index("ix_velocity_events_card_merchant", sql_text("((card_id || ' ') || merchant_id)"), "occurred_at"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Concerned:
    """Whom an authorization concerns: `merchant_id` is our id of the merchant, not the acquirer's."""

    program_id: str
    card_id: str
    user_id: str
    merchant_id: str


@dataclass(frozen=True, slots=True)
class Event:
    """What came of an authorization; `amount` is what was approved, or was asked for and declined."""

    decision_id: str
    merchant_country: str
    mcc: str
    currency: str
    amount: int
    is_approved: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """What the windows before `occurred_at` held, by field; None where there is no history."""

    occurred_at: datetime
    values: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An authorization of the past: whom it concerned, and where its windows end."""

    concerned: Concerned
    occurred_at: datetime


# The inner query is made first: everybody waits for a holder before a merchant. What reads velocity takes
# longer to plan than to answer, and whose it is makes no difference. So one plan serves all, and it is right
# for tables that were empty when it was made.
_LOCK: Final = """
SELECT {lock}(hashtextextended('velocity:merchant:' || CAST(:merchant_id AS text), 0)) AS locked,
  set_config('plan_cache_mode', 'force_generic_plan', true)
    || set_config('enable_seqscan', 'off', true) AS planned
FROM (
  SELECT pg_advisory_xact_lock(hashtextextended('velocity:holder:' || CAST(:user_id AS text), 0)) OFFSET 0
) AS held
"""


def _locking(lock: str) -> TextualSelect:
    # It travels with others: no row is read with it that it protects.
    return joinable(sql_text(_LOCK.format(lock=lock)).columns(column("locked"), column("planned")))


_LOCK_MERCHANT: Final = _locking("pg_advisory_xact_lock")
_SHARE_MERCHANT: Final = _locking("pg_advisory_xact_lock_shared")
_INSERT: Final = joinable(insert(velocity_events))


async def lock(session: Session, concerned: Concerned, *, reads_merchants: bool) -> None:
    """Lock the holder, and the merchant; the caller holds the wallet's lock.

    Those who do not read what happened at the merchant share its lock with each other, and wait only for one
    who does.
    """
    whom = {"user_id": concerned.user_id, "merchant_id": concerned.merchant_id}
    await session.execute(_LOCK_MERCHANT if reads_merchants else _SHARE_MERCHANT, whom)


async def read(
    session: Session, reading: Reading, concerned: Concerned, *, amount: int, currency: str, at: datetime
) -> Seen:
    """Return when the authorization occurs, `at` or later, and what was before; all is locked."""
    given = {
        "at": at, "card_id": concerned.card_id, "user_id": concerned.user_id,
        "merchant_id": concerned.merchant_id, "amount": amount, "currency": currency,
    }  # fmt: skip
    asked = {name: value for name, value in given.items() if f":{name} " in reading.text}
    occurred_at, *values = (await session.execute(_prepared(reading), asked)).one()
    return Seen(occurred_at, dict(zip(reading.names, values, strict=True)))


async def occurrences(session: Session, decision_ids: Sequence[str]) -> Mapping[str, Occurrence]:
    """Return when decided authorizations occurred, by decision; what was no authorization has none."""
    table = velocity_events.c
    whom = (table.program_id, table.card_id, table.user_id, table.merchant_id)
    query = select(table.decision_id, table.occurred_at, *whom).where(table.decision_id.in_(decision_ids))
    return {row[0]: Occurrence(Concerned(*row[2:]), row[1]) for row in await session.execute(query)}


@lru_cache(256)
def _prepared(reading: Reading) -> TextualSelect:
    values = (f"v{place}" for place in range(len(reading.names)))
    return joinable(sql_text(reading.text).columns(*map(column, ("occurred_at", *values))))


async def insert_event(
    session: Session, concerned: Concerned, event: Event, *, occurred_at: datetime
) -> None:
    """Insert what came of an authorization that has read what was before `occurred_at`."""
    await session.execute(_INSERT, {**asdict(concerned), **asdict(event), "occurred_at": occurred_at})


def unseen(names: tuple[str, ...]) -> Mapping[str, int | None]:
    """Return what fields hold for somebody nobody knows."""
    return {name: None if (found := definition(name)) and found.is_optional else 0 for name in names}
