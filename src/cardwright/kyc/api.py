"""Identity verification over HTTP."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import Depends, Response
from pydantic import ConfigDict, Field

from cardwright import audit, users
from cardwright.access import Actor, Reach, allow
from cardwright.http import pagination, strict
from cardwright.http.deps import ClockDep, IdempotencyDep, SessionDep
from cardwright.http.pagination import Cursor, Limit, Page
from cardwright.http.strict import Id, Output
from cardwright.kyc import service
from cardwright.kyc.domain import EXPLANATIONS, NEXT_STEPS, Verification

router = strict.router("/v1", "kyc")

Reader = Annotated[Actor, Depends(allow("kyc.read"))]
StaffReader = Annotated[Actor, Depends(allow("kyc.read", reach=Reach.ANY))]
Submitter = Annotated[Actor, Depends(allow("kyc.submit"))]


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
    status: str = Field(description="requested, collecting, processing, approved, rejected or canceled.")
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
                    "verification_id": "idv_01jd9zq3f8e7vtm5g6w2x4y8zn", "can_begin": False, "cards": 0,
                    "balance": 0, "added_30d": 0,
                }
            ]
        }
    )  # fmt: skip

    status: str = Field(description="not_started, collecting, submitted, approved or rejected.")
    level: int = Field(description="0, 1 (address and phone) or 2 (identity verified).")
    next_step: str = Field(description="What to do next, in plain words.")
    verification_id: str | None = Field(description="The verification that this is about.")
    can_begin: bool = Field(description="Whether a verification can be asked for now.")
    cards: int | None = Field(description="How many open cards the level allows.")
    balance: int | None = Field(description="How much the wallet may hold, in minor units.")
    added_30d: int | None = Field(description="How much may be added in 30 days, in minor units.")


@router.get("/me/identity")
async def get_identity_standing(session: SessionDep, actor: Reader) -> StandingOutput:
    """Where one stands with proving who one is, and what to do next."""
    found = await service.find_standing(session, actor.program_id, actor.user_id)
    return StandingOutput(
        status=found.standing, level=found.allowance.level, next_step=NEXT_STEPS[found.standing],
        verification_id=found.verification.id if found.verification else None, can_begin=found.can_begin,
        cards=found.allowance.cards, balance=found.allowance.balance, added_30d=found.allowance.added_30d,
    )  # fmt: skip


@router.post("/identity-verifications", response_model=VerificationOutput, status_code=201)
async def request_identity_verification(
    session: SessionDep, clock: ClockDep, actor: Submitter, call: IdempotencyDep
) -> Response:
    """Ask to be verified."""

    async def effect() -> VerificationOutput:
        return VerificationOutput.of(
            await service.request_verification(
                session, clock, program_id=actor.program_id, user_id=actor.user_id
            )
        )

    return await call.once(actor.user_id, effect, status=201)


@router.get("/identity-verifications")
async def list_identity_verifications(
    session: SessionDep, actor: Reader, cursor: Cursor = None, limit: Limit = 20
) -> Page[VerificationOutput]:
    """List one's own verifications, newest first."""
    return await _page(session, actor.program_id, actor.user_id, cursor, limit)


@router.get("/identity-verifications/{verification_id}")
async def get_identity_verification(
    session: SessionDep, clock: ClockDep, actor: Reader, verification_id: Id
) -> VerificationOutput:
    """Show one of one's own verifications; for staff, anybody's."""
    found = await service.get_verification(session, verification_id, viewer=actor.viewer)
    await audit.record_look(
        session, actor, "verification.read", found.id, clock.now(), owner_id=found.user_id
    )
    shown = VerificationOutput.of(found)
    # The address lets whoever opens it verify as that person: it is for them alone.
    return shown if found.user_id == actor.user_id else shown.model_copy(update={"url": None})


@router.get("/users/{user_id}/identity-verifications")
async def list_identity_verifications_of_user(
    session: SessionDep,
    clock: ClockDep,
    actor: StaffReader,
    user_id: Id,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> Page[VerificationOutput]:
    """List a person's verifications, for staff."""
    await users.get_person(session, user_id, actor.program_id)
    await audit.record_look(
        session, actor, "verifications.read", user_id, clock.now(), owner_id=user_id, cursor=cursor
    )
    shown = await _page(session, actor.program_id, user_id, cursor, limit)
    # The address lets whoever opens it verify as that person: it is for them alone.
    return shown.model_copy(update={"data": [known.model_copy(update={"url": None}) for known in shown.data]})


async def _page(
    session: SessionDep, program_id: str, user_id: str, cursor: str | None, limit: int
) -> Page[VerificationOutput]:
    rows = await service.page_of_user(
        session, program_id=program_id, user_id=user_id, cursor=cursor, limit=limit
    )
    return pagination.page(rows, limit, show=VerificationOutput.of, cursor_of=lambda known: known.id)
