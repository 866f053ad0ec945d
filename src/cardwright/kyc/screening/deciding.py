"""What reviewers do with hits: look at both names, confirm, dismiss."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cardwright import access, audit
from cardwright.access import Actor, Role
from cardwright.audit import Action
from cardwright.core.errors import NotFound
from cardwright.db import outbox
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.kyc.screening import domain, hit_store
from cardwright.kyc.screening.domain import Hit, HitState
from cardwright.kyc.screening.hit_store import Compared, Decision

HIT_DECIDED: Final = "kyc.screening_hit_decided"
_ACTIONS: Final[dict[HitState, Action]] = {
    HitState.CONFIRMED: "screening_hit.confirmed",
    HitState.DISMISSED: "screening_hit.dismissed",
}


@dataclass(frozen=True, slots=True)
class HitFile:
    """A hit with the name it was compared by, unless that is forgotten, and what was decided about it."""

    hit: Hit
    person: Compared | None
    decisions: tuple[Decision, ...]


async def get_hit(session: Session, hit_id: str, *, by: Actor) -> HitFile:
    """Return a hit of the reader's program; raise NotFound `hit_unknown` for any other."""
    hit = await hit_store.find_hit(session, hit_id)
    if hit is None or not by.viewer.sees(hit):
        raise _unknown()
    return await _file(session, hit)


async def decide_hit(
    session: Session, hit_id: str, after: HitState, *, reason: str, version: int, by: Actor, at: datetime
) -> HitFile:
    """Confirm or dismiss a hit; raise NotFound `hit_unknown`, and Conflict as `domain.decide` does."""
    before = await hit_store.find_hit(session, hit_id, lock=True)
    if before is None or not by.viewer.sees(before):
        raise _unknown()
    is_administrator = Role.ADMINISTRATOR in await access.find_granted(session, by.user_id)
    hit = domain.decide(
        before, after, version=version, by=by.user_id, is_administrator=is_administrator, at=at
    )
    await hit_store.save_state(session, hit)
    decision = Decision(before.state, after, hit.score, reason, by.user_id, at)
    await hit_store.add_decision(session, hit, decision)
    details = {"owner_id": hit.user_id, "list": hit.list_name, "score": hit.score, "before": before.state}
    await audit.record(session, by.user_id, hit.program_id, _ACTIONS[after], hit.id, details, at)
    payload = {"user_id": hit.user_id, "state": hit.state}
    await outbox.append(session, Event(HIT_DECIDED, hit.program_id, hit.id, at, payload))
    return await _file(session, hit)


async def _file(session: Session, hit: Hit) -> HitFile:
    person = await hit_store.compared_person(session, hit)
    return HitFile(hit, person, tuple(await hit_store.decisions_of(session, hit)))


def _unknown() -> NotFound:
    return NotFound("hit_unknown", "There is no such hit.")
