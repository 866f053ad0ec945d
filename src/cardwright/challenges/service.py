"""What people do with challenges: see them, approve them, refuse them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from cardwright import audit
from cardwright.access import Principal, Viewer
from cardwright.cards import CardState
from cardwright.challenges import approver_store, store
from cardwright.challenges.domain import Challenge, Decision, decide, ensure_open
from cardwright.core.errors import Conflict, NotFound
from cardwright.core.ids import new_id
from cardwright.db import outbox
from cardwright.db.outbox import Event
from cardwright.db.session import Session

DECIDED: Final = "challenges.challenge_decided"
FRAUD_REPORTED: Final = "challenges.fraud_reported"
_ACTIONS: Final[Mapping[Decision, audit.Action]] = {
    Decision.APPROVED: "challenge.approved",
    Decision.REFUSED: "challenge.refused",
}


async def get_visible(session: Session, challenge_id: str, viewer: Viewer) -> Challenge:
    """Return a challenge within a viewer's sight; raise NotFound for any other."""
    found = await store.find_visible(session, challenge_id, viewer)
    if found is None:
        raise _unknown()
    return found


async def list_visible(
    session: Session, viewer: Viewer, *, card_id: str | None, after: tuple[bool, str] | None, limit: int
) -> Sequence[Challenge]:
    """Return what a viewer may see, pending first, then newest first."""
    return await store.list_visible(session, viewer, card_id=card_id, after=after, limit=limit)


async def approve(session: Session, challenge_id: str, *, by: Principal, at: datetime) -> Challenge:
    """Confirm a purchase as somebody who may answer for its card now; the worker tells the server.

    Raises NotFound; Conflict `challenge_decided`, `challenge_canceled`, `challenge_expired`, `card_frozen`
    or `card_canceled`. That they used a strong factor lately is the route's to see to.
    """
    challenge = await _decidable(session, challenge_id, by)
    ensure_open(challenge, at)
    state = await store.card_state_for_share(session, challenge.id)
    if state is not CardState.ACTIVE:
        told = state or CardState.INACTIVE
        raise Conflict(f"card_{told}", f"The card is {told}: this can only be refused.")
    return await _decide(session, challenge, Decision.APPROVED, by, at)


async def refuse(
    session: Session, challenge_id: str, *, report_fraud: bool, by: Principal, at: datetime,
    way: str | None = None,
) -> Challenge:  # fmt: skip
    """Refuse a purchase; with `report_fraud` that is kept and announced, and nothing is frozen by it.

    `way` is that of the message that somebody refused with who was not signed in.

    Raises NotFound; Conflict `challenge_decided`, `challenge_canceled` or `challenge_expired`.
    """
    challenge = await _decidable(session, challenge_id, by)
    refused = await _decide(session, challenge, Decision.REFUSED, by, at, report_fraud=report_fraud, way=way)
    if report_fraud:
        payload = {"user_id": refused.user_id, "card_id": refused.card_id, "reported_by": by.user_id}
        await outbox.append(session, Event(FRAUD_REPORTED, refused.program_id, refused.id, at, payload))
    return refused


async def _decidable(session: Session, challenge_id: str, by: Principal) -> Challenge:
    viewer = Viewer(by.program_id, by.user_id)
    challenge = await store.find_visible(session, challenge_id, viewer, lock=True)
    # Whoever is being removed as an approver is waited for: then they were, or were not.
    if challenge is None or not (
        challenge.user_id == by.user_id
        or await approver_store.is_accepted_for_share(session, challenge.card_id, by.user_id)
    ):
        raise _unknown()
    return challenge


async def _decide(
    session: Session, challenge: Challenge, decision: Decision, by: Principal, at: datetime,
    *, report_fraud: bool = False, way: str | None = None,
) -> Challenge:  # fmt: skip
    decided = decide(challenge, decision, by=by.user_id, key=new_id("ans"), at=at, report_fraud=report_fraud)
    await store.save(session, decided)
    await outbox.append(session, event_of(DECIDED, decided, at))
    told = {"card_id": decided.card_id, "owner_id": decided.user_id, "report_fraud": report_fraud}
    details = told if way is None else {**told, "way": way}
    action = _ACTIONS[decision]
    await audit.record(session, by.user_id, decided.program_id, action, decided.id, details, at)
    return decided


def event_of(type_: str, challenge: Challenge, at: datetime, **more: Any) -> Event:
    """Return an event about a challenge: what may be told of it, and nothing of the card but its end."""
    payload = {
        "user_id": challenge.user_id, "challenge_id": challenge.id, "amount": challenge.amount,
        "currency": challenge.currency, "merchant_name": challenge.merchant.name,
        "last4": challenge.card_last4, **more,
    }  # fmt: skip
    return Event(type_, challenge.program_id, challenge.id, at, payload)


def _unknown() -> NotFound:
    return NotFound("challenge_unknown", "There is no such challenge.")
