"""Identity verification over HTTP."""

from typing import Annotated

from fastapi import Depends, Response

from cardwright import audit, users
from cardwright.access import Actor, Reach, allow
from cardwright.http import pagination, strict
from cardwright.http.deps import ClockDep, IdempotencyDep, SessionDep, provided
from cardwright.http.pagination import Cursor, Limit, Page
from cardwright.http.strict import Id
from cardwright.kyc import lasting, manual, service
from cardwright.kyc.ports import IdentityRules
from cardwright.kyc.schemas import Reverification, StandingOutput, VerificationOutput, WantedReverification

router = strict.router("/v1", "kyc")

Reader = Annotated[Actor, Depends(allow("kyc.read"))]
StaffReader = Annotated[Actor, Depends(allow("kyc.read", reach=Reach.ANY))]
Submitter = Annotated[Actor, Depends(allow("kyc.submit"))]
Requirer = Annotated[Actor, Depends(allow("kyc.require_reverification", reach=Reach.ANY))]
RulesDep = Annotated[IdentityRules, Depends(provided(IdentityRules))]


@router.get("/me/identity")
async def get_identity_standing(session: SessionDep, clock: ClockDep, actor: Reader) -> StandingOutput:
    """Where one stands with proving who one is, and what to do next."""
    return StandingOutput.of(
        await service.find_standing(session, actor.program_id, actor.user_id, at=clock.now())
    )


@router.post("/identity-verifications", response_model=VerificationOutput, status_code=201)
async def request_identity_verification(
    session: SessionDep, clock: ClockDep, actor: Submitter, rules: RulesDep, call: IdempotencyDep
) -> Response:
    """Ask to be verified."""

    async def effect() -> VerificationOutput:
        return VerificationOutput.of(
            await service.request_verification(
                session, clock, program_id=actor.program_id, user_id=actor.user_id, rules=rules
            )
        )

    return await call.once(actor.user_id, effect, status=201)


@router.post("/identity-verifications/{verification_id}/submit")
async def submit_identity_verification(
    session: SessionDep, clock: ClockDep, actor: Submitter, rules: RulesDep, verification_id: Id
) -> VerificationOutput:
    """Hand in the documents that were uploaded, where no vendor collects them: staff then looks at them."""
    return VerificationOutput.of(
        await manual.submit(session, verification_id, viewer=actor.viewer, rules=rules, at=clock.now())
    )


@router.post("/users/{user_id}/require-reverification")
async def require_reverification(
    session: SessionDep, clock: ClockDep, actor: Requirer, user_id: Id, wanted: WantedReverification
) -> Reverification:
    """Have a verified person verified again within 30 days, for staff; asked twice, the day stays."""
    required = await lasting.require_reverification(
        session, user_id, program_id=actor.program_id, reason=wanted.reason, by=actor.user_id,
        at=clock.now(),
    )  # fmt: skip
    return Reverification(verification_id=required.id, until=required.good_until or clock.now())


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
