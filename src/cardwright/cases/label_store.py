"""The table of labels. A later label takes an earlier one's place; none is ever changed or removed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import CheckConstraint, Index, Table, UniqueConstraint, select
from sqlalchemy.dialects import postgresql

from cardwright.core.ids import new_id
from cardwright.db.base import id_column, instant, metadata, reference, text
from cardwright.db.session import Session

payment_labels = Table(
    "payment_labels",
    metadata,
    id_column(),
    reference("program_id"),
    reference("user_id"),
    reference("payment_id"),
    # `unclear` takes an earlier label back.
    text("label"),
    text("source"),
    reference("labelled_by"),
    instant("labelled_at"),
    # What it was said in: the same occasion told twice is one label.
    text("occasion"),
    UniqueConstraint("payment_id", "occasion"),
    CheckConstraint("label IN ('fraud', 'genuine', 'unclear')", name="label"),
    CheckConstraint("source IN ('case', 'holder', 'dispute')", name="source"),
    Index("ix_payment_labels_newest", "program_id", "payment_id", "labelled_at", "id"),
    Index("ix_payment_labels_user_id", "user_id"),
)


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A label as it is kept."""

    program_id: str
    user_id: str
    payment_id: str
    label: str
    source: str
    labelled_by: str
    labelled_at: datetime
    occasion: str


async def add_label(session: Session, row: LabelRow) -> None:
    """Keep a label; the same occasion is kept once."""
    await session.execute(
        postgresql.insert(payment_labels)
        .values(id=new_id("label"), **asdict(row))
        .on_conflict_do_nothing(index_elements=["payment_id", "occasion"])
    )


async def newest(
    session: Session, program_id: str, *, payment_ids: Sequence[str] | None, as_of: datetime | None,
    after: str, limit: int,
) -> Sequence[LabelRow]:  # fmt: skip
    """Return the newest label of each payment until an instant, by payment, those after one."""
    table = payment_labels.c
    query = (
        select(payment_labels)
        .ext(postgresql.distinct_on(table.payment_id))
        .where(table.program_id == program_id, table.payment_id > after)
    )
    if payment_ids is not None:
        query = query.where(table.payment_id.in_(payment_ids))
    if as_of is not None:
        query = query.where(table.labelled_at <= as_of)
    newest_first = (table.payment_id, table.labelled_at.desc(), table.id.desc())
    rows = await session.execute(query.order_by(*newest_first).limit(limit))
    return [
        LabelRow(
            row.program_id, row.user_id, row.payment_id, row.label, row.source, row.labelled_by,
            row.labelled_at, row.occasion,
        )
        for row in rows
    ]  # fmt: skip
