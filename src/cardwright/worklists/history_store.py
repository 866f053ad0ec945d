"""The two tables that every list has beside its items: what happened to them, and what was noted of them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Index, Table, insert, select

from cardwright.core.ids import new_id
from cardwright.db.base import id_column, instant, json, metadata, reference, text
from cardwright.db.session import Session
from cardwright.encryption import SealedColumn, open_all, seal
from cardwright.worklists.domain import Activity, Item, Note


@dataclass(frozen=True, slots=True)
class History:
    """Where the history of one list is kept; rows of both tables are only ever added.

    `item_column` holds the item's id; ids of activities and notes begin with `prefix` and `act` or `note`.
    """

    activities: Table
    notes: Table
    item_column: str
    prefix: str

    @property
    def words(self) -> SealedColumn:
        """The words of notes, which are sealed."""
        return SealedColumn(self.notes, "words")


def history_tables(name: str, item_column: str, prefix: str) -> History:
    """Declare the tables `<name>_activities` and `<name>_notes`."""
    activities = Table(
        f"{name}_activities",
        metadata,
        id_column(),
        reference("program_id"),
        reference("user_id"),
        reference(item_column),
        text("kind"),
        reference("actor_id"),
        json("details"),
        instant("at"),
        Index(f"ix_{name}_activities_{item_column}_id", item_column, "id"),
    )
    notes = Table(
        f"{name}_notes",
        metadata,
        id_column(),
        reference("program_id"),
        reference("user_id"),
        reference(item_column),
        reference("author_id"),
        text("words"),
        instant("written_at"),
        Index(f"ix_{name}_notes_{item_column}_id", item_column, "id"),
    )
    return History(activities, notes, item_column, prefix)


async def add_activity(session: Session, history: History, item: Item, activity: Activity) -> None:
    """Write down what happened to an item."""
    await session.execute(
        insert(history.activities).values(
            id=new_id(f"{history.prefix}act"), program_id=item.program_id, user_id=item.user_id,
            **{history.item_column: item.id}, **asdict(activity),
        )
    )  # fmt: skip


async def activities_of(session: Session, history: History, item_id: str) -> Sequence[Activity]:
    """Return what happened to an item, in order."""
    table = history.activities
    query = select(table).where(table.c[history.item_column] == item_id).order_by(table.c.id)
    return [Activity(row.kind, row.actor_id, row.details, row.at) for row in await session.execute(query)]


async def add_note(
    session: Session, history: History, item: Item, author_id: str, words: str, at: datetime
) -> Note:
    """Write a note of an item, sealed."""
    note = Note(new_id(f"{history.prefix}note"), author_id, words, at)
    sealed = await seal(session, history.words.place(note.id, item.program_id), words)
    await session.execute(
        insert(history.notes).values(
            id=note.id, program_id=item.program_id, user_id=item.user_id,
            **{history.item_column: item.id}, author_id=author_id, words=sealed, written_at=at,
        )
    )  # fmt: skip
    return note


async def notes_of(session: Session, history: History, item: Item) -> Sequence[Note]:
    """Return the notes of an item, in order."""
    table = history.notes
    query = select(table).where(table.c[history.item_column] == item.id).order_by(table.c.id)
    rows = (await session.execute(query)).all()
    sealed = {history.words.place(row.id, item.program_id): row.words for row in rows}
    words = {place.row_id: told for place, told in (await open_all(session, sealed)).items()}
    return [Note(row.id, row.author_id, words[row.id], row.written_at) for row in rows]
