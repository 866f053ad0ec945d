"""What the routes of cases and of holders' questions read and answer."""

from datetime import datetime
from typing import Self

from pydantic import Field

from cardwright.approvals import Reason
from cardwright.cases.deciding import CardEffect, Decision, DisputeEffect, ListedField, ListEffect
from cardwright.cases.domain import Answer, Case, CaseState, Finding, Priority, Source
from cardwright.cases.queue_queries import Counts
from cardwright.cases.working import File
from cardwright.http.strict import CurrencyCode, Id, Input, Instant, Output, SignedAmount
from cardwright.worklists import ActivityView, NoteView, Version, Words

_MOST_LISTS = 5


class OpenCase(Input):
    """A payment to be looked into."""

    payment_id: Id = Field(description="The payment.", examples=["pay_01kb3x9p4fe8s8b9xkq5n2r7vt"])
    reason: Reason
    ask_holder: bool = Field(
        default=False, description="Ask the holder whether it was them.", examples=[True]
    )


class AssignCase(Input):
    """Whose the case is to be."""

    assignee_id: Id | None = Field(
        description="Somebody who may decide cases; null for the queue.",
        examples=["user_01kb3x9p4fe8s8b9xkq5n2r7vt"],
    )
    version: Version


class ReopenCase(Input):
    """Why a case is looked into again."""

    reason: Reason
    version: Version


class ListEntryInput(Input):
    """A value of the payment for a list that rules ask."""

    list_id: Id = Field(description="The list.", examples=["rlist_01kb3x9p4fe8s8b9xkq5n2r7vt"])
    field: ListedField = Field(strict=False, description="Which value.", examples=["merchant.id"])
    expires_at: Instant | None = Field(
        default=None, description="When the entry ends; null for never.", examples=["2027-01-31T00:00:00Z"]
    )


class DisputeInput(Input):
    """A draft of a dispute of what the payment charged."""

    sequence: int | None = Field(
        default=None, ge=1, le=2**31 - 1, strict=True, examples=[2],
        description="The element that charged the holder, where there are several.",
    )  # fmt: skip
    explanation: Words = Field(
        description="What the network is told.", examples=["The holder never shopped there."]
    )


class DecideCase(Input):
    """What the payment turned out to be, and what is done about it: all of it, or nothing."""

    finding: Finding = Field(strict=False, description="What it was.", examples=["unclear"])
    reason: Reason
    version: Version
    card: CardEffect = Field(
        default=CardEffect.KEEP, strict=False, description="What becomes of the card.", examples=["keep"]
    )
    lists: list[ListEntryInput] = Field(
        default=[], max_length=_MOST_LISTS, description="What goes on lists.", examples=[[]]
    )
    dispute: DisputeInput | None = Field(
        default=None, description="A dispute to prepare; fraud only.", examples=[None]
    )
    notify_holder: bool = Field(default=False, description="Tell the holder what was found.", examples=[True])

    def decision(self) -> Decision:
        """Return it in our words."""
        told = self.dispute
        disputed = None if told is None else DisputeEffect(told.sequence, told.explanation)
        return Decision(
            self.finding, self.reason, self.card,
            tuple(ListEffect(it.list_id, it.field, it.expires_at) for it in self.lists), disputed,
            self.notify_holder,
        )  # fmt: skip


class AnswerInput(Input):
    """Your answer; there is one only."""

    answer: Answer = Field(strict=False, description="Whether it was you.", examples=["no"])


class CaseView(Output):
    """A case in one line; the amount is in minor units."""

    id: Id
    payment_id: Id
    card_id: Id
    user_id: Id = Field(description="The holder.")
    last4: str | None
    merchant_id: Id
    merchant_name: str
    amount: SignedAmount
    currency: CurrencyCode
    source: Source
    rules: list[str] = Field(description="The rules that flagged it, and `score` where their points did.")
    score: int | None
    state: CaseState
    priority: Priority
    assignee_id: Id | None
    opened_at: datetime
    due_at: datetime = Field(description="When it should be decided.")
    is_overdue: bool
    finding: Finding | None
    resolved_at: datetime | None
    resolved_by: Id | None
    answer: Answer | None = Field(description="What the holder said to whether it was them.")
    answered_at: datetime | None
    version: int

    @classmethod
    def of(cls, case: Case, at: datetime) -> Self:
        """Show a case as it is at an instant."""
        return cls(
            id=case.id, payment_id=case.payment_id, card_id=case.card_id, user_id=case.user_id,
            last4=case.last4, merchant_id=case.merchant_id, merchant_name=case.merchant_name,
            amount=case.amount, currency=case.currency, source=case.source, rules=list(case.rules),
            score=case.score, state=case.state, priority=case.priority, assignee_id=case.assignee_id,
            opened_at=case.opened_at, due_at=case.due_at, is_overdue=case.is_overdue(at),
            finding=case.finding, resolved_at=case.resolved_at, resolved_by=case.resolved_by,
            answer=case.answer, answered_at=case.answered_at, version=case.version,
        )  # fmt: skip


class FileView(Output):
    """A case with its history and notes, oldest first."""

    case: CaseView
    activities: list[ActivityView]
    notes: list[NoteView]

    @classmethod
    def of(cls, file: File, at: datetime) -> Self:
        """Show it."""
        return cls(
            case=CaseView.of(file.case, at), activities=[ActivityView.of(it) for it in file.activities],
            notes=[NoteView.of(it) for it in file.notes],
        )  # fmt: skip


class CountsView(Output):
    """How many cases wait."""

    states: dict[str, int]
    priorities: dict[str, int]
    overdue: int
    mine: int

    @classmethod
    def of(cls, counts: Counts) -> Self:
        """Show them."""
        return cls.model_validate(counts)


class QuestionView(Output):
    """A payment of yours that you were asked about; its id is the question's."""

    id: Id
    payment_id: Id
    card_id: Id
    last4: str | None
    merchant_name: str
    amount: SignedAmount
    currency: CurrencyCode
    asked_at: datetime | None = Field(description="Null where you told of it unasked.")
    answer_by: datetime | None
    answer: Answer | None
    answered_at: datetime | None
    can_answer: bool

    @classmethod
    def of(cls, case: Case, at: datetime) -> Self:
        """Show what a holder may see of a case."""
        return cls(
            id=case.id, payment_id=case.payment_id, card_id=case.card_id, last4=case.last4,
            merchant_name=case.merchant_name, amount=case.amount, currency=case.currency,
            asked_at=case.asked_at, answer_by=case.answer_by, answer=case.answer,
            answered_at=case.answered_at, can_answer=case.awaits_answer(at),
        )  # fmt: skip
