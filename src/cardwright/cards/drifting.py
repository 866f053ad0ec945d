"""Where a card at the processor differs from ours, though it was told: found, recorded and repaired."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cardwright import audit
from cardwright.cards import mirror_store, mirroring, store
from cardwright.cards.domain import CancellationReason, Card, CardState, MirroredLimit
from cardwright.cards.lifecycle import PROCESSOR_ACTOR, close
from cardwright.cards.mirror_store import Told, limits_to_json
from cardwright.cards.ports import ProcessorCard
from cardwright.db.jobs import Work
from cardwright.db.session import Session

_AT_ONCE: Final = 100
_PAUSE_SECONDS: Final = 0.05
"""Between two reads: processors allow some 25 a second, and others need them, too."""


@dataclass(frozen=True, slots=True)
class _Standing:
    """A card as it is to be at the processor, what that has confirmed, and the newest drift found of it."""

    card: Card
    limits: tuple[MirroredLimit, ...]
    told: Told | None
    newest_drift_id: str | None

    @property
    def is_push_due(self) -> bool:
        """Whether the processor has still to hear of a change of ours: what differs then is no drift."""
        if self.told is None or self.told.state is not self.card.processor_state:
            return True
        return self.told.state is not CardState.CANCELED and self.told.limits != self.limits

    def differs_from(self, theirs: ProcessorCard) -> bool:
        """Answer whether the processor has another state or other limits than it confirmed."""
        if theirs.state is not self.card.processor_state:
            return True
        return theirs.state is not CardState.CANCELED and theirs.limits != self.limits


async def find_drift(work: Work, *, pause_seconds: float = _PAUSE_SECONDS) -> int:
    """Compare every card with the processor's, repair what differs; return how many did."""
    count, after = 0, ""
    while True:
        async with work.transaction() as session:
            card_ids = await mirror_store.issued_card_ids(session, after=after, limit=_AT_ONCE)
        for card_id in card_ids:
            count += await reconcile(work, card_id)
            await asyncio.sleep(pause_seconds)
        if len(card_ids) < _AT_ONCE:
            return count
        after = card_ids[-1]


async def refresh_card(work: Work, reference: str) -> None:
    """Compare a card that the processor tells of; one that is not ours concerns nobody."""
    async with work.transaction() as session:
        card = await store.find_card_by_processor(session, reference)
    if card is not None:
        await reconcile(work, card.id)


async def reconcile(work: Work, card_id: str) -> bool:
    """Compare a card with the processor's and repair it; answer whether there was a drift."""
    async with work.transaction() as session:
        before = await _standing(session, work, card_id)
    reference = before.card.processor_reference
    if reference is None or before.card.state is CardState.INACTIVE:
        return False
    theirs = await mirroring.processor_of(work, before.card).state_at_processor(reference)
    if theirs.state is None:
        return False
    async with work.transaction() as session:
        now = await _standing(session, work, card_id)
        # What changed while the processor was asked is another's to bring there; the next round looks again.
        if now != before:
            return False
        is_canceled_there = theirs.state is CardState.CANCELED and now.card.state is not CardState.CANCELED
        if is_canceled_there:
            await _cancel_here(session, work, now, theirs)
            return True
        is_drift = not now.is_push_due and now.differs_from(theirs)
        if is_drift:
            await _record(session, work, now, theirs, repair="pushed")
    if is_drift or now.is_push_due:
        await _push(work, card_id)
    return is_drift


async def _push(work: Work, card_id: str) -> None:
    await mirroring.bring_state(work, card_id)
    await mirroring.bring_limits(work, card_id)
    async with work.transaction() as session:
        await mirror_store.mark_repaired(session, card_id, work.clock.now())


async def _standing(session: Session, work: Work, card_id: str) -> _Standing:
    card = await store.card_for_update(session, card_id)
    return _Standing(
        card,
        await mirroring.mirrored_limits_of(session, card, mirroring.processor_of(work, card)),
        await mirror_store.find_told(session, card_id),
        await mirror_store.newest_drift_id(session, card_id),
    )


async def _cancel_here(session: Session, work: Work, ours: _Standing, theirs: ProcessorCard) -> None:
    await _record(session, work, ours, theirs, repair="canceled_here")
    await close(
        session, ours.card, CancellationReason.PROCESSOR, actor_id=PROCESSOR_ACTOR, at=work.clock.now()
    )


async def _record(
    session: Session, work: Work, ours: _Standing, theirs: ProcessorCard, *, repair: str
) -> None:
    at, card = work.clock.now(), ours.card
    here = _shown(card.processor_state, ours.limits)
    there = _shown(theirs.state, theirs.limits)
    is_new = await mirror_store.insert_drift(
        session, program_id=card.program_id, card_id=card.id, ours=here, theirs=there, repair=repair,
        found_at=at, repaired_at=at if repair == "canceled_here" else None,
    )  # fmt: skip
    if is_new:
        details = {"ours": here, "theirs": there, "repair": repair}
        await audit.record(
            session, PROCESSOR_ACTOR, card.program_id, "card.drift_found", card.id, details, at
        )


def _shown(state: CardState | None, limits: tuple[MirroredLimit, ...] | None) -> Mapping[str, Any]:
    return {"state": state, "limits": None if limits is None else limits_to_json(limits)}
