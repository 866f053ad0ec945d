"""SendGrid's events about e-mails: signed, through the inbox to the notification and its address.

A message is recognised by its Message-ID, which holds our own id and which SendGrid gives back as `smtp-id`.
Of the address a digest is kept, and of the server's words nothing.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from cardwright import notifications
from cardwright.authentication import EmailCodes
from cardwright.core.clock import Clock
from cardwright.core.errors import Malformed, Unauthenticated
from cardwright.db import inbox
from cardwright.db.inbox import InboundMessage
from cardwright.db.jobs import Subscription, Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session

SOURCE: Final = "sendgrid"
_SIGNATURE: Final = "x-twilio-email-event-webhook-signature"
_TIMESTAMP: Final = "x-twilio-email-event-webhook-timestamp"
_TOLERANCE_SECONDS: Final = 24 * 3600
"""SendGrid sends again for a day what was not acknowledged, each time signed anew or not."""
_MESSAGE_ID: Final = re.compile(r"<(ntf_[a-z0-9]{26})@[^>]*>")
_STATUS: Final = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}", re.ASCII)
_MOST_EVENTS: Final = 2000


@dataclass(frozen=True, slots=True)
class _Meaning:
    state: notifications.ReportedState | None = None
    reason: notifications.Reason | None = None


_EVENTS: Final[Mapping[str, _Meaning]] = {
    "delivered": _Meaning("delivered"),
    "dropped": _Meaning("undeliverable"),
    "bounce": _Meaning("undeliverable", "hard_bounce"),
    "spamreport": _Meaning(None, "complaint"),
}


class SendGridWebhook:
    """Keeps the WebhookSource port; `verification_key` is a P-256 public key in base64 of its DER form."""

    def __init__(self, verification_key: str, codes: EmailCodes, *, program_id: str, clock: Clock) -> None:
        key = load_der_public_key(base64.b64decode(verification_key))
        if not isinstance(key, EllipticCurvePublicKey):
            raise TypeError("SendGrid signs with a key on an elliptic curve")
        self._key = key
        self._codes = codes
        self._program_id = program_id
        self._clock = clock

    def read(self, headers: Mapping[str, str], body: bytes, url: str) -> InboundMessage:  # noqa: ARG002 - the port
        """Verify a batch of events and keep what is about messages of ours."""
        self._verify(headers, body)
        try:
            events = json.loads(body)
        except ValueError as error:
            raise Malformed("webhook_invalid", "The body is not JSON.") from error
        if not isinstance(events, list) or len(events) > _MOST_EVENTS:
            raise Malformed("webhook_invalid", "The body is no list of events.")
        kept = [it for it in map(self._kept, events) if it is not None]
        external_id = sha256(body).hexdigest()
        return InboundMessage(
            self._program_id, SOURCE, external_id, "email.events", {"events": kept}, self._clock.now()
        )

    def _verify(self, headers: Mapping[str, str], body: bytes) -> None:
        timestamp, signature = headers.get(_TIMESTAMP, ""), headers.get(_SIGNATURE, "")
        try:
            self._key.verify(
                base64.b64decode(signature, validate=True), timestamp.encode() + body, ECDSA(SHA256())
            )
            age = self._clock.now().timestamp() - int(timestamp)
        except (InvalidSignature, binascii.Error, ValueError):
            raise Unauthenticated("signature_invalid", "The signature does not match the body.") from None
        if abs(age) > _TOLERANCE_SECONDS:
            raise Unauthenticated("signature_expired", "The signature is too old.")

    def _kept(self, event: Any) -> dict[str, Any] | None:
        """Return what an event says of a message of ours, as far as it concerns us."""
        if not isinstance(event, dict):
            return None
        named = _MESSAGE_ID.search(str(event.get("smtp-id", "")))
        meaning = _EVENTS.get(str(event.get("event")))
        address = event.get("email")
        if named is None or meaning is None or not isinstance(address, str):
            return None
        # "blocked" is a refusal of this message for now, and says nothing of the mailbox.
        is_blocked = event.get("type") == "blocked"
        status = str(event.get("status", ""))
        return {
            "notification_id": named[1],
            "address": notifications.digest_address(self._codes, "email", address),
            "reference": str(event.get("sg_message_id", ""))[:200],
            "state": meaning.state,
            "reason": None if is_blocked else meaning.reason,
            "code": status if _STATUS.fullmatch(status) else None,
        }


async def handle(work: Work, event: Event) -> None:
    """Apply a batch of events in the transaction that marks it handled."""
    if event.payload["source"] != SOURCE:
        return
    async with work.transaction() as session:
        message = await inbox.find(session, event.subject_id)
        if message is None or not await inbox.mark_handled(session, event.subject_id, at=work.clock.now()):
            return
        # Always in the same order, so that two batches about the same messages do not wait for each other.
        events: Sequence[dict[str, Any]] = sorted(
            message.payload["events"], key=lambda it: str(it["notification_id"])
        )
        for told in events:
            await _apply(session, told, message)


async def _apply(session: Session, told: Mapping[str, Any], message: InboundMessage) -> None:
    if told["state"] is not None:
        await notifications.record_delivery(
            session, source=SOURCE, provider_reference=told["reference"], status=told["state"],
            error_code=told["code"], at=message.received_at, notification_id=told["notification_id"],
        )  # fmt: skip
    if told["reason"] is not None:
        await notifications.hear_bounce(
            session, notification_id=told["notification_id"], address_digest=told["address"],
            reason=told["reason"], error_code=told["code"], at=message.received_at,
        )  # fmt: skip


SUBSCRIPTIONS: Final = (Subscription("sendgrid.handle_events", "inbox.received", handle),)
