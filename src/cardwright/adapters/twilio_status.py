"""Twilio's reports about the delivery of text messages, through the inbox to their notification."""

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import parse_qsl

from cardwright import notifications
from cardwright.adapters.twilio import SOURCE, read_callback, verify_callback
from cardwright.core.clock import Clock
from cardwright.core.errors import Malformed, NotFound, Unauthenticated
from cardwright.core.sensitive import Sensitive
from cardwright.db import inbox
from cardwright.db.inbox import InboundMessage
from cardwright.db.jobs import Subscription, Work
from cardwright.db.outbox import Event


class TwilioStatusWebhook:
    """Keeps the WebhookSource port; a report is numbered by its message and status."""

    def __init__(self, auth_tokens: Sequence[Sensitive], *, program_id: str, clock: Clock) -> None:
        self._auth_tokens = auth_tokens
        self._program_id = program_id
        self._clock = clock

    def read(self, headers: Mapping[str, str], body: bytes, url: str) -> InboundMessage:
        """Verify a callback and keep what it reports, without the phone numbers."""
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        if not any(verify_callback(token, headers, url, form) for token in self._auth_tokens):
            raise Unauthenticated("signature_invalid", "The signature does not match the form.")
        report = read_callback(url, form)
        if report is None:
            raise Malformed("webhook_invalid", "The form names no message.")
        kept = {
            "reference": report.provider_reference,
            "status": report.status,
            "error_code": report.error_code,
            "notification_id": report.notification_id,
        }
        external_id = f"{report.provider_reference}:{form.get('MessageStatus', '')}"
        return InboundMessage(
            self._program_id, SOURCE, external_id, "message.status", kept, self._clock.now()
        )


async def handle(work: Work, event: Event) -> None:
    """Apply a stored report in the transaction that marks it handled."""
    if event.payload["source"] != SOURCE:
        return
    async with work.transaction() as session:
        message = await inbox.find(session, event.subject_id)
        if message is None or not await inbox.mark_handled(session, event.subject_id, at=work.clock.now()):
            return
        kept = message.payload
        is_known = await notifications.record_delivery(
            session, source=SOURCE, provider_reference=kept["reference"], status=kept["status"],
            error_code=kept["error_code"], at=message.received_at, notification_id=kept["notification_id"],
        )  # fmt: skip
        if not is_known:
            # It overtook the answer to the sending: roll the mark back and come again.
            raise NotFound("notification_unknown", "The report is about a message that is not known yet.")


SUBSCRIPTIONS: Final = (Subscription("twilio.handle_report", "inbox.received", handle),)
