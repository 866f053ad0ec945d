"""Agreeing with the server: what it tells of challenges, what becomes of answers, running out of time."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from cardwright import audit, cards
from cardwright.cards import Card
from cardwright.challenges import approver_store, store
from cardwright.challenges.domain import (
    AnswerState,
    Challenge,
    ChallengeState,
    Decision,
    Notice,
    hear,
    mark_delivered,
)
from cardwright.challenges.ports import ChallengeServer, Outcome
from cardwright.challenges.service import DECIDED, event_of
from cardwright.core.ids import new_id
from cardwright.db import outbox
from cardwright.db.jobs import Subscription, Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session

REQUESTED: Final = "challenges.challenge_requested"
ANSWERED_TOO_LATE: Final = "challenges.answered_too_late"
_SERVER: Final = "challenge_server"
_EXPIRED_AT_ONCE: Final = 200
_TOLD: Final[Mapping[Decision, str]] = {
    Decision.APPROVED: "challenges.challenge_approved",
    Decision.REFUSED: "challenges.challenge_refused",
}
_ENDS: Final[Mapping[ChallengeState, audit.Action]] = {
    ChallengeState.EXPIRED: "challenge.expired",
    ChallengeState.CANCELED: "challenge.canceled",
}
_STATES: Final[Mapping[Outcome, ChallengeState]] = {
    Outcome.TIMED_OUT: ChallengeState.EXPIRED,
    Outcome.CANCELED: ChallengeState.CANCELED,
}


async def apply_notice(session: Session, notice: Notice, at: datetime) -> None:
    """Apply what the server tells of a challenge: any message may be the first, the last or a repetition.

    A challenge for a card that is not ours is ignored: the server may ask for others, too.
    """
    known = await store.find_by_reference_for_update(session, notice.source, notice.reference)
    if known is None:
        card = await cards.find_card_by_processor(session, notice.card_reference)
        if card is None:
            return
        await _receive(session, card, notice, at)
        known = await store.find_by_reference_for_update(session, notice.source, notice.reference)
        assert known is not None  # noqa: S101 - it was stored just now, by us or beside us
    await _end(session, known, notice.state, _SERVER, at)


async def deliver_answer(work: Work, event: Event) -> None:
    """Tell the server what was decided, under the key that was kept with the decision, until it is heard."""
    async with work.transaction() as session:
        challenge = await store.find_challenge(session, event.subject_id)
    if challenge is None or challenge.answer is not AnswerState.WAITING or challenge.answer_key is None:
        return
    outcome = await work.get(ChallengeServer).answer(
        challenge.reference, approved=challenge.decision is Decision.APPROVED, key=challenge.answer_key
    )
    async with work.transaction() as session:
        now = work.clock.now()
        present = await store.find_challenge_for_update(session, challenge.id)
        if present is None:
            return
        if outcome is not Outcome.TAKEN:
            await _end(session, present, _STATES[outcome], _SERVER, now)
            return
        delivered = mark_delivered(present)
        if delivered != present:
            await store.save(session, delivered)
            await _record(session, delivered, "challenge.answered", _SERVER, now)
            await _tell(session, delivered, _TOLD[Decision(delivered.state.value)], now)


async def expire_challenges(work: Work) -> int:
    """Close what nobody answered in time; return how many."""
    at = work.clock.now()
    async with work.transaction() as session:
        overdue = await store.overdue_for_update(session, at, _EXPIRED_AT_ONCE)
        for challenge in overdue:
            await _end(session, challenge, ChallengeState.EXPIRED, "system", at)
    return len(overdue)


async def _receive(session: Session, card: Card, notice: Notice, at: datetime) -> None:
    challenge = Challenge(
        id=new_id("chal"), program_id=card.program_id, card_id=card.id, user_id=card.user_id,
        source=notice.source, reference=notice.reference, card_label=card.label, card_last4=card.last4,
        merchant=notice.merchant, amount=notice.amount, currency=notice.currency,
        state=ChallengeState.PENDING, created_at=at, expires_at=notice.expires_at,
    )  # fmt: skip
    if not await store.add_challenge(session, challenge):
        return
    await _record(session, challenge, "challenge.requested", _SERVER, at)
    if notice.state is ChallengeState.PENDING and challenge.state_at(at) is ChallengeState.PENDING:
        await _tell(session, challenge, REQUESTED, at)


async def _end(
    session: Session, challenge: Challenge, told: ChallengeState, actor_id: str, at: datetime
) -> None:
    ended = hear(challenge, told)
    if ended == challenge:
        return
    await store.save(session, ended)
    await _record(session, ended, _ENDS[ended.state], actor_id, at)
    if challenge.decision is not None and challenge.answer is not AnswerState.TOO_LATE:
        await _tell(session, ended, ANSWERED_TOO_LATE, at)


async def _tell(session: Session, challenge: Challenge, event_type: str, at: datetime) -> None:
    # One event per person: each is told on their own channels, and an approver may be gone by the next one.
    approvers = [challenge.user_id, *await approver_store.accepted_ids(session, challenge.card_id)]
    # Who refused knows it; an approval is told to all: it may have been made in their name.
    known_to = challenge.decided_by if event_type == _TOLD[Decision.REFUSED] else None
    events = [event_of(event_type, challenge, at, user_id=it) for it in approvers if it != known_to]
    await outbox.append(session, *events)


async def _record(
    session: Session, challenge: Challenge, action: audit.Action, actor_id: str, at: datetime
) -> None:
    details = {
        "card_id": challenge.card_id, "owner_id": challenge.user_id, "state": challenge.state.value,
        "answer": challenge.answer.value,
    }  # fmt: skip
    await audit.record(session, actor_id, challenge.program_id, action, challenge.id, details, at)


SUBSCRIPTIONS: Final = (Subscription("challenges.deliver_answer", DECIDED, deliver_answer),)
