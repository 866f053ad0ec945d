"""Disputes over HTTP: for holders their own, for staff everybody's, with a queue by deadline."""

from typing import Annotated, Final

from fastapi import Depends, Path, Query, Response

from cardwright import audit
from cardwright.access import Actor, Reach, allow
from cardwright.core.ids import ID_PATTERN
from cardwright.disputes import service, store
from cardwright.disputes.domain import DisputeState
from cardwright.disputes.evidence import FileKind
from cardwright.disputes.ports import DisputeRules
from cardwright.disputes.schemas import (
    ActOnDispute,
    CaseView,
    ChangeDispute,
    DisputeView,
    OpenDispute,
    PutFile,
    StaffReason,
    statement_of,
)
from cardwright.disputes.service import By
from cardwright.http import strict
from cardwright.http.deps import ClockDep, IdempotencyDep, SessionDep, provided
from cardwright.http.pagination import Cursor, Limit, Page, page

_MOST_BODY_BYTES: Final = 7_000_000  # 5 MB in base64, and some
router = strict.router("/v1", "disputes")
uploads = strict.router("/v1", "disputes", most_body_bytes=_MOST_BODY_BYTES)

Reader = Annotated[Actor, Depends(allow("disputes.read"))]
StaffReader = Annotated[Actor, Depends(allow("disputes.read", reach=Reach.ANY))]
Writer = Annotated[Actor, Depends(allow("disputes.write"))]
RulesDep = Annotated[DisputeRules, Depends(provided(DisputeRules))]
PaymentId = Annotated[str, Path(pattern=ID_PATTERN, max_length=40)]
DisputeId = Annotated[str, Path(pattern=ID_PATTERN, max_length=40)]
FileKindInPath = Annotated[FileKind, Path(description="What the file shows.")]


@router.post("/payments/{payment_id}/disputes", status_code=201, response_model=CaseView)
async def open_dispute(
    payment_id: PaymentId, body: OpenDispute, actor: Writer, rules: RulesDep, call: IdempotencyDep
) -> Response:
    """Prepare a dispute of a charge; nobody is told of it before it is submitted."""
    by = By(actor, call.clock.now(), body.staff_reason)

    async def effect() -> CaseView:
        opened = await service.open_dispute(
            call.session, payment_id, body.sequence, body.amount, body.reason, statement_of(body.statement),
            rules.provisional_credit, by=by,
        )  # fmt: skip
        return await _case(call.session, opened.id, actor)

    return await call.once(actor.user_id, effect)


@router.get("/disputes")
async def list_disputes(
    session: SessionDep, actor: Reader, limit: Limit = 20, cursor: Cursor = None
) -> Page[DisputeView]:
    """Your disputes, newest first."""
    found = await store.page_of_user(session, user_id=actor.user_id, before=cursor, limit=limit + 1)
    return page(found, limit, show=DisputeView.of, cursor_of=lambda dispute: dispute.id)


@router.get("/disputes/queue")
async def list_dispute_queue(
    session: SessionDep, clock: ClockDep, actor: StaffReader, limit: Limit = 20, cursor: Cursor = None,
    state: Annotated[DisputeState | None, Query(description="Only those in this state.")] = None,
    user_id: Annotated[
        str | None, Query(pattern=ID_PATTERN, max_length=40, description="Only those of this customer.")
    ] = None,
) -> Page[DisputeView]:  # fmt: skip
    """Disputes of the program, the nearest deadline first: those not over, unless a filter asks."""
    await audit.record_look(session, actor, "disputes.read", actor.program_id, clock.now(), cursor=cursor)
    found = await store.queue_page(
        session, program_id=actor.program_id, state=state, user_id=user_id, after=cursor, limit=limit + 1
    )
    return page(found, limit, show=DisputeView.of, cursor_of=lambda dispute: dispute.id)


@router.get("/disputes/{dispute_id}")
async def get_dispute(dispute_id: DisputeId, session: SessionDep, clock: ClockDep, actor: Reader) -> CaseView:
    """One dispute: what is told and shown, what is missing, and what happened so far."""
    case = await service.get_case(session, dispute_id, by=actor)
    owner_id = case.dispute.user_id
    await audit.record_look(session, actor, "dispute.read", dispute_id, clock.now(), owner_id=owner_id)
    return CaseView.of_case(case)


