"""The seals of the journal over HTTP, for finance."""

from typing import Annotated

from fastapi import Depends

from cardwright import audit
from cardwright.access import Actor, Reach, allow
from cardwright.http import strict
from cardwright.http.deps import ClockDep, SessionDep, provided
from cardwright.ledger.journal import JOURNAL
from cardwright.sealing import CheckpointSigner, Recompute, SealsView, show_seals

router = strict.router("/v1/ledger/seals", "ledger")
Finance = Annotated[Actor, Depends(allow("ledger.read", reach=Reach.ANY))]


@router.get("")
async def get_journal_seals(
    session: SessionDep, clock: ClockDep, actor: Finance,
    signer: Annotated[CheckpointSigner, Depends(provided(CheckpointSigner))], recompute: Recompute = False,
) -> SealsView:  # fmt: skip
    """How far the journal is sealed, and on request whether every entry is as it was sealed and signed."""
    await audit.record_look(session, actor, "journal.read", actor.program_id, clock.now(), seals=recompute)
    return await show_seals(session, JOURNAL, actor.program_id, signer, recompute=recompute)
