"""The table of inboxes: how far each person's list has come, and how often something in it was read."""

from collections.abc import Mapping, Sequence

from sqlalchemy import BigInteger, Column, Table, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from cardwright.db.base import id_column, metadata, reference
from cardwright.db.session import Session

inboxes = Table(
    "inboxes",
    metadata,
    id_column("user_id"),
    reference("program_id"),
    Column("last_position", BigInteger, nullable=False),
    Column("changes", BigInteger, nullable=False),
)


async def take_positions(session: Session, wanted: Mapping[tuple[str, str], int]) -> Mapping[str, int]:
    """Return by person the last of so many places in their inbox; they are keyed by program and person.

    Others are kept from the inboxes until we commit, so positions become visible in their order: whoever has
    seen one has seen, or can see, all before it. Inboxes are locked in one order.
    """
    rows = [
        {"program_id": program_id, "user_id": user_id, "last_position": many, "changes": 0}
        for (program_id, user_id), many in sorted(wanted.items(), key=lambda it: it[0][1])
    ]
    added = insert(inboxes).values(rows)
    raised = added.on_conflict_do_update(
        index_elements=["user_id"],
        set_={"last_position": inboxes.c.last_position + added.excluded.last_position},
    )
    taken = await session.execute(raised.returning(inboxes.c.user_id, inboxes.c.last_position))
    return {row.user_id: row.last_position for row in taken}


async def note_reading(session: Session, user_id: str) -> None:
    """Let everybody who watches an inbox see that something in it was read."""
    await session.execute(
        update(inboxes).where(inboxes.c.user_id == user_id).values(changes=inboxes.c.changes + 1)
    )


async def marks_of(session: Session, user_ids: Sequence[str]) -> Mapping[str, tuple[int, int]]:
    """Return by person how far their inbox has come, and how often something in it was read."""
    rows = await session.execute(
        select(inboxes.c.user_id, inboxes.c.last_position, inboxes.c.changes).where(
            inboxes.c.user_id.in_(user_ids)
        )
    )
    return {row.user_id: (row.last_position, row.changes) for row in rows}


async def remove_inbox(session: Session, user_id: str) -> None:
    """Forget how far a person's inbox came."""
    await session.execute(delete(inboxes).where(inboxes.c.user_id == user_id))
