"""Notes, tags and receipts over HTTP."""

from datetime import datetime
from typing import Annotated, Final, Self
from urllib.parse import quote

from fastapi import Depends, Path, Response
from pydantic import AfterValidator, Field, StringConstraints

from cardwright import audit
from cardwright.access import Actor, allow
from cardwright.core.ids import ID_PATTERN
from cardwright.http import strict
from cardwright.http.deps import ClockDep, IdempotencyDep, SessionDep
from cardwright.http.strict import BASE64, Id, Input, Line, Output
from cardwright.payments import note_store, notes
from cardwright.payments.log_filter import as_tag
from cardwright.payments.note_store import Receipt
from cardwright.payments.notes import Additions
from cardwright.payments.receipt_files import MEDIA_TYPES, ReceiptFile, read_file

router = strict.router("/v1", "payments")
Reader = Annotated[Actor, Depends(allow("payments.read"))]
Holder = Annotated[Actor, Depends(allow("payments.annotate"))]
PaymentId = Annotated[str, Path(pattern=ID_PATTERN, max_length=40)]
ReceiptId = Annotated[str, Path(pattern=ID_PATTERN, max_length=40)]


Tag = Annotated[
    Line, StringConstraints(strict=True, pattern=r"\S", min_length=1, max_length=30), AfterValidator(as_tag)
]


_SAID: Final = r"^[^\x00-\x08\x0b-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x08\x0b-\x1f\x7f]*$"
"""Something besides blanks, on as many lines as wanted."""


class AnnotationInput(Input):
    """A note and tags, in place of those before."""

    note: Annotated[
        str | None,
        Field(max_length=500, pattern=_SAID, description="Null for none.",
              examples=["Lunch with the Oslo team"]),
    ] = None  # fmt: skip
    tags: list[Tag] = Field(
        default_factory=list, max_length=10, description="In small letters whatever is sent.",
        examples=[["travel"]],
    )  # fmt: skip


class ReceiptInput(Input):
    """A receipt: a JPEG, PNG or WebP image, or a PDF, of 700,000 bytes at most."""

    file_name: Annotated[
        Line, Field(min_length=1, max_length=120, description="What to call it.", examples=["lunch.pdf"])
    ]
    content: Annotated[
        str,
        Field(min_length=4, max_length=1_000_000, pattern=BASE64, description="The file in base 64.",
              examples=["JVBERi0xLjQKJSVFT0YK"]),
    ]  # fmt: skip


class ReceiptView(Output):
    """A receipt without its content; the type is what the content says it is."""

    id: Id
    file_name: str
    media_type: str
    size_bytes: int
    created_at: datetime

    @classmethod
    def of(cls, receipt: Receipt) -> Self:
        """Show a receipt."""
        return cls(
            id=receipt.id, file_name=receipt.file_name, media_type=receipt.media_type,
            size_bytes=receipt.size_bytes, created_at=receipt.created_at,
        )  # fmt: skip


class AnnotationView(Output):
    """What the holder added to a payment."""

    note: str | None
    tags: list[str]
    receipts: list[ReceiptView]

    @classmethod
    def of(cls, found: Additions) -> Self:
        """Show what was added."""
        receipts = [ReceiptView.of(receipt) for receipt in found.receipts]
        return cls(note=found.note, tags=list(found.tags), receipts=receipts)


@router.get("/payments/{payment_id}/annotation")
async def get_annotation(
    payment_id: PaymentId, session: SessionDep, clock: ClockDep, actor: Reader
) -> AnnotationView:
    """The note, the tags and the receipts of a payment."""
    found = await notes.get_additions(session, payment_id, viewer=actor.viewer)
    await audit.record_look(
        session, actor, "annotation.read", payment_id, clock.now(), owner_id=found.user_id
    )
    return AnnotationView.of(found)


@router.put("/payments/{payment_id}/annotation")
async def set_annotation(
    payment_id: PaymentId, body: AnnotationInput, session: SessionDep, clock: ClockDep, actor: Holder
) -> AnnotationView:
    """Put a note and tags to your payment, in place of those before."""
    tags = list(dict.fromkeys(body.tags))
    return AnnotationView.of(
        await notes.annotate(session, payment_id, body.note, tags, viewer=actor.viewer, at=clock.now())
    )


@router.post("/payments/{payment_id}/receipts", status_code=201, response_model=ReceiptView)
async def add_receipt(
    payment_id: PaymentId, body: ReceiptInput, session: SessionDep, actor: Holder, call: IdempotencyDep
) -> Response:
    """Keep a receipt with your payment, encrypted; ten at most."""

    async def effect() -> ReceiptView:
        file = read_file(body.file_name, body.content)
        return ReceiptView.of(
            await notes.add_receipt(session, payment_id, file, viewer=actor.viewer, at=call.clock.now())
        )

    return await call.once(actor.user_id, effect)


@router.get(
    "/receipts/{receipt_id}",
    response_class=Response,
    responses={200: {"content": {kind: {"schema": {"type": "string"}} for kind in MEDIA_TYPES}}},
)
async def download_receipt(
    receipt_id: ReceiptId, session: SessionDep, clock: ClockDep, actor: Reader
) -> Response:
    """A receipt's content, to be saved and never shown in place: its owner's, or anybody's for staff."""
    found = await notes.get_receipt(session, receipt_id, viewer=actor.viewer)
    await audit.record_look(session, actor, "receipt.read", found.id, clock.now(), owner_id=found.user_id)
    content = await note_store.content_of(session, found)
    ending = ReceiptFile(found.file_name, found.media_type, content).ending
    called = (
        f"attachment; filename=\"{found.id}.{ending}\"; filename*=UTF-8''{quote(found.file_name, safe='')}"
    )
    headers = {"Content-Disposition": called, "Content-Security-Policy": "sandbox; default-src 'none'"}
    return Response(content, media_type=found.media_type, headers=headers)


@router.delete("/receipts/{receipt_id}", status_code=204)
async def remove_receipt(receipt_id: ReceiptId, session: SessionDep, clock: ClockDep, actor: Holder) -> None:
    """Forget your receipt."""
    await notes.remove_receipt(session, receipt_id, viewer=actor.viewer, at=clock.now())
