"""A case: a payment that somebody has to judge. Its states, its urgency, and who may do what next. No I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from cardwright.core import claims
from cardwright.core.errors import Conflict, Invalid
from cardwright.core.money import EXPONENTS


class CaseState(StrEnum):
    """`open` until somebody takes it, `in_review` while it is theirs, `resolved` until it is reopened."""

    OPEN = "open"
    IN_REVIEW = "in_review"
    RESOLVED = "resolved"


class Finding(StrEnum):
    """What a payment turned out to be."""

    FRAUD = "fraud"
    GENUINE = "genuine"
    UNCLEAR = "unclear"


class Priority(StrEnum):
    """How soon a case has to be decided."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class Source(StrEnum):
    """Who brought a payment to attention."""

    RULES = "rules"
    HOLDER = "holder"
    STAFF = "staff"


class Answer(StrEnum):
    """What a holder says to "was this you?"."""

    YES = "yes"
    NO = "no"


class AnsweredBy(StrEnum):
    """Where a holder gave their answer: signed in, or by the message that asked them."""

    APP = "app"
    SMS = "sms"
    EMAIL = "email"
    PUSH = "push"


TIME_TO_DECIDE: Final[Mapping[Priority, timedelta]] = {
    # Within a shift, within a day, before a weekend is over: a stolen number is used up within hours.
    Priority.HIGH: timedelta(hours=4),
    Priority.NORMAL: timedelta(hours=24),
    Priority.LOW: timedelta(hours=72),
}
TIME_TO_ANSWER: Final = timedelta(days=7)
"""An authorization is good for 7 days; after that the money has moved and a dispute is the way."""
_HIGH_FROM: Final = 500
_LOW_BELOW: Final = 50
_HIGH_SCORE: Final = 50
_LOW_SCORE: Final = 10


@dataclass(frozen=True, slots=True)
class Case:
    """A payment that is looked into; one case per payment. `amount` is in minor units of the card's currency.

    `decisions` are the decisions whose flags made it, `rules` those flags and `score` the points of the
    newest, where rules gave any. `version` counts the changes. `asked_at` is when the holder was asked
    whether it was them, `answer_by` until when they can answer.
    """

    id: str
    program_id: str
    user_id: str
    payment_id: str
    card_id: str
    merchant_id: str
    merchant_name: str
    last4: str | None
    amount: int
    currency: str
    source: Source
    rules: tuple[str, ...]
    decisions: tuple[str, ...]
    score: int | None
    state: CaseState
    priority: Priority
    opened_at: datetime
    due_at: datetime
    version: int = 1
    assignee_id: str | None = None
    overdue_at: datetime | None = None
    finding: Finding | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    asked_at: datetime | None = None
    answer_by: datetime | None = None
    answer: Answer | None = None
    answered_at: datetime | None = None

    def is_overdue(self, at: datetime) -> bool:
        """Whether it should have been decided by now."""
        return self.state is not CaseState.RESOLVED and self.due_at <= at

    def awaits_answer(self, at: datetime) -> bool:
        """Whether its holder was asked and can answer still."""
        is_open = self.answer is None and self.state is not CaseState.RESOLVED
        return is_open and self.answer_by is not None and at < self.answer_by


def priority_of(amount: int, currency: str, score: int | None) -> Priority:
    """Return how urgent a case is: either sign alone makes it high, both must be small for a low one.

    >>> str(priority_of(500_00, "USD", None)), str(priority_of(500, "JPY", 0))
    ('high', 'high')
    >>> str(priority_of(49_99, "USD", 9)), str(priority_of(49_99, "USD", 10))
    ('low', 'normal')
    """
    unit, points = 10 ** EXPONENTS[currency], score or 0
    if amount >= _HIGH_FROM * unit or points >= _HIGH_SCORE:
        return Priority.HIGH
    return Priority.LOW if amount < _LOW_BELOW * unit and points < _LOW_SCORE else Priority.NORMAL


def ask_holder(case: Case, at: datetime) -> Case:
    """Return the case with its holder asked whether the payment was theirs."""
    return replace(case, asked_at=at, answer_by=at + TIME_TO_ANSWER)


def flag_again(case: Case, decision_id: str, rules: Sequence[str], score: int | None, at: datetime) -> Case:
    """Return the case after another decision on its payment was flagged; the same one changes nothing.

    What was resolved is open again: the judgement was of less than there is now.
    """
    if decision_id in case.decisions:
        return case
    urgency = priority_of(case.amount, case.currency, score)
    grown = replace(
        case, decisions=(*case.decisions, decision_id), score=case.score if score is None else score,
        rules=(*case.rules, *(name for name in rules if name not in case.rules)), version=case.version + 1,
    )  # fmt: skip
    if case.state is CaseState.RESOLVED:
        grown = _reopened(grown, at)
    return _hurried(grown, urgency, at)


