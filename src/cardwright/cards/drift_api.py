"""Over HTTP: what was found to differ between cards here and at their processor."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends

from cardwright import audit
from cardwright.access import Actor, Reach, allow
from cardwright.cards import mirror_store
from cardwright.http import strict
from cardwright.http.deps import ClockDep, SessionDep
from cardwright.http.pagination import Cursor, Limit, Page, page
from cardwright.http.strict import Id, Output

router = strict.router("/v1/card-drifts", "cards")
Reader = Annotated[Actor, Depends(allow("card_drifts.read", reach=Reach.ANY))]


class DriftView(Output):
    """A card that was not at the processor as it is here; `repaired_at` is null until it is again."""

    id: Id
    card_id: Id
    found_at: datetime
    ours: Mapping[str, Any]
    theirs: Mapping[str, Any]
    repair: str
    repaired_at: datetime | None


@router.get("")
async def list_card_drifts(
    session: SessionDep, clock: ClockDep, actor: Reader, limit: Limit = 20, cursor: Cursor = None
) -> Page[DriftView]:
    """Cards that differed at the processor from what it had confirmed, newest first, and their repair."""
    found = await mirror_store.drifts_page(
        session, program_id=actor.program_id, before=cursor, limit=limit + 1
    )
    await audit.record_look(session, actor, "card_drifts.read", actor.program_id, clock.now(), cursor=cursor)
    return page(found, limit, show=DriftView.model_validate, cursor_of=lambda drift: drift.id)
