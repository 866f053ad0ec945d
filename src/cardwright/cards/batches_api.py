"""Many cards at once over HTTP: a list in, progress and the result of every row out."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import Path, Query, Response
from pydantic import Field

from cardwright import audit
from cardwright.cards import batch_store, batches
from cardwright.cards.domain import Batch, BatchRow, RowState
from cardwright.cards.domain.batches import read_rows
from cardwright.cards.guards import Holder, ProcessorsDep, ProgramDep, Reader
from cardwright.core.ids import ID_PATTERN
from cardwright.http import strict
from cardwright.http.deps import ClockDep, IdempotencyDep, SessionDep
from cardwright.http.strict import IN_DIGITS, Id, Input, Output

router = strict.router("/v1/card-batches", "cards")
BatchId = Annotated[str, Path(pattern=ID_PATTERN, max_length=40)]


class CreateBatch(Input):
    """The list as CSV: a line of column names, then one card a row, 10,000 at most."""

    csv: Annotated[
        str,
        Field(min_length=1, max_length=1_000_000, examples=["label,limit_month\nAds,50000\n"]),
    ]


class BatchView(Output):
    """How far a batch is."""

    id: Id
    total: int
    waiting: int
    made: int
    failed: int
    canceled: int
    is_done: bool
    created_at: datetime

    @classmethod
    def of(cls, batch: Batch) -> Self:
        """Show a batch."""
        counts = {state.value: batch.counts.get(state, 0) for state in RowState}
        return cls(
            id=batch.id, total=batch.total, created_at=batch.created_at, is_done=counts["waiting"] == 0,
            **counts,
        )  # fmt: skip


class RowView(Output):
    """What became of a row; numbers count from 1, the line of names left out."""

    number: int
    state: RowState
    card_id: Id | None
    error_code: str | None
    error_message: str | None

    @classmethod
    def of(cls, row: BatchRow) -> Self:
        """Show a row."""
        return cls.model_validate(row)


@router.post("", status_code=201, response_model=BatchView)
async def create_card_batch(
    body: CreateBatch, session: SessionDep, clock: ClockDep, actor: Holder, call: IdempotencyDep,
    program: ProgramDep, processors: ProcessorsDep,
) -> Response:  # fmt: skip
    """Ask for many cards at once; a list that is not as it should be is refused whole."""

    async def effect() -> BatchView:
        made = await batches.create_batch(
            session, read_rows(body.csv), program_id=actor.program_id, user_id=actor.user_id,
            currency=program.currency, processor=processors.default, at=clock.now(),
        )  # fmt: skip
        return BatchView.of(made)

    return await call.once(actor.user_id, effect)


@router.get("/{batch_id}")
async def get_card_batch(batch_id: BatchId, session: SessionDep, clock: ClockDep, actor: Reader) -> BatchView:
    """How far a batch of yours is; for staff, anybody's."""
    batch = await batches.get_batch(session, batch_id, viewer=actor.viewer)
    await audit.record_look(session, actor, "card.read", batch.id, clock.now(), owner_id=batch.user_id)
    return BatchView.of(batch)


@router.get("/{batch_id}/rows")
async def list_card_batch_rows(
    batch_id: BatchId, session: SessionDep, clock: ClockDep, actor: Reader,
    state: RowState | None = None, after: Annotated[int, Query(ge=0, le=10_000), IN_DIGITS] = 0,
    limit: Annotated[int, Query(ge=1, le=500), IN_DIGITS] = 100,
) -> list[RowView]:  # fmt: skip
    """What became of each row, in the order of the list, from the row after `after`."""
    batch = await batches.get_batch(session, batch_id, viewer=actor.viewer)
    await audit.record_look(session, actor, "card.read", batch.id, clock.now(), owner_id=batch.user_id)
    found = await batch_store.rows_page(session, batch_id, state=state, after=after, limit=limit)
    return [RowView.of(row) for row in found]


@router.post("/{batch_id}/cancel")
async def cancel_card_batch(
    batch_id: BatchId, session: SessionDep, clock: ClockDep, actor: Holder
) -> BatchView:
    """Make no more cards of a batch; those that were made stay."""
    return BatchView.of(await batches.cancel_batch(session, batch_id, viewer=actor.viewer, at=clock.now()))
