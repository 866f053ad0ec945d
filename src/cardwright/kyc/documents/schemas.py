"""What identity documents look like over HTTP."""

from base64 import b64decode
from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from cardwright.core.errors import Invalid
from cardwright.http.strict import BASE64, Input, Output
from cardwright.kyc.documents.domain import Document, DocumentKind, Erasure, StaffReason, View

_PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


class AddDocument(Input):
    """A document to show: a JPEG, PNG or WebP photo, or a PDF of at most 8 pages; at most 10 MB.

    Only what can be seen is kept: it has no name, and neither metadata nor text.
    """

    kind: Annotated[
        DocumentKind, Field(strict=False, description="What it shows.", examples=[DocumentKind.PASSPORT])
    ]
    content: Annotated[
        str,
        StringConstraints(min_length=4, pattern=BASE64),
        Field(description="The file, in base64.", examples=[_PIXEL]),
    ]

    def decoded(self) -> bytes:
        """Return the file; raise Invalid `validation_failed` when it is not base64."""
        try:
            return b64decode(self.content, validate=True)
        except ValueError as error:
            raise Invalid("validation_failed", "The content is not base64.") from error


class EraseDocument(Input):
    """Why a document is erased: not in words, which would tell of it for ever."""

    reason: Annotated[
        StaffReason,
        Field(
            strict=False, description="Why; kept in the audit trail.", examples=[StaffReason.ASKED_BY_HOLDER]
        ),
    ]


class DocumentView(Output):
    """An identity document, without its content."""

    id: str
    kind: DocumentKind
    status: str = Field(description="received, in_review or erased.")
    pages: int
    size_bytes: int = Field(description="Of what is kept, which is made anew from what was sent.")
    uploaded_at: datetime
    keep_until: datetime = Field(description="When it is erased at the latest.")
    erased_at: datetime | None
    erased_because: Erasure | None = Field(description="holder, staff or retention.")

    @classmethod
    def of(cls, document: Document) -> Self:
        """Show a document."""
        return cls(
            id=document.id, kind=document.kind, status=document.status, pages=document.pages,
            size_bytes=document.size_bytes, uploaded_at=document.uploaded_at,
            keep_until=document.keep_until, erased_at=document.erased_at,
            erased_because=document.erased_because,
        )  # fmt: skip


class OpenedView(Output):
    """The right to see a document's pages for a minute."""

    id: str = Field(description="Send it as `view_id` with each page.")
    pages: int
    expires_at: datetime

    @classmethod
    def of(cls, document: Document, view: View) -> Self:
        """Show a view to the one who opened it."""
        return cls(id=view.id, pages=document.pages, expires_at=view.expires_at)
