"""What the routes of approvals read and answer; other slices answer with it when something was proposed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints

from cardwright.approvals.domain import Approval, ApprovalState, Step
from cardwright.http.strict import Input, Line, Output

MAX_REASON_CHARACTERS = 500

Reason = Annotated[
    Line,
    StringConstraints(min_length=1, max_length=MAX_REASON_CHARACTERS),
    Field(description="Why, for whoever decides and for the record.", examples=["Joins the night shift"]),
]


class DecisionInput(Input):
    """What the decider adds."""

    note: Reason | None = None


class RejectionInput(Input):
    """Why not."""

    note: Reason


class ApprovalOutput(Output):
    """Something that one person proposed and another decides."""

    id: str = Field(examples=["appr_01kb3x9p4fe8s8b9xkq5n2r7vt"])
    kind: str = Field(examples=["role.grant"])
    subject_id: str = Field(description="Whom or what it is about.")
    payload: Mapping[str, Any] = Field(description="Exactly what will be done; it never changes.")
    payload_digest: str = Field(description="SHA-256 of the payload's canonical JSON.")
    reason: str
    state: ApprovalState
    proposed_by: str
    proposed_at: datetime
    expires_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    note: str | None


class StepOutput(Output):
    """One change of state."""

    state: ApprovalState
    actor_id: str
    at: datetime
    note: str | None


class ApprovalDetailOutput(ApprovalOutput):
    """A proposal with everything that happened to it."""

    history: list[StepOutput]

    @classmethod
    def of(cls, approval: Approval, steps: Sequence[Step]) -> Self:
        """Show a proposal and its steps."""
        shown = ApprovalOutput.model_validate(approval)
        return cls(**shown.model_dump(), history=[StepOutput.model_validate(step) for step in steps])
