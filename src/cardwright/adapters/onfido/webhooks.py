"""Onfido's webhooks: signed over the raw body, without a time, and never believed about an outcome."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

import msgspec

from cardwright import kyc
from cardwright.core.clock import Clock
from cardwright.core.errors import Malformed, Unauthenticated
from cardwright.core.sensitive import Sensitive
from cardwright.db import inbox
from cardwright.db.inbox import InboundMessage
from cardwright.db.jobs import Subscription, Work
from cardwright.db.outbox import Event

SOURCE: Final = "onfido"
_RUN: Final = "workflow_run"
_LONGEST: Final = 200


class _Object(msgspec.Struct):
    id: str
    status: str | None = None
    completed_at_iso8601: str | None = None


class _Payload(msgspec.Struct):
    resource_type: str
    action: str
    object: _Object


class _Envelope(msgspec.Struct):
    payload: _Payload


class OnfidoWebhook:
    """Keeps the WebhookSource port."""

    def __init__(self, secret: Sensitive, *, program_id: str, clock: Clock) -> None:
        self._secret = secret
        self._program_id = program_id
        self._clock = clock

    def read(self, headers: Mapping[str, str], body: bytes, url: str) -> InboundMessage:
        """Verify a webhook and return it as the inbox keeps it: only what names the run.

        Nothing signed tells one sending from another, so a message is known by what it is about.
        """
        del url
        expected = hmac.new(self._secret.reveal().encode(), body, hashlib.sha256).hexdigest().encode()
        given = headers.get("x-sha2-signature", "").encode()
        if not hmac.compare_digest(given, expected):
            raise Unauthenticated("signature_invalid", "The signature does not match the body.")
        try:
            told = msgspec.json.decode(body, type=_Envelope).payload
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise Malformed("webhook_invalid", "The body is not an event of Onfido.") from None
        about = told.object
        parts = (about.id, told.action, about.status or "", about.completed_at_iso8601 or "")
        if any(len(part) > _LONGEST for part in parts):
            raise Malformed("webhook_invalid", "The body is not an event of Onfido.")
        kept = {"object_id": about.id if told.resource_type == _RUN else None}
        return InboundMessage(self._program_id, SOURCE, ":".join(parts), told.action, kept, self._clock.now())


async def handle(work: Work, event: Event) -> None:
    """Look the run up once for a stored webhook; what is about anything else is only marked."""
    if event.payload["source"] != SOURCE:
        return
    async with work.transaction() as session:
        message = await inbox.find(session, event.subject_id)
    if message is None:
        return
    if message.payload["object_id"] is not None:
        await kyc.refresh_verification(work, message.payload["object_id"], provider=SOURCE)
    async with work.transaction() as session:
        await inbox.mark_handled(session, event.subject_id, at=work.clock.now())


SUBSCRIPTIONS: Final = (Subscription("onfido.handle_webhook", "inbox.received", handle),)
