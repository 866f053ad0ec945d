"""What a holder says and shows in a dispute, and what of it the network needs for each reason. No I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from cardwright import files
from cardwright.core.errors import Invalid
from cardwright.files import FileType

MOST_FILE_BYTES: Final = 5_000_000
_TYPES: Final = (FileType.PDF, FileType.PNG, FileType.JPEG)


class Reason(StrEnum):
    """Why a charge is disputed, in our own words; the adapter knows the network's."""

    FRAUD = "fraud"
    NOT_AUTHORIZED = "not_authorized"
    CHARGED_TWICE = "charged_twice"
    CANCELED = "canceled"
    NOT_RECEIVED = "not_received"
    GOODS_NOT_AS_DESCRIBED = "goods_not_as_described"
    SERVICE_NOT_AS_DESCRIBED = "service_not_as_described"
    OTHER = "other"


class ProductKind(StrEnum):
    """What was bought."""

    GOODS = "goods"
    SERVICE = "service"


class ReturnOutcome(StrEnum):
    """What the merchant said to what was sent back."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


class FileKind(StrEnum):
    """What a file shows; a dispute has one of each kind at most."""

    DOCUMENTATION = "documentation"
    CARD_STATEMENT = "card_statement"
    CASH_RECEIPT = "cash_receipt"
    CHECK_IMAGE = "check_image"


@dataclass(frozen=True, slots=True)
class Statement:
    """What a holder tells; `duplicate_of` is the payment that the disputed one repeats."""

    explanation: str | None = None
    product_description: str | None = None
    product_kind: ProductKind | None = None
    expected_on: date | None = None
    received_on: date | None = None
    canceled_on: date | None = None
    cancellation_reason: str | None = None
    cancellation_policy_told: bool | None = None
    returned_on: date | None = None
    return_outcome: ReturnOutcome | None = None
    return_description: str | None = None
    duplicate_of: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return what was told as JSON, without what was not."""
        told = {name: value for name, value in asdict(self).items() if value is not None}
        return {name: value.isoformat() if isinstance(value, date) else value for name, value in told.items()}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Statement":
        """Return what `to_json` wrote down."""
        read: dict[str, Any] = dict(told)
        for name in ("expected_on", "received_on", "canceled_on", "returned_on"):
            if name in read:
                read[name] = date.fromisoformat(read[name])
        if "product_kind" in read:
            read["product_kind"] = ProductKind(read["product_kind"])
        if "return_outcome" in read:
            read["return_outcome"] = ReturnOutcome(read["return_outcome"])
        return cls(**read)


STATEMENT_FIELDS: Final = tuple(field.name for field in fields(Statement))
NEEDED: Final[Mapping[Reason, Sequence[str]]] = {
    Reason.FRAUD: ("explanation",),
    Reason.NOT_AUTHORIZED: ("explanation",),
    Reason.CHARGED_TWICE: ("explanation", "duplicate_of"),
    Reason.CANCELED: (
        "explanation", "product_description", "product_kind", "expected_on", "canceled_on",
        "cancellation_reason", "cancellation_policy_told",
    ),
    Reason.NOT_RECEIVED: ("explanation", "product_description", "product_kind", "expected_on"),
    Reason.GOODS_NOT_AS_DESCRIBED: (
        "explanation", "received_on", "return_description", "return_outcome", "returned_on",
    ),
    Reason.SERVICE_NOT_AS_DESCRIBED: ("explanation", "received_on", "canceled_on", "cancellation_reason"),
    Reason.OTHER: ("explanation", "product_description", "product_kind"),
}  # fmt: skip
"""What must be told before a dispute can be submitted."""


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A file as it is listed; its content is sealed and read by itself."""

    id: str
    kind: FileKind
    type: FileType
    size_bytes: int
    added_at: datetime
    network_reference: str | None = None


def missing(reason: Reason, statement: Statement) -> Sequence[str]:
    """Return what is still to be told for a reason."""
    return [name for name in NEEDED[reason] if getattr(statement, name) is None]


def sniff(content: bytes) -> FileType:
    """Return what a file is, by its first bytes.

    Raises Invalid `file_too_large` or `file_type_not_supported`.

    >>> str(sniff(b"%PDF-1.7"))
    'application/pdf'
    """
    if len(content) > MOST_FILE_BYTES:
        raise Invalid("file_too_large", "A file has at most 5 MB.", at_most_bytes=MOST_FILE_BYTES)
    found = files.sniff(content, _TYPES)
    if found is None:
        raise Invalid("file_type_not_supported", "Evidence is a PDF, a JPEG or a PNG.")
    return found
