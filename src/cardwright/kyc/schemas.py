"""What identity verification takes and gives over HTTP."""

from datetime import datetime
from typing import Self

from pydantic import ConfigDict, Field

from cardwright.approvals import Reason
from cardwright.http.strict import Input, Output
from cardwright.kyc.documents import DocumentKind
from cardwright.kyc.domain import EXPLANATIONS, Verification
from cardwright.kyc.service import PersonStanding


class VerificationOutput(Output):
    """An identity verification."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "idv_01jd9zq3f8e7vtm5g6w2x4y8zn",
                    "status": "rejected",
                    "url": None,
                    "reason_code": "document_expired",
                    "reason": "The document has expired.",
                    "can_retry": True,
                    "created_at": "2026-11-23T12:00:00Z",
                    "updated_at": "2026-11-23T12:04:10Z",
                }
            ]
        }
    )

    id: str
    status: str = Field(
        description="requested, collecting, submitted, in_review, approved, rejected, canceled or expired."
    )
    url: str | None = Field(description="Where to show documents, while the status is collecting.")
    reason_code: str | None = Field(description="Why it was rejected; stable.")
    reason: str | None = Field(description="The same in plain words.")
    can_retry: bool = Field(description="Whether another verification may be requested.")
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, verification: Verification) -> Self:
        """Show a verification to the person it is about."""
        reason = verification.reason
        return cls(
            id=verification.id,
            status=verification.state,
            url=verification.url,
            reason_code=reason,
            reason=EXPLANATIONS[reason] if reason is not None else None,
            can_retry=verification.can_retry,
            created_at=verification.created_at,
            updated_at=verification.updated_at,
        )


class StandingOutput(Output):
    """Where a person stands, what they can do next, and what their level allows; null is any."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "collecting", "level": 1,
                    "next_step": "Go on where you left off: show your document.",
                    "verification_id": "idv_01jd9zq3f8e7vtm5g6w2x4y8zn", "url": None, "can_begin": False,
                    "can_submit": False, "reason_code": None, "reason": None, "until": None, "missing": [],
                    "message": None, "cards": 0,
                    "balance": 0, "added_30d": 0,
                }
            ]
        }
    )  # fmt: skip

    status: str = Field(
        description=(
            "not_started, collecting, submitted, in_review, approved, rejected, reverification_due or"
            " expired."
        )
    )
    level: int = Field(description="0, 1 (address and phone) or 2 (identity verified).")
    next_step: str = Field(description="What to do next, in plain words.")
    verification_id: str | None = Field(description="The verification that this is about.")
    url: str | None = Field(description="Where to show documents, while a vendor waits for them.")
    can_begin: bool = Field(description="Whether a verification can be asked for now.")
    can_submit: bool = Field(
        description="Whether documents are uploaded here and the verification then is submitted."
    )
    reason_code: str | None = Field(description="Why it was rejected; stable.")
    reason: str | None = Field(description="The same in plain words.")
    until: datetime | None = Field(description="When the approval ends, or ended.")
    missing: list[DocumentKind] = Field(
        description="Which documents staff asked for, until something was handed in."
    )
    message: str | None = Field(description="What staff say about it.")
    cards: int | None = Field(description="How many open cards the level allows.")
    balance: int | None = Field(description="How much the wallet may hold, in minor units.")
    added_30d: int | None = Field(description="How much may be added in 30 days, in minor units.")

    @classmethod
    def of(cls, found: PersonStanding) -> Self:
        """Show where somebody stands."""
        known, allowance, reason = found.verification, found.allowance, found.reason
        return cls(
            status=found.standing, level=allowance.level, next_step=found.next_step,
            verification_id=known.id if known else None, url=known.url if known else None,
            can_begin=found.can_begin, can_submit=found.can_submit, reason_code=reason,
            reason=None if reason is None else EXPLANATIONS[reason], until=found.until,
            missing=list(found.missing), message=found.message,
            cards=allowance.cards, balance=allowance.balance, added_30d=allowance.added_30d,
        )  # fmt: skip


class WantedReverification(Input):
    """Why somebody has to be verified again."""

    reason: Reason


class Reverification(Output):
    """Until when somebody has to be verified again; after that their approval is over."""

    verification_id: str = Field(description="The approval that has to be renewed.")
    until: datetime
