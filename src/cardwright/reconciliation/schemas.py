"""What the routes of reconciliation read and answer."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Self

from pydantic import Field

from cardwright.approvals import Reason
from cardwright.http.strict import CurrencyCode, Id, Input, Instant, Output, SignedAmount
from cardwright.reconciliation.domain import (
    SENTENCES,
    Cause,
    Difference,
    DifferenceKind,
    DifferenceState,
    Repair,
    RunState,
)


class RunInput(Input):
    """A run to ask for."""

    since: Instant | None = Field(
        default=None, description="Look back at least to here; left out, to where the last run ended.",
        examples=["2026-11-01T00:00:00Z"],
    )  # fmt: skip


class DecisionInput(Input):
    """What somebody says about a difference."""

    reason: Reason


class RunView(Output):
    """A reconciliation: how far it has come, and what it found."""

    id: Id
    state: RunState
    requested_by: str
    as_of: datetime = Field(description="What happened until then is compared.")
    since: datetime | None
    created_at: datetime
    finished_at: datetime | None
    fetched: int = Field(description="Records read from vendors so far.")
    compared: int = Field(description="Records compared so far.")
    found: int = Field(description="Differences that are new.")
    repaired: int = Field(description="Differences that are gone.")


class DifferenceView(Output):
    """Two sides that do not agree."""

    id: Id
    source: str = Field(description="The vendor.")
    record: str = Field(
        description="transaction, authorization, charge, refund, fee, (charge_)dispute, or a total."
    )
    external_id: str = Field(description="The vendor's id.")
    kind: DifferenceKind
    cause: Cause
    explanation: str = Field(description="The cause in plain words.")
    delta: SignedAmount = Field(description="What the ledger lacks of what the vendor's balance moved by.")
    currency: CurrencyCode
    state: DifferenceState
    repair: Repair = Field(description="How it can be mended: by reading the vendor anew, or by an entry.")
    tries: int = Field(description="How often reading the vendor anew was tried.")
    happened_at: datetime
    first_seen_at: datetime
    last_seen_at: datetime
    age_seconds: int
    closed_at: datetime | None
    reason: str | None = Field(description="What somebody said about it.")
    decided_by: str | None
    approval_id: Id | None = Field(description="The entry that was proposed to mend it.")

    @classmethod
    def of(cls, difference: Difference, at: datetime) -> Self:
        """Show a difference at an instant."""
        return cls(**_members(difference, at))


class DifferenceDetailView(DifferenceView):
    """A difference with both sides as they were last seen."""

    theirs: Mapping[str, Any] | None = Field(description="What the vendor lists, and what its balance says.")
    ours: Mapping[str, Any] | None = Field(description="What is recorded here, and what is posted.")

    @classmethod
    def of(cls, difference: Difference, at: datetime) -> Self:
        """Show a difference whole at an instant."""
        return cls(**_members(difference, at), theirs=difference.theirs, ours=difference.ours)


class AgeView(Output):
    """How many open differences of one kind are of one age."""

    kind: DifferenceKind
    age: str = Field(description="under_1_day, 1_to_3_days, 3_to_7_days, 7_to_30_days or over_30_days.")
    count: int


class DayTotalView(Output):
    """What one day moved, in minor units: there, here, and as far as listed differences tell."""

    account: str = Field(description="The ledger's mirror of the vendor's balance.")
    currency: CurrencyCode
    day: date
    reported: SignedAmount
    booked: SignedAmount
    listed: SignedAmount
    unexplained: SignedAmount = Field(description="Zero, or something moved that stands behind no record.")


def _members(difference: Difference, at: datetime) -> dict[str, Any]:
    shown = {
        name: getattr(difference, name)
        for name in DifferenceView.model_fields
        if name not in ("explanation", "age_seconds")
    }
    age_seconds = int(difference.age(at).total_seconds())
    return {**shown, "explanation": SENTENCES[difference.cause], "age_seconds": age_seconds}
