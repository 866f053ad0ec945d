"""What an identity document is, how long it is kept, and how its content is sealed. No I/O."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cardwright.core.errors import Conflict, Invalid
from cardwright.files import FileType, sniff

MOST_BYTES: Final = 10_000_000
MOST_KEPT: Final = 20
"""How many documents of one person are kept at a time."""
VIEW_LASTS: Final = timedelta(seconds=60)
_SCHEMA: Final = "d1"
_NONCE_BYTES: Final = 12
_SIZE_BYTES: Final = 4


class DocumentKind(StrEnum):
    """What a document shows."""

    PASSPORT = "passport"
    ID_CARD_FRONT = "id_card_front"
    ID_CARD_BACK = "id_card_back"
    DRIVING_LICENCE_FRONT = "driving_licence_front"
    DRIVING_LICENCE_BACK = "driving_licence_back"
    RESIDENCE_PERMIT_FRONT = "residence_permit_front"
    RESIDENCE_PERMIT_BACK = "residence_permit_back"
    SELFIE = "selfie"
    PROOF_OF_ADDRESS = "proof_of_address"


SHOWING_IDENTITY: Final = frozenset(
    {
        DocumentKind.PASSPORT, DocumentKind.ID_CARD_FRONT, DocumentKind.DRIVING_LICENCE_FRONT,
        DocumentKind.RESIDENCE_PERMIT_FRONT,
    }
)  # fmt: skip
"""The kinds of documents of which one at least has to be handed in."""


class Erasure(StrEnum):
    """Why a document can be read no more."""

    HOLDER = "holder"
    STAFF = "staff"
    RETENTION = "retention"


class StaffReason(StrEnum):
    """Why staff erase a document: the audit trail keeps it, so it is said without words of one's own."""

    ASKED_BY_HOLDER = "asked_by_holder"
    NOT_THEIRS = "not_theirs"
    UNFIT = "unfit"
    NEEDED_NO_LONGER = "needed_no_longer"
    ORDERED_BY_AUTHORITY = "ordered_by_authority"


@dataclass(frozen=True, slots=True)
class DocumentRules:
    """How long documents are kept from their upload on, and at most after an account was closed."""

    keep: timedelta = timedelta(days=5 * 365)
    keep_after_closing: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it is listed; once it is erased nothing opens its content any more."""

    id: str
    program_id: str
    user_id: str
    kind: DocumentKind
    pages: int
    size_bytes: int
    object_name: str = field(repr=False)
    uploaded_at: datetime
    keep_until: datetime
    review_started_at: datetime | None = None
    erased_at: datetime | None = None
    erased_because: Erasure | None = None

    @property
    def status(self) -> str:
        """What can be done with it: received, in_review or erased."""
        if self.erased_at is not None:
            return "erased"
        return "received" if self.review_started_at is None else "in_review"


@dataclass(frozen=True, slots=True)
class View:
    """The right of one reviewer to see one document, soon."""

    id: str
    program_id: str
    document_id: str
    viewer_id: str
    created_at: datetime
    expires_at: datetime


def ensure_acceptable(content: bytes) -> FileType:
    """Return what a file is; raise Invalid `file_too_large` or `file_type_not_supported`."""
    if len(content) > MOST_BYTES:
        raise Invalid("file_too_large", "A document has at most 10 MB.", at_most_bytes=MOST_BYTES)
    found = sniff(content)
    if found is None:
        raise Invalid("file_type_not_supported", "A document is a JPEG, PNG or WebP photo, or a PDF.")
    return found


def erase(document: Document, because: Erasure, at: datetime) -> Document:
    """Return a document that is erased; its holder cannot do so while somebody reviews it.

    Raises Conflict `document_in_review`; one that is erased already stays as it is.
    """
    if document.erased_at is not None:
        return document
    if because is Erasure.HOLDER and document.review_started_at is not None:
        raise Conflict("document_in_review", "The document is being reviewed; it can be deleted afterwards.")
    return replace(document, erased_at=at, erased_because=because)


def new_key() -> bytes:
    """Return the key of one document."""
    return AESGCM.generate_key(256)


def new_object_name() -> str:
    """Return a name that nobody guesses and that says nothing."""
    return secrets.token_hex(32)


def seal_pages(key: bytes, program_id: str, document_id: str, pages: Sequence[bytes]) -> bytes:
    """Return pages as one object that opens under its key, for its document, only."""
    packed = b"".join(len(page).to_bytes(_SIZE_BYTES) + page for page in pages)
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, packed, _bound(program_id, document_id))


def open_pages(key: bytes, program_id: str, document_id: str, sealed: bytes) -> Sequence[bytes]:
    """Return the pages of an object; raise ValueError for one that was changed or is another document's."""
    try:
        packed = AESGCM(key).decrypt(
            sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _bound(program_id, document_id)
        )
    except (InvalidTag, ValueError):
        raise ValueError(f"what is stored of {document_id} was changed or belongs elsewhere") from None
    pages, start = [], 0
    while start < len(packed):
        size = int.from_bytes(packed[start : start + _SIZE_BYTES])
        pages.append(packed[start + _SIZE_BYTES : start + _SIZE_BYTES + size])
        start += _SIZE_BYTES + size
    return pages


def _bound(program_id: str, document_id: str) -> bytes:
    return json.dumps([_SCHEMA, program_id, document_id], separators=(",", ":")).encode()
