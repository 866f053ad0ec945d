"""Identity documents over HTTP: holders show and delete their own, reviewers look at them."""

from typing import Annotated, Final

from fastapi import Depends, Path, Query, Response

from cardwright import audit, users
from cardwright.access import Actor, Reach, Steps, allow, allow_in_steps
from cardwright.core.ids import ID_PATTERN
from cardwright.db.session import Session
from cardwright.http import strict
from cardwright.http.deps import CallInStepsDep, ClockDep, IdempotencyDep, SessionDep, provided
from cardwright.http.pagination import Cursor, Limit, Page, page
from cardwright.http.rate_limits import RateLimiter
from cardwright.http.strict import IN_DIGITS, Id
from cardwright.kyc.documents import service
from cardwright.kyc.documents.schemas import AddDocument, DocumentView, EraseDocument, OpenedView
from cardwright.kyc.documents.service import DocumentRoom, TakenIn

_MOST_BODY_BYTES: Final = 13_500_000  # 10 MB in base64, and some
_UPLOADS: Final = "10/minute; 60/day"
router = strict.router("/v1", "kyc")
uploads = strict.router("/v1", "kyc", most_body_bytes=_MOST_BODY_BYTES)

Reader = Annotated[Actor, Depends(allow("kyc.read"))]
StaffReader = Annotated[Actor, Depends(allow("kyc.read", reach=Reach.ANY))]
Submitter = Annotated[Actor, Depends(allow("kyc.submit"))]
SubmitterInSteps = Annotated[Steps, Depends(allow_in_steps("kyc.submit"))]
Reviewer = Annotated[Actor, Depends(allow("identity_documents.review", reach=Reach.ANY))]
ReviewerInSteps = Annotated[
    Steps, Depends(allow_in_steps("identity_documents.review", reach=Reach.ANY))
]  # fmt: skip
Eraser = Annotated[Actor, Depends(allow("identity_documents.erase", reach=Reach.ANY))]
RoomDep = Annotated[DocumentRoom, Depends(provided(DocumentRoom))]
LimiterDep = Annotated[RateLimiter, Depends(provided(RateLimiter))]
DocumentId = Annotated[str, Path(pattern=ID_PATTERN, max_length=40)]
PageNumber = Annotated[int, Path(ge=1, le=8, description="Counted from 1."), IN_DIGITS]
ViewId = Annotated[
    str,
    Query(
        pattern=ID_PATTERN, max_length=40, description="The view that was opened.",
        examples=["idview_01jd9zq3f8e7vtm5g6w2x4y8zn"],
    ),
]  # fmt: skip


@uploads.post("/me/identity-documents", status_code=201, response_model=DocumentView)
async def add_identity_document(
    body: AddDocument, steps: SubmitterInSteps, room: RoomDep, limiter: LimiterDep, call: CallInStepsDep
) -> Response:
    """Show a document; only its picture is kept, without metadata, and sealed."""
    actor, at = steps.actor, call.clock.now()

    async def take_in() -> TakenIn:
        await limiter.hit(_UPLOADS, "kyc", "documents", actor.user_id)
        return await service.take_in(steps.transaction, room, body.kind, body.decoded(), by=actor, at=at)

    async def add(session: Session, taken: TakenIn) -> DocumentView:
        return DocumentView.of(await service.add_document(session, taken, by=actor, at=at))

    return await call.once(actor.user_id, steps.transaction, take_in, add)


@router.get("/me/identity-documents")
async def list_my_identity_documents(
    session: SessionDep, actor: Reader, cursor: Cursor = None, limit: Limit = 20
) -> Page[DocumentView]:
    """Your documents, newest first; what was erased is still named."""
    return await _page(session, actor.program_id, actor.user_id, cursor, limit)


@router.delete("/me/identity-documents/{document_id}", status_code=204)
async def delete_identity_document(
    document_id: DocumentId, session: SessionDep, clock: ClockDep, actor: Submitter
) -> None:
    """Erase a document of yours for good, unless it is being reviewed."""
    await service.delete_document(session, document_id, by=actor, at=clock.now())


@router.get("/users/{user_id}/identity-documents")
async def list_identity_documents_of_user(
    session: SessionDep, clock: ClockDep, actor: StaffReader, user_id: Id, cursor: Cursor = None,
    limit: Limit = 20,
) -> Page[DocumentView]:  # fmt: skip
    """A person's documents, for staff."""
    await users.get_person(session, user_id, actor.program_id)
    await audit.record_look(
        session, actor, "identity_documents.read", user_id, clock.now(), owner_id=user_id, cursor=cursor
    )
    return await _page(session, actor.program_id, user_id, cursor, limit)


@router.post("/identity-documents/{document_id}/views", status_code=201, response_model=OpenedView)
async def open_identity_document(document_id: DocumentId, actor: Reviewer, call: IdempotencyDep) -> Response:
    """See a document for a minute; its holder cannot delete it until the review is ended."""

    async def effect() -> OpenedView:
        return OpenedView.of(
            *await service.open_view(call.session, document_id, by=actor, at=call.clock.now())
        )

    return await call.once(actor.user_id, effect)


@router.get("/identity-documents/{document_id}/pages/{page_number}", response_class=Response)
async def get_identity_document_page(
    document_id: DocumentId, page_number: PageNumber, view_id: ViewId, clock: ClockDep,
    steps: ReviewerInSteps, room: RoomDep,
) -> Response:  # fmt: skip
    """A page as a JPEG, with your id and the time all over it."""
    shown = await service.read_page(
        steps.transaction, room, document_id, page_number, view_id, by=steps.actor, at=clock.now()
    )
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": 'inline; filename="document.jpg"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    return Response(shown, media_type="image/jpeg", headers=headers)


@router.post("/identity-documents/{document_id}/end-review", response_model=DocumentView)
async def end_identity_document_review(
    document_id: DocumentId, actor: Reviewer, call: IdempotencyDep
) -> Response:
    """Let the holder delete a document again."""

    async def effect() -> DocumentView:
        ended = await service.end_review(call.session, document_id, by=actor, at=call.clock.now())
        return DocumentView.of(ended)

    return await call.once(actor.user_id, effect, status=200)


@router.post("/identity-documents/{document_id}/erase", response_model=DocumentView)
async def erase_identity_document(
    document_id: DocumentId, body: EraseDocument, actor: Eraser, call: IdempotencyDep
) -> Response:
    """Erase a person's document for good, on their request."""

    async def effect() -> DocumentView:
        erased = await service.erase_document(
            call.session, document_id, reason=body.reason, by=actor, at=call.clock.now()
        )
        return DocumentView.of(erased)

    return await call.once(actor.user_id, effect, status=200)


async def _page(
    session: SessionDep, program_id: str, user_id: str, cursor: str | None, limit: int
) -> Page[DocumentView]:
    found = await service.page_of_user(
        session, program_id=program_id, user_id=user_id, cursor=cursor, limit=limit
    )
    return page(found, limit, show=DocumentView.of, cursor_of=lambda document: document.id)
