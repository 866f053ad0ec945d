"""Documents that people show to prove who they are: taken in, sealed, looked at, forgotten."""

from cardwright.kyc.documents.domain import SHOWING_IDENTITY, Document, DocumentKind, DocumentRules
from cardwright.kyc.documents.forgetting import forget_person, sweep_documents
from cardwright.kyc.documents.ports import DocumentStore, ObjectMissing
from cardwright.kyc.documents.service import DocumentRoom, begin_reviews, end_reviews
from cardwright.kyc.documents.store import SEALED_COLUMNS, kinds_kept

__all__ = [
    "SEALED_COLUMNS",
    "SHOWING_IDENTITY",
    "Document",
    "DocumentKind",
    "DocumentRoom",
    "DocumentRules",
    "DocumentStore",
    "ObjectMissing",
    "begin_reviews",
    "end_reviews",
    "forget_person",
    "kinds_kept",
    "sweep_documents",
]
