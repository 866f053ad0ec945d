"""The table of who else may answer for a card: invited, accepted, and what ended it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Index,
    Row,
    Table,
    Text,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from cardwright.db.base import id_column, instant, metadata, reference, text
from cardwright.db.session import Session
from cardwright.encryption import Place, SealedColumn, open_all, open_sealed, seal


class ApproverState(StrEnum):
    """Where an invitation stands: only who accepted may answer."""

    INVITED = "invited"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Approver:
    """Somebody whom the holder `user_id` wants to answer for a card, by an address.

    `approver_id` is who that is, once the worker has looked and if anybody is; the holder is never told.
    """

    id: str
    program_id: str
    card_id: str
    user_id: str
    approver_id: str | None
    email: str
    card_label: str
    card_last4: str | None
    state: ApproverState
    invited_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None


card_approvers = Table(
    "card_approvers",
    metadata,
    id_column(),
    reference("program_id"),
    reference("card_id"),
    reference("user_id"),
    reference("approver_id", nullable=True),
    text("email"),
    text("card_label"),
    text("card_last4", nullable=True),
    text("state"),
    instant("invited_at"),
    instant("expires_at"),
    instant("ended_at", nullable=True),
    Index(None, "user_id", "card_id"),
    Index(
        "uq_card_approvers_living",
        "card_id",
        "approver_id",
        unique=True,
        postgresql_where="state IN ('invited', 'accepted')",
    ),
    Index(None, "approver_id"),
    CheckConstraint("state IN ('invited', 'accepted', 'declined', 'removed')", name="state"),
    CheckConstraint("approver_id <> user_id", name="another"),
    CheckConstraint("state IN ('invited', 'removed') OR approver_id IS NOT NULL", name="somebody"),
    CheckConstraint("(ended_at IS NOT NULL) = (state IN ('declined', 'removed'))", name="ended"),
)
EMAIL: Final = SealedColumn(card_approvers, "email")
SEALED_COLUMNS: Final = (EMAIL,)
_LIVING: Final = card_approvers.c.state.in_(["invited", "accepted"])


def cards_answered_by(user_id: str) -> ColumnElement[Any]:
    """Return the cards that somebody may answer for without holding them: an array, so that indexes serve."""
    accepted = select(card_approvers.c.card_id).where(
        card_approvers.c.approver_id == user_id, card_approvers.c.state == ApproverState.ACCEPTED.value
    )
    return func.array(accepted.scalar_subquery(), type_=ARRAY(Text))


async def lock_invitations(session: Session, user_id: str) -> None:
    """Let a holder invite one person at a time, so that they can be counted."""
    key = func.hashtextextended(f"approvers of {user_id}", 0)
    await session.execute(select(func.pg_advisory_xact_lock(key)))


async def add(session: Session, approver: Approver) -> None:
    """Store an invitation."""
    sealed = await seal(session, _place(approver.id, approver.program_id), approver.email)
    await session.execute(insert(card_approvers).values({**asdict(approver), "email": sealed}))


async def list_of_card(session: Session, user_id: str, card_id: str) -> Sequence[Approver]:
    """Return whom a holder invited for a card and did not remove, in the order of asking."""
    return await _list(
        session,
        card_approvers.c.user_id == user_id,
        card_approvers.c.card_id == card_id,
        card_approvers.c.state != ApproverState.REMOVED.value,
    )


async def known_emails(session: Session, user_id: str, card_id: str) -> frozenset[str]:
    """Return whom a holder ever invited for a card, whatever became of it."""
    whose = (card_approvers.c.user_id == user_id, card_approvers.c.card_id == card_id)
    return frozenset(found.email for found in await _list(session, *whose))


async def count_since(session: Session, user_id: str, since: datetime) -> int:
    """Return how many invitations a holder made since an instant, whatever became of them."""
    query = select(func.count()).where(
        card_approvers.c.user_id == user_id, card_approvers.c.invited_at > since
    )
    return (await session.execute(query)).scalar_one()


async def list_addressed_to(session: Session, approver_id: str, at: datetime) -> Sequence[Approver]:
    """Return the invitations that somebody may accept now or has accepted."""
    invited = and_(card_approvers.c.state == ApproverState.INVITED.value, card_approvers.c.expires_at > at)
    accepted = card_approvers.c.state == ApproverState.ACCEPTED.value
    return await _list(session, card_approvers.c.approver_id == approver_id, or_(invited, accepted))


async def accepted_ids(session: Session, card_id: str) -> Sequence[str]:
    """Return who accepted to answer for a card."""
    query = select(card_approvers.c.approver_id).where(
        card_approvers.c.card_id == card_id, card_approvers.c.state == ApproverState.ACCEPTED.value
    )
    return list((await session.execute(query.order_by(card_approvers.c.id))).scalars())


async def is_accepted_for_share(session: Session, card_id: str, user_id: str) -> bool:
    """Answer whether somebody may answer for a card; they can until the transaction ends."""
    query = select(card_approvers.c.id).where(
        card_approvers.c.card_id == card_id,
        card_approvers.c.approver_id == user_id,
        card_approvers.c.state == ApproverState.ACCEPTED.value,
    )
    return (await session.execute(query.with_for_update(read=True))).first() is not None


async def find_for_update(
    session: Session, approver_row_id: str, *, user_id: str | None = None, approver_id: str | None = None
) -> Approver | None:
    """Return a living invitation, of a holder's or to somebody when they are named; locked."""
    query = select(card_approvers).where(card_approvers.c.id == approver_row_id, _LIVING)
    if user_id is not None:
        query = query.where(card_approvers.c.user_id == user_id)
    if approver_id is not None:
        query = query.where(card_approvers.c.approver_id == approver_id)
    row = (await session.execute(query.with_for_update())).one_or_none()
    return None if row is None else await _opened(session, row)


