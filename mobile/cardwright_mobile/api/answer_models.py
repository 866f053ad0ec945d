"""What the API answers; written by `make mobile-client` from openapi.json, never by hand.

Enumerations are plain strings: an app that is older than its server must not stumble over a new word.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class MaskedCard:
    """All that an approver sees of a card."""

    label: str
    last4: str | None


@dataclass(frozen=True, slots=True)
class MerchantOutput:
    """Who asks, in the merchant's own words."""

    name: str
    mcc: str
    country: str | None
    acceptor_id: str


@dataclass(frozen=True, slots=True)
class ChallengeOutput:
    """A purchase that waits, or waited, for a yes or a no."""

    id: str
    card: MaskedCard
    card_id: str | None
    merchant: MerchantOutput
    amount: int
    currency: str
    state: str
    created_at: datetime
    expires_at: datetime
    decision: str | None
    decided_by_you: bool
    decided_at: datetime | None
    is_fraud_reported: bool
    answer: str


@dataclass(frozen=True, slots=True)
class PageChallengeOutput:
    """A page of a list."""

    data: tuple[ChallengeOutput, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A payment of yours that you were asked about; its id is the question's."""

    id: str
    payment_id: str
    card_id: str
    last4: str | None
    merchant_name: str
    amount: int
    currency: str
    asked_at: datetime | None
    answer_by: datetime | None
    answer: str | None
    answered_at: datetime | None
    can_answer: bool


@dataclass(frozen=True, slots=True)
class PageQuestionView:
    """A page of a list."""

    data: tuple[QuestionView, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class DisputeView:
    """A dispute in one line; amounts in minor units."""

    id: str
    user_id: str
    payment_id: str
    sequence: int
    merchant_name: str
    amount: int
    currency: str
    reason: str
    state: str
    submit_by: datetime
    submitted_at: datetime | None
    credited: int
    refusal: str | None
    loss_reason: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PageDisputeView:
    """A page of a list."""

    data: tuple[DisputeView, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class StatementView:
    """What the holder tells."""

    explanation: str | None
    product_description: str | None
    product_kind: str | None
    expected_on: str | None
    received_on: str | None
    canceled_on: str | None
    cancellation_reason: str | None
    cancellation_policy_told: bool | None
    returned_on: str | None
    return_outcome: str | None
    return_description: str | None
    duplicate_of: str | None


@dataclass(frozen=True, slots=True)
class FileView:
    """A file that is shown."""

    kind: str
    type: str
    size_bytes: int
    added_at: datetime


@dataclass(frozen=True, slots=True)
class StepView:
    """One thing that happened."""

    kind: str
    actor: str
    amount: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class CaseView:
    """A dispute with everything about it."""

    id: str
    user_id: str
    payment_id: str
    sequence: int
    merchant_name: str
    amount: int
    currency: str
    reason: str
    state: str
    submit_by: datetime
    submitted_at: datetime | None
    credited: int
    refusal: str | None
    loss_reason: str | None
    created_at: datetime
    statement: StatementView
    missing: tuple[str, ...]
    files: tuple[FileView, ...]
    timeline: tuple[StepView, ...]