@router.patch("/disputes/{dispute_id}")
async def change_dispute(
    dispute_id: DisputeId, body: ChangeDispute, session: SessionDep, clock: ClockDep, actor: Writer
) -> CaseView:
    """Change a draft: how much, why, and what is told."""
    await service.change_dispute(
        session, dispute_id, amount=body.amount, reason=body.reason,
        told=None if body.statement is None else body.statement.told(),
        by=By(actor, clock.now(), body.staff_reason),
    )  # fmt: skip
    return await _case(session, dispute_id, actor)


@uploads.put("/disputes/{dispute_id}/files/{file_kind}")
async def put_dispute_file(
    dispute_id: DisputeId, file_kind: FileKindInPath, body: PutFile, session: SessionDep, clock: ClockDep,
    actor: Writer,
) -> CaseView:  # fmt: skip
    """Show a file in a draft, in the place of one of its kind."""
    by = By(actor, clock.now(), body.staff_reason)
    await service.put_file(session, dispute_id, file_kind, body.decoded(), by=by)
    return await _case(session, dispute_id, actor)


@router.get("/disputes/{dispute_id}/files/{file_kind}", response_class=Response)
async def get_dispute_file(
    dispute_id: DisputeId, file_kind: FileKindInPath, session: SessionDep, clock: ClockDep, actor: Reader
) -> Response:
    """A file as it was shown, to be saved rather than displayed."""
    dispute = await service.get_dispute(session, dispute_id, by=actor)
    file, content = await service.read_file(session, dispute, file_kind)
    owner_id = dispute.user_id
    await audit.record_look(session, actor, "dispute.read", dispute_id, clock.now(), owner_id=owner_id)
    extension = file.type.rpartition("/")[2]
    # Whoever uploaded it chose what is in it: no page of ours may show it.
    headers = {
        "Content-Disposition": f'attachment; filename="{file_kind}.{extension}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(content, media_type=file.type, headers=headers)


@router.delete("/disputes/{dispute_id}/files/{file_kind}")
async def remove_dispute_file(
    dispute_id: DisputeId, file_kind: FileKindInPath, session: SessionDep, clock: ClockDep, actor: Writer,
    staff_reason: Annotated[StaffReason | None, Query(description="Why staff act for the holder.")] = None,
) -> CaseView:  # fmt: skip
    """Take a file out of a draft."""
    await service.remove_file(session, dispute_id, file_kind, by=By(actor, clock.now(), staff_reason))
    return await _case(session, dispute_id, actor)


@router.post("/disputes/{dispute_id}/submit", response_model=CaseView)
async def submit_dispute(
    dispute_id: DisputeId, body: ActOnDispute, actor: Writer, call: IdempotencyDep
) -> Response:
    """Hand a draft to the network, which takes weeks to decide; it cannot be changed afterwards."""
    by = By(actor, call.clock.now(), body.staff_reason)

    async def effect() -> CaseView:
        await service.submit_dispute(call.session, dispute_id, by=by)
        return await _case(call.session, dispute_id, actor)

    return await call.once(actor.user_id, effect, status=200)


@router.post("/disputes/{dispute_id}/withdraw", response_model=CaseView)
async def withdraw_dispute(
    dispute_id: DisputeId, body: ActOnDispute, actor: Writer, call: IdempotencyDep
) -> Response:
    """Give a dispute up; what was credited for the time being is taken back."""
    by = By(actor, call.clock.now(), body.staff_reason)

    async def effect() -> CaseView:
        await service.withdraw_dispute(call.session, dispute_id, by=by)
        return await _case(call.session, dispute_id, actor)

    return await call.once(actor.user_id, effect, status=200)


async def _case(session: SessionDep, dispute_id: str, actor: Actor) -> CaseView:
    return CaseView.of_case(await service.get_case(session, dispute_id, by=actor))