async def is_living(session: Session, card_id: str, approver_id: str) -> bool:
    """Answer whether somebody is invited for a card, or has accepted."""
    query = select(card_approvers.c.id).where(
        card_approvers.c.card_id == card_id, card_approvers.c.approver_id == approver_id, _LIVING
    )
    return (await session.execute(query)).first() is not None


async def save_invitee(session: Session, approver_row_id: str, approver_id: str) -> None:
    """Write who an address belongs to."""
    await session.execute(
        update(card_approvers).where(card_approvers.c.id == approver_row_id).values(approver_id=approver_id)
    )


async def save_state(
    session: Session, approver: Approver, state: ApproverState, ended_at: datetime | None
) -> Approver:
    """Write what became of an invitation."""
    await session.execute(
        update(card_approvers)
        .where(card_approvers.c.id == approver.id)
        .values(state=state.value, ended_at=ended_at)
    )
    return replace(approver, state=state, ended_at=ended_at)


async def remove_stale(session: Session, at: datetime) -> int:
    """Forget the invitations whose time is over and who is no approver; return how many."""
    stale = delete(card_approvers).where(
        card_approvers.c.state != ApproverState.ACCEPTED.value, card_approvers.c.expires_at <= at
    )
    return len((await session.execute(stale.returning(card_approvers.c.id))).all())


async def remove_everything_of(session: Session, user_id: str) -> None:
    """Forget whom somebody invited, and who invited them."""
    await session.execute(
        delete(card_approvers).where(
            or_(card_approvers.c.user_id == user_id, card_approvers.c.approver_id == user_id)
        )
    )


async def _list(session: Session, *conditions: ColumnElement[bool]) -> Sequence[Approver]:
    rows = (
        await session.execute(select(card_approvers).where(*conditions).order_by(card_approvers.c.id))
    ).all()
    opened = await open_all(session, {_place(row.id, row.program_id): row.email for row in rows})
    return [_approver(row, opened[_place(row.id, row.program_id)]) for row in rows]


async def _opened(session: Session, row: Row[Any]) -> Approver:
    return _approver(row, await open_sealed(session, _place(row.id, row.program_id), row.email))


def _place(row_id: str, program_id: str) -> Place:
    return EMAIL.place(row_id, program_id)


def _approver(row: Row[Any], email: str) -> Approver:
    return Approver(
        id=row.id, program_id=row.program_id, card_id=row.card_id, user_id=row.user_id,
        approver_id=row.approver_id, email=email, card_label=row.card_label, card_last4=row.card_last4,
        state=ApproverState(row.state), invited_at=row.invited_at, expires_at=row.expires_at,
        ended_at=row.ended_at,
    )  # fmt: skip
