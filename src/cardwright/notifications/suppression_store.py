"""The table of addresses that get nothing more, as they bounced or somebody said stop."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from sqlalchemy import CheckConstraint, Table, delete, select
from sqlalchemy.dialects.postgresql import insert

from cardwright.db.base import instant, metadata, reference, text
from cardwright.db.session import Session
from cardwright.notifications.domain import Channel
from cardwright.notifications.store import notifications

Reason: TypeAlias = Literal["hard_bounce", "complaint", "opted_out"]

suppressions = Table(
    "address_suppressions",
    metadata,
    reference("user_id", primary_key=True),
    text("channel", primary_key=True),
    text("address_digest", primary_key=True),
    reference("program_id"),
    text("reason"),
    text("error_code", nullable=True),
    instant("suppressed_at"),
    CheckConstraint("channel IN ('email', 'sms')", name="channel"),
    CheckConstraint("reason IN ('hard_bounce', 'complaint', 'opted_out')", name="reason"),
)


@dataclass(frozen=True, slots=True)
class Suppression:
    """One person's address that gets nothing more; the digest stands for it."""

    user_id: str
    channel: Channel
    address_digest: str
    program_id: str
    reason: Reason
    error_code: str | None
    suppressed_at: datetime


async def add_suppression(session: Session, suppression: Suppression) -> bool:
    """Suppress an address; False when it was suppressed already, for whatever reason."""
    added = await session.execute(
        insert(suppressions)
        .values(asdict(suppression))
        .on_conflict_do_nothing()
        .returning(suppressions.c.user_id)
    )
    return added.scalar_one_or_none() is not None


async def list_suppressions(session: Session, user_id: str) -> Sequence[Suppression]:
    """Return what of a person is suppressed, former addresses included."""
    return (await suppressions_of(session, [user_id])).get(user_id, ())


async def suppressions_of(session: Session, user_ids: Collection[str]) -> Mapping[str, Sequence[Suppression]]:
    """Return what is suppressed, by user id."""
    query = select(suppressions).where(suppressions.c.user_id.in_(user_ids))
    rows = await session.execute(query.order_by(suppressions.c.channel))
    found: dict[str, list[Suppression]] = {}
    for row in rows:
        found.setdefault(row.user_id, []).append(Suppression(**row._mapping))  # noqa: SLF001 - public
    return found


async def find_suppression(
    session: Session, user_id: str, channel: Channel, address_digest: str
) -> Suppression | None:
    """Return why an address of a person gets nothing, if so."""
    found = await list_suppressions(session, user_id)
    return next((it for it in found if (it.channel, it.address_digest) == (channel, address_digest)), None)


async def lift_suppression(session: Session, user_id: str, channel: Channel, address_digest: str) -> bool:
    """Let an address get messages again; False when nothing was in the way."""
    lifted = await session.execute(
        delete(suppressions)
        .where(
            suppressions.c.user_id == user_id,
            suppressions.c.channel == channel,
            suppressions.c.address_digest == address_digest,
        )
        .returning(suppressions.c.user_id)
    )
    return lifted.scalar_one_or_none() is not None


async def list_people_at(
    session: Session, program_id: str, channel: Channel, address_digest: str
) -> Sequence[str]:
    """Return who was ever sent something to this address."""
    rows = await session.execute(
        select(notifications.c.user_id)
        .where(
            notifications.c.program_id == program_id,
            notifications.c.channel == channel,
            notifications.c.address_digest == address_digest,
        )
        .distinct()
        .order_by(notifications.c.user_id)
    )
    return rows.scalars().all()


async def remove_suppressions(session: Session, user_id: str) -> None:
    """Forget a person's addresses."""
    await session.execute(delete(suppressions).where(suppressions.c.user_id == user_id))
