"""Stripe's webhooks: signatures checked by the SDK, events kept as they came."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import stripe

from cardwright.core.clock import Clock
from cardwright.core.errors import Malformed, Unauthenticated
from cardwright.core.sensitive import Sensitive
from cardwright.db.inbox import InboundMessage

_TOLERANCE_SECONDS = 300


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """A genuine event: its id, its type, and the object it is about as Stripe sent it."""

    id: str
    type: str
    object: Mapping[str, Any]


def verified_event(secret: Sensitive, headers: Mapping[str, str], body: bytes) -> ReceivedEvent:
    """Return the event of a genuine webhook; raise Unauthenticated or Malformed for anything else.

    `headers` are by lower-case name. The signature covers the raw bytes, so they are checked before parsing.
    """
    signature = headers.get("stripe-signature", "")
    if not signature.isascii():
        # The SDK cannot compare such a signature and raises an error of another kind.
        raise Unauthenticated("signature_invalid", "The signature does not match the body.")
    try:
        payload = body.decode()
        stripe.WebhookSignature.verify_header(
            payload, signature, secret.reveal(), tolerance=_TOLERANCE_SECONDS
        )
    except UnicodeDecodeError as error:
        raise Malformed("webhook_invalid", "The body is not UTF-8.") from error
    except stripe.SignatureVerificationError as error:
        raise Unauthenticated("signature_invalid", "The signature does not match the body.") from error
    try:
        found = msgspec.json.decode(payload, type=_Envelope)
    except msgspec.DecodeError as error:
        raise Malformed("webhook_invalid", "The body is not an event of Stripe.") from error
    return ReceivedEvent(found.id, found.type, found.data.object)


class _Data(msgspec.Struct):
    object: dict[str, Any]


class _Envelope(msgspec.Struct):
    id: str
    type: str
    data: _Data


class StripeWebhook:
    """Keeps the WebhookSource port for the endpoint that hears of everything but authorization requests."""

    def __init__(self, secret: Sensitive, *, program_id: str, clock: Clock) -> None:
        self._secret = secret
        self._program_id = program_id
        self._clock = clock

    def read(self, headers: Mapping[str, str], body: bytes, url: str) -> InboundMessage:
        """Verify a webhook and return it as the inbox keeps it: the type and the object's id suffice."""
        del url
        event = verified_event(self._secret, headers, body)
        # The handler reads the object anew at Stripe, so nothing personal needs to be kept here.
        kept = {"object_id": event.object.get("id")}
        return InboundMessage(self._program_id, "stripe", event.id, event.type, kept, self._clock.now())
