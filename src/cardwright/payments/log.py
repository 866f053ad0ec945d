"""The log of payments: what a viewer wants of it, newest first, a page at a time."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from cardwright import audit, cards, merchants
from cardwright.access import Actor, Reach, Viewer
from cardwright.core.errors import Forbidden
from cardwright.db.session import Session
from cardwright.payments import log_queries
from cardwright.payments.domain import Payment
from cardwright.payments.log_filter import LogFilter
from cardwright.payments.place_queries import cards_wanted, places_wanted


async def viewer_of(
    session: Session, actor: Actor, wanted: LogFilter, *, everyone: bool, at: datetime, **more: Any
) -> Viewer:
    """Return who looks: an actor at what is theirs, or staff at everybody's, which is recorded."""
    if not everyone:
        return Viewer(actor.program_id, actor.user_id)
    if actor.reach is Reach.OWN:
        raise Forbidden("permission_missing", "This needs payments.read of everybody.")
    asked = {name: value for name, value in {**asdict(wanted), **more}.items() if value is not None}
    await audit.record_look(session, actor, "payments.read", actor.program_id, at, **asked)
    return actor.viewer


async def read(
    session: Session, viewer: Viewer, wanted: LogFilter, *, before: str | None, limit: int
) -> Sequence[Payment]:
    """Return the payments wanted with their elements, newest first, those older than the payment `before`.

    Raises Invalid `cursor_unknown` where that is no payment within sight.
    """
    named = () if wanted.merchant_id is None else await merchants.family(session, [wanted.merchant_id])
    chain = () if wanted.card_id is None else await cards.lineage(session, wanted.card_id)
    narrowed = log_queries.Narrowed(
        log_queries.conditions(viewer, wanted, card_ids=chain),
        places_wanted(viewer, wanted, named),
        cards_wanted(viewer, wanted),
        places_wanted(viewer, replace(wanted, text=None), named),
    )
    return await log_queries.page(session, narrowed, before=before, limit=limit)
