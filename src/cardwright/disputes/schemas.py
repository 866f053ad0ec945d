"""What the routes of disputes read and answer."""

from base64 import b64decode
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, StringConstraints

from cardwright.core.card_numbers import ensure_no_card_number
from cardwright.core.errors import Invalid
from cardwright.disputes import evidence
from cardwright.disputes.domain import Dispute, DisputeState, LossReason
from cardwright.disputes.evidence import (
    EvidenceFile,
    FileKind,
    ProductKind,
    Reason,
    ReturnOutcome,
    Statement,
)
from cardwright.disputes.service import Case
from cardwright.disputes.store import Step
from cardwright.files import FileType
from cardwright.http.strict import BASE64, Amount, CurrencyCode, Day, Id, Input, Line, Output

_PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
Words = Annotated[
    str,
    StringConstraints(min_length=1, max_length=1500, strip_whitespace=True),
    AfterValidator(ensure_no_card_number),
]
StaffReason = Annotated[Line, StringConstraints(min_length=1, max_length=500)]
_STAFF_REASON = Field(
    default=None,
    description="Why staff act for the holder; only they must say.",
    examples=["The holder called and cannot sign in."],
)


class StatementInput(Input):
    """What the holder tells. What is needed depends on the reason; a dispute shows what is missing."""

    explanation: Words | None = Field(
        default=None, description="What happened, in your own words.", examples=["I never shopped there."]
    )
    product_description: Words | None = Field(
        default=None, description="What was bought.", examples=["A wooden chair"]
    )
    product_kind: ProductKind | None = Field(
        default=None, strict=False, description="Goods or a service.", examples=["goods"]
    )
    expected_on: Day | None = Field(
        default=None, description="When it should have come.", examples=["2026-10-01"]
    )
    received_on: Day | None = Field(default=None, description="When it came.", examples=["2026-10-02"])
    canceled_on: Day | None = Field(default=None, description="When you canceled.", examples=["2026-09-20"])
    cancellation_reason: Words | None = Field(
        default=None, description="Why you canceled.", examples=["It was late."]
    )
    cancellation_policy_told: bool | None = Field(
        default=None, description="Whether you were told how to cancel.", examples=[True]
    )
    returned_on: Day | None = Field(
        default=None, description="When you sent it back.", examples=["2026-10-05"]
    )
    return_outcome: ReturnOutcome | None = Field(
        default=None, strict=False, description="What the merchant said to that.", examples=["refused"]
    )
    return_description: Words | None = Field(
        default=None, description="How you sent it back.", examples=["By post, with tracking"]
    )
    duplicate_of: Id | None = Field(
        default=None, description="The payment that this one repeats.",
        examples=["pay_01kb3x9p4fe8s8b9xkq5n2r7vt"],
    )  # fmt: skip

    def told(self) -> dict[str, Any]:
        """Return what was given, nulls included."""
        return self.model_dump(exclude_unset=True)


class OpenDispute(Input):
    """What is disputed, and why."""

    sequence: int | None = Field(
        default=None, ge=1, strict=True, description="The element that charged you, where there are several.",
        examples=[2],
    )  # fmt: skip
    amount: Amount | None = Field(
        default=None, description="How much of it, in minor units; all of it when left out.", examples=[2500]
    )
    reason: Reason = Field(strict=False, description="Why you dispute it.", examples=["fraud"])
    statement: StatementInput = Field(
        default=StatementInput(), description="What you tell; it can be told later.",
        examples=[{"explanation": "I never shopped there."}],
    )  # fmt: skip
    staff_reason: StaffReason | None = _STAFF_REASON


class ChangeDispute(Input):
    """What changes in a draft; what is left out stays."""

    amount: Amount | None = Field(
        default=None, description="How much is disputed, in minor units.", examples=[2500]
    )
    reason: Reason | None = Field(
        default=None, strict=False, description="Why you dispute it.", examples=["not_received"]
    )
    statement: StatementInput | None = Field(
        default=None, description="What is told anew; null takes something back.",
        examples=[{"explanation": "Nothing ever came."}],
    )  # fmt: skip
    staff_reason: StaffReason | None = _STAFF_REASON


