"""A challenge: a purchase that somebody is asked to confirm. Its states and their order. No I/O."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from cardwright.core.errors import Conflict


class ChallengeState(StrEnum):
    """Where a challenge stands; `expired` and `canceled` also stand for a decision that came too late."""

    PENDING = "pending"
    APPROVED = "approved"
    REFUSED = "refused"
    EXPIRED = "expired"
    CANCELED = "canceled"


class Decision(StrEnum):
    """What somebody said, whatever came of it."""

    APPROVED = "approved"
    REFUSED = "refused"


class AnswerState(StrEnum):
    """How far a decision got: nobody decided, on its way, taken by the server, or of no use any more."""

    NONE = "none"
    WAITING = "waiting"
    DELIVERED = "delivered"
    TOO_LATE = "too_late"


_RANKS: Final = {
    ChallengeState.PENDING: 0,
    ChallengeState.APPROVED: 1,
    ChallengeState.REFUSED: 1,
    ChallengeState.EXPIRED: 2,
    ChallengeState.CANCELED: 3,
}
"""News only ever moves a challenge up, so that every order of the same news ends in the same state."""


@dataclass(frozen=True, slots=True)
class Merchant:
    """Who wants to be paid, as the merchant's side tells it: nothing of it is checked by anybody."""

    name: str
    mcc: str
    country: str | None
    id: str


@dataclass(frozen=True, slots=True)
class Challenge:
    """A purchase that waits for a yes or a no; `card_label` and `card_last4` are all it shows of the card.

    `reference` is unique per `source`, the access control server. `user_id` is the card's holder.
    `answer_key` is what the answer is sent under, however often.
    """

    id: str
    program_id: str
    card_id: str
    user_id: str
    source: str
    reference: str
    card_label: str
    card_last4: str | None
    merchant: Merchant
    amount: int
    currency: str
    state: ChallengeState
    created_at: datetime
    expires_at: datetime
    decision: Decision | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    is_fraud_reported: bool = False
    answer: AnswerState = AnswerState.NONE
    answer_key: str | None = None

    def state_at(self, at: datetime) -> ChallengeState:
        """Return the state as people are shown it: one whose time is over waits for nobody."""
        is_overdue = self.state is ChallengeState.PENDING and at >= self.expires_at
        return ChallengeState.EXPIRED if is_overdue else self.state


@dataclass(frozen=True, slots=True)
class Notice:
    """What the server says of a challenge: all of it each time, so that any message may be the first."""

    source: str
    reference: str
    state: ChallengeState
    card_reference: str
    merchant: Merchant
    amount: int
    currency: str
    expires_at: datetime


def ensure_open(challenge: Challenge, at: datetime) -> None:
    """Raise Conflict `challenge_decided`, `challenge_canceled` or `challenge_expired` unless it is open."""
    match challenge.state_at(at):
        case ChallengeState.PENDING:
            return
        case ChallengeState.CANCELED:
            raise Conflict("challenge_canceled", "The merchant no longer asks.")
        case ChallengeState.EXPIRED:
            raise Conflict("challenge_expired", "The time to answer is over.")
        case decided:
            raise Conflict("challenge_decided", f"This was {decided} already.", state=decided.value)


def decide(
    challenge: Challenge, decision: Decision, *, by: str, key: str, at: datetime, report_fraud: bool = False
) -> Challenge:
    """Return the challenge with somebody's decision, still to be told; raises what `ensure_open` does."""
    ensure_open(challenge, at)
    return replace(
        challenge, state=ChallengeState(decision.value), decision=decision, decided_by=by, decided_at=at,
        is_fraud_reported=report_fraud, answer=AnswerState.WAITING, answer_key=key,
    )  # fmt: skip


def hear(challenge: Challenge, told: ChallengeState) -> Challenge:
    """Return the challenge after the server said that it ended; anything else it says changes nothing.

    The server is right about its end: whoever it did not wait for has not approved anything.
    """
    has_ended = told in {ChallengeState.EXPIRED, ChallengeState.CANCELED}
    if not has_ended or _RANKS[told] <= _RANKS[challenge.state]:
        return challenge
    answer = AnswerState.NONE if challenge.decision is None else AnswerState.TOO_LATE
    return replace(challenge, state=told, answer=answer)


def mark_delivered(challenge: Challenge) -> Challenge:
    """Return the challenge after the server took the answer; news that it had ended stands."""
    if challenge.answer is not AnswerState.WAITING:
        return challenge
    return replace(challenge, answer=AnswerState.DELIVERED)
