"""What people write back to our text messages, through Twilio and the inbox to the question it answers.

Neither number nor text is kept: digests of the sender and of the code go on, and the answer in our words.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl

from cardwright import cases, notifications
from cardwright.adapters.twilio import verify_callback
from cardwright.authentication import EmailCodes
from cardwright.cases import Answer, TextReply
from cardwright.core.clock import Clock
from cardwright.core.errors import Malformed, Unauthenticated
from cardwright.core.sensitive import Sensitive
from cardwright.db import inbox
from cardwright.db.inbox import InboundMessage
from cardwright.db.jobs import Subscription, Work
from cardwright.db.outbox import Event

SOURCE: Final = "twilio-replies"
_REPLY: Final = "message.received"
_KEYWORD: Final = "message.keyword"
_STOPS: Final = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit"})
_STARTS: Final = frozenset({"start", "unstop"})
_KEYWORDS: Final = _STOPS | _STARTS | {"help", "info"}
"""Twilio answers those itself, and must be the only one who does; we stop writing, too."""


class TwilioReplyWebhook:
    """Keeps the WebhookSource port; a reply is numbered by Twilio's id of the message."""

    def __init__(
        self, auth_tokens: Sequence[Sensitive], codes: EmailCodes, *, program_id: str, clock: Clock
    ) -> None:
        self._auth_tokens = auth_tokens
        self._codes = codes
        self._program_id = program_id
        self._clock = clock

    def read(self, headers: Mapping[str, str], body: bytes, url: str) -> InboundMessage:
        """Verify a message that came in and keep what it says, without the number and the code."""
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        if not any(verify_callback(token, headers, url, form) for token in self._auth_tokens):
            raise Unauthenticated("signature_invalid", "The signature does not match the form.")
        message_id, sender = form.get("MessageSid"), form.get("From")
        if not message_id or not sender:
            raise Malformed("webhook_invalid", "The form names no message or no sender.")
        text = form.get("Body", "")
        is_keyword = bool(form.get("OptOutType")) or text.strip().lower() in _KEYWORDS
        kept = self._opted(sender, form, text) if is_keyword else self._kept(sender, text)
        return InboundMessage(
            self._program_id, SOURCE, message_id, _KEYWORD if is_keyword else _REPLY, kept, self._clock.now()
        )

    def _opted(self, sender: str, form: Mapping[str, str], text: str) -> dict[str, Any]:
        # OptOutType is what Twilio understood, in whichever language the word was.
        word = (form.get("OptOutType") or text).strip().lower()
        if word not in _STOPS | _STARTS:
            return {}
        number = notifications.digest_address(self._codes, "sms", sender)
        return {"number": number, "starts": word in _STARTS}

    def _kept(self, sender: str, text: str) -> dict[str, Any]:
        said, number = cases.read_reply(text), cases.digest_number(self._codes, sender)
        tried = None if said.code is None else cases.digest_try(self._codes, number, said.code)
        return {"number": number, "answer": said.answer, "tried": tried}


async def handle(work: Work, event: Event) -> None:
    """Hear a stored reply in the transaction that marks it handled."""
    if event.payload["source"] != SOURCE:
        return
    async with work.transaction() as session:
        message = await inbox.find(session, event.subject_id)
        if message is None or not await inbox.mark_handled(session, event.subject_id, at=work.clock.now()):
            return
        kept = message.payload
        if message.type == _KEYWORD and kept:
            await notifications.hear_stop(
                session,
                program_id=message.program_id,
                number_digest=kept["number"],
                starts=kept["starts"],
                at=message.received_at,
            )
        if message.type == _REPLY:
            answer = None if kept["answer"] is None else Answer(kept["answer"])
            reply = TextReply(message.program_id, kept["number"], answer, kept["tried"])
            await cases.hear_reply(work, session, reply)


SUBSCRIPTIONS: Final = (Subscription("twilio.handle_reply", "inbox.received", handle),)