class ActOnDispute(Input):
    """Nothing, but for staff."""

    staff_reason: StaffReason | None = _STAFF_REASON


class PutFile(Input):
    """A file to show: a PDF, a JPEG or a PNG of at most 5 MB."""

    content: Annotated[
        str,
        StringConstraints(min_length=4, pattern=BASE64),
        Field(description="The file, in base64.", examples=[_PIXEL]),
    ]
    staff_reason: StaffReason | None = _STAFF_REASON

    def decoded(self) -> bytes:
        """Return the file; raise Invalid `validation_failed` when it is not base64."""
        try:
            return b64decode(self.content, validate=True)
        except ValueError as error:
            raise Invalid("validation_failed", "The content is not base64.") from error


class FileView(Output):
    """A file that is shown."""

    kind: FileKind
    type: FileType
    size_bytes: int
    added_at: datetime


class StepView(Output):
    """One thing that happened."""

    kind: str
    actor: str = Field(description="holder, staff, network or system.")
    amount: int | None
    at: datetime


class StatementView(Output):
    """What the holder tells."""

    explanation: str | None
    product_description: str | None
    product_kind: ProductKind | None
    expected_on: Day | None
    received_on: Day | None
    canceled_on: Day | None
    cancellation_reason: str | None
    cancellation_policy_told: bool | None
    returned_on: Day | None
    return_outcome: ReturnOutcome | None
    return_description: str | None
    duplicate_of: str | None


class DisputeView(Output):
    """A dispute in one line; amounts in minor units."""

    id: Id
    user_id: Id
    payment_id: Id
    sequence: int
    merchant_name: str
    amount: int
    currency: CurrencyCode
    reason: Reason
    state: DisputeState
    submit_by: datetime = Field(description="Until then it can be submitted: 110 days from the charge.")
    submitted_at: datetime | None
    credited: int = Field(description="What the holder has been given of it so far.")
    refusal: str | None = Field(description="Why the network gave a submission back.")
    loss_reason: LossReason | None = Field(description="Why the network decided for the merchant.")
    created_at: datetime

    @classmethod
    def of(cls, dispute: Dispute) -> Self:
        """Show a dispute."""
        return cls(**_line(dispute))


class CaseView(DisputeView):
    """A dispute with everything about it."""

    statement: StatementView
    missing: list[str] = Field(description="What is still to be told before it can be submitted.")
    files: list[FileView]
    timeline: list[StepView]

    @classmethod
    def of_case(cls, case: Case) -> Self:
        """Show a case."""
        return cls(
            **_line(case.dispute),
            statement=StatementView.model_validate(case.statement),
            missing=list(evidence.missing(case.dispute.reason, case.statement)),
            files=[_file(it) for it in case.files],
            timeline=[_step(it) for it in case.steps],
        )


def statement_of(told: StatementInput) -> Statement:
    """Return what is told in words of the domain."""
    return Statement(**told.told())


def _file(file: EvidenceFile) -> FileView:
    return FileView(kind=file.kind, type=file.type, size_bytes=file.size_bytes, added_at=file.added_at)


def _step(step: Step) -> StepView:
    return StepView.model_validate(step)


def _line(dispute: Dispute) -> dict[str, Any]:
    return {
        "id": dispute.id, "user_id": dispute.user_id, "payment_id": dispute.payment_id,
        "sequence": dispute.sequence, "merchant_name": dispute.merchant_name, "amount": dispute.amount,
        "currency": dispute.currency, "reason": dispute.reason, "state": dispute.state,
        "submit_by": dispute.submit_by, "submitted_at": dispute.submitted_at, "credited": dispute.advanced,
        "refusal": dispute.refusal, "loss_reason": dispute.loss_reason, "created_at": dispute.created_at,
    }  # fmt: skip
