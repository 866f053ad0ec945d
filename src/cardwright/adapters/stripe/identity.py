"""Identity verification by Stripe Identity: a document and a matching photo of the face."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import httpx
import stripe
from stripe import RequestOptions, StripeClient
from stripe.identity import VerificationSession
from stripe.params.identity import VerificationSessionCreateParams

from cardwright.adapters.stripe.client import translate_errors
from cardwright.kyc import (
    NotBegun,
    Person,
    RejectionReason,
    StartedVerification,
    Verification,
    VerificationResult,
    VerificationState,
)

_NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_TURNED_AWAY: Final = frozenset({429, 503})
_STATES: Final[Mapping[str, VerificationState]] = {
    "requires_input": VerificationState.COLLECTING,
    "processing": VerificationState.SUBMITTED,
    "verified": VerificationState.APPROVED,
    "canceled": VerificationState.CANCELED,
}
_REASONS: Final[Mapping[str, RejectionReason]] = {
    "abandoned": RejectionReason.NOT_COMPLETED,
    "consent_declined": RejectionReason.CONSENT_DECLINED,
    "country_not_supported": RejectionReason.COUNTRY_NOT_SUPPORTED,
    "device_not_supported": RejectionReason.DEVICE_NOT_SUPPORTED,
    "document_expired": RejectionReason.DOCUMENT_EXPIRED,
    "document_type_not_supported": RejectionReason.DOCUMENT_TYPE_NOT_SUPPORTED,
    "document_unverified_other": RejectionReason.DOCUMENT_UNREADABLE,
    "email_unverified_other": RejectionReason.CONTACT_UNVERIFIED,
    "email_verification_declined": RejectionReason.CONTACT_UNVERIFIED,
    "id_number_insufficient_document_data": RejectionReason.ID_NUMBER_MISMATCH,
    "id_number_mismatch": RejectionReason.ID_NUMBER_MISMATCH,
    "id_number_unverified_other": RejectionReason.ID_NUMBER_MISMATCH,
    "phone_unverified_other": RejectionReason.CONTACT_UNVERIFIED,
    "phone_verification_declined": RejectionReason.CONTACT_UNVERIFIED,
    "selfie_document_missing_photo": RejectionReason.DOCUMENT_WITHOUT_PHOTO,
    "selfie_face_mismatch": RejectionReason.FACE_MISMATCH,
    "selfie_manipulated": RejectionReason.SELFIE_MANIPULATED,
    "selfie_unverified_other": RejectionReason.SELFIE_UNREADABLE,
    "under_supported_age": RejectionReason.UNDER_AGE,
}


class StripeIdentityVerifier:
    """Keeps the IdentityVerifier port; people are sent back to `return_url` when they are done."""

    def __init__(self, client: StripeClient, *, return_url: str) -> None:
        self._sessions = client.v1.identity.verification_sessions
        self._return_url = return_url

    async def start(self, verification: Verification, person: Person) -> StartedVerification:
        """Create the verification session, the same one for every call of a verification."""
        params: VerificationSessionCreateParams = {
            "type": "document",
            "options": {"document": {"require_matching_selfie": True}},
            "client_reference_id": verification.id,
            "metadata": {"verification_id": verification.id, "program_id": verification.program_id},
            "provided_details": {"email": person.email},
            "return_url": self._return_url,
        }
        if person.phone is not None:
            params["provided_details"] = {"email": person.email, "phone": person.phone}
        # Tried once: of several tries only the last is told, and an earlier one may have begun it.
        options: RequestOptions = {"idempotency_key": verification.id, "max_network_retries": 0}
        with translate_errors(), _not_begun():
            session = await self._sessions.create_async(params, options)
        return StartedVerification(session.id, session.url)

    async def look_up(self, provider_reference: str) -> VerificationResult:
        """Retrieve the session as it is now."""
        with translate_errors():
            session = await self._sessions.retrieve_async(provider_reference)
        return _result(session)


@contextmanager
def _not_begun() -> Iterator[None]:
    try:
        yield
    except stripe.StripeError as error:
        if isinstance(error.__cause__, _NEVER_SENT) or error.http_status in _TURNED_AWAY:
            message = "The identity verifier does not answer; it is tried again."
            raise NotBegun("processor_unavailable", message) from error
        raise


def _result(session: VerificationSession) -> VerificationResult:
    status = _STATES.get(session.status, VerificationState.SUBMITTED)
    reason = None
    # After a failed check Stripe asks for input again, with the error: to us that is a rejection.
    if status is VerificationState.COLLECTING and session.last_error is not None:
        status = VerificationState.REJECTED
        reason = _REASONS.get(session.last_error.code or "", RejectionReason.UNVERIFIED)
    return VerificationResult(
        status=status,
        provider_reference=session.id,
        verification_id=session.client_reference_id,
        url=session.url,
        reason=reason,
    )