def claim(case: Case, by: str) -> Case:
    """Return the case in somebody's hands; taking what is one's own already changes nothing.

    Raises Conflict `case_resolved` or `case_assigned`.
    """
    _ensure_unresolved(case)
    if not claims.can_claim(case, by, "case"):
        return case
    return replace(case, state=CaseState.IN_REVIEW, assignee_id=by, version=case.version + 1)


def assign(case: Case, to: str | None, version: int) -> Case:
    """Return the case given to somebody, or back to the queue; raises Conflict as `decide` does."""
    _ensure_unresolved(case)
    claims.ensure_version(case, version, "case")
    state = CaseState.OPEN if to is None else CaseState.IN_REVIEW
    return replace(case, state=state, assignee_id=to, version=case.version + 1)


def decide(case: Case, finding: Finding, *, by: str, version: int, at: datetime) -> Case:
    """Return the case decided by whoever has it.

    Raises Conflict `case_resolved`, `case_unclaimed`, `case_assigned` to another, or `case_changed` since
    `version` was read.
    """
    _ensure_unresolved(case)
    claims.ensure_claimed(case, by, "case")
    claims.ensure_version(case, version, "case")
    return _resolved(case, finding, by, at)


def reopen(case: Case, version: int, at: datetime) -> Case:
    """Return a resolved case in the queue again, with new time; raises Conflict `case_unresolved`."""
    if case.state is not CaseState.RESOLVED:
        raise Conflict("case_unresolved", "Only a resolved case can be reopened.")
    claims.ensure_version(case, version, "case")
    return replace(_reopened(case, at), version=case.version + 1)


def hear(case: Case, answer: Answer, at: datetime) -> Case:
    """Return the case after its holder's only answer: yes resolves it, no makes it urgent.

    Raises Conflict `question_answered`, `question_closed` or `question_expired`.
    """
    if case.answer is not None:
        raise Conflict("question_answered", "This question was answered.", answer=case.answer.value)
    if case.state is CaseState.RESOLVED or case.answer_by is None:
        raise Conflict("question_closed", "This was looked into already: no answer is needed.")
    if at >= case.answer_by:
        raise Conflict("question_expired", "The time to answer is over.")
    heard = replace(case, answer=answer, answered_at=at)
    if answer is Answer.YES:
        return _resolved(heard, Finding.GENUINE, case.user_id, at)
    return _hurried(replace(heard, version=case.version + 1), Priority.HIGH, at)


def report(case: Case, at: datetime) -> Case:
    """Return the case after its holder said, unasked, that the payment was not theirs.

    What was found genuine or unclear is open again. Raises Conflict `fraud_reported` when they said so
    before, `case_resolved` when it was found to be fraud.
    """
    if case.finding is Finding.FRAUD:
        raise Conflict("case_resolved", "This is known to be fraud.")
    if case.answer is Answer.NO and case.state is not CaseState.RESOLVED:
        raise Conflict("fraud_reported", "You reported this already.")
    current = _reopened(case, at) if case.state is CaseState.RESOLVED else case
    heard = replace(current, answer=Answer.NO, answered_at=at, version=case.version + 1)
    return _hurried(heard, Priority.HIGH, at)


def mark_overdue(case: Case, at: datetime) -> Case:
    """Return the case marked as late, which it is told of once."""
    return replace(case, overdue_at=at, version=case.version + 1)


def ensure_effects_fit(finding: Finding, card: str, *, has_dispute: bool) -> None:
    """Raise Invalid `effects_contradict` for what nobody means, such as a dispute of a genuine payment."""
    if has_dispute and finding is not Finding.FRAUD:
        raise Invalid("effects_contradict", "Only fraud is disputed from a case.")
    if finding is Finding.GENUINE and card in ("lock", "replace"):
        raise Invalid("effects_contradict", "A genuine payment locks and replaces no card.")
    if finding is Finding.FRAUD and card == "unlock":
        raise Invalid("effects_contradict", "Fraud unlocks no card.")


def _resolved(case: Case, finding: Finding, by: str, at: datetime) -> Case:
    return replace(
        case, state=CaseState.RESOLVED, finding=finding, resolved_at=at, resolved_by=by,
        version=case.version + 1,
    )  # fmt: skip


def _reopened(case: Case, at: datetime) -> Case:
    return replace(
        case, state=CaseState.OPEN, assignee_id=None, finding=None, resolved_at=None, resolved_by=None,
        due_at=at + TIME_TO_DECIDE[case.priority], overdue_at=None,
    )  # fmt: skip


def _hurried(case: Case, priority: Priority, at: datetime) -> Case:
    # Urgency only grows, and no new sign gives a case more time than it had.
    order = list(Priority)
    if order.index(priority) >= order.index(case.priority):
        return case
    return replace(case, priority=priority, due_at=min(case.due_at, at + TIME_TO_DECIDE[priority]))


def _ensure_unresolved(case: Case) -> None:
    if case.state is CaseState.RESOLVED:
        raise Conflict("case_resolved", "This case is resolved.", finding=case.finding and case.finding.value)
