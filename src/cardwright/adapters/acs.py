"""The access control server over HTTP: answers to it, and its webhooks, signed as Standard Webhooks are."""

import base64
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from urllib.parse import quote

import httpx
import msgspec

from cardwright import challenges
from cardwright.challenges import ChallengeState, Merchant, Notice, Outcome
from cardwright.core.clock import Clock
from cardwright.core.errors import Invalid, Malformed, Unauthenticated, Unavailable
from cardwright.core.money import ensure_currency, ensure_minor_units
from cardwright.core.sensitive import Sensitive
from cardwright.db import inbox
from cardwright.db.inbox import InboundMessage
from cardwright.db.jobs import Subscription, Work
from cardwright.db.outbox import Event
from cardwright.measures import provider_call

SOURCE: Final = "acs"
_CONNECT_TIMEOUT_SECONDS: Final = 2.0
_TIMEOUT_SECONDS: Final = 10.0
_TOLERANCE_SECONDS: Final = 300
_SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - what every secret begins with
_LAST_SECOND: Final = 4_102_444_800
"""2100-01-01: no challenge is open until then, and a date can be made of it."""
_TOO_MANY: Final = 429
_FIRST_SERVER_ERROR: Final = 500
_STATES: Final[Mapping[str, ChallengeState]] = {
    "timed_out": ChallengeState.EXPIRED,
    "canceled": ChallengeState.CANCELED,
}
_OUTCOMES: Final[Mapping[str, Outcome]] = {
    "timed_out": Outcome.TIMED_OUT,
    "canceled": Outcome.CANCELED,
}


class AnswerRefused(Exception):
    """The server understood an answer and will not have it: a mistake in our code or settings."""

    def __init__(self, status: int) -> None:
        super().__init__(f"The access control server refused an answer with status {status}.")


class AcsChallengeServer:
    """Keeps the ChallengeServer port."""

    def __init__(self, base_url: str, api_key: Sensitive) -> None:
        self._http = httpx.AsyncClient(
            base_url=base_url.rstrip("/"),
            headers={"Authorization": f"Bearer {api_key.reveal()}"},
            timeout=httpx.Timeout(_TIMEOUT_SECONDS, connect=_CONNECT_TIMEOUT_SECONDS),
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def answer(self, reference: str, *, approved: bool, key: str) -> Outcome:
        """Tell what was decided; errors are those of the port, and AnswerRefused."""
        with provider_call("acs"):
            return await self._answer(reference, approved=approved, key=key)

    async def _answer(self, reference: str, *, approved: bool, key: str) -> Outcome:
        path = f"/acs/v1/challenges/{quote(reference, safe='')}/answer"
        try:
            answered = await self._http.post(
                path, json={"approved": approved}, headers={"Idempotency-Key": key}
            )
        except httpx.HTTPError:
            raise _unavailable() from None
        if answered.status_code == _TOO_MANY or answered.status_code >= _FIRST_SERVER_ERROR:
            raise _unavailable()
        if not answered.is_success:
            raise AnswerRefused(answered.status_code)
        try:
            status = msgspec.json.decode(answered.content, type=_Answered).status
        except msgspec.DecodeError:
            raise _unavailable() from None
        if status == ("approved" if approved else "refused"):
            return Outcome.TAKEN
        if status not in _OUTCOMES:
            raise AnswerRefused(answered.status_code)
        return _OUTCOMES[status]


class AcsWebhook:
    """Keeps the WebhookSource port for what the server tells of challenges.

    ValueError for a secret that is not `whsec_` and base64, as the server gives it.
    """

    def __init__(self, secret: Sensitive, *, program_id: str, clock: Clock) -> None:
        self._key = Sensitive(secret.reveal().removeprefix(_SECRET_PREFIX))
        base64.b64decode(self._key.reveal(), validate=True)
        self._program_id = program_id
        self._clock = clock

    def read(self, headers: Mapping[str, str], body: bytes, url: str) -> InboundMessage:
        """Verify a webhook and return it as the inbox keeps it: each has the whole challenge in it."""
        del url
        message_id, now = headers.get("webhook-id", ""), self._clock.now()
        _ensure_signed(self._key, headers, body, now)
        try:
            told = msgspec.json.decode(body, type=_Envelope)
            ensure_currency(told.data.currency)
            ensure_minor_units(told.data.amount)
        except (msgspec.DecodeError, Invalid) as error:
            raise Malformed("webhook_invalid", "The body tells of no challenge.") from error
        kept = msgspec.to_builtins(told.data)
        return InboundMessage(self._program_id, SOURCE, message_id, told.type, kept, now)


class _Answered(msgspec.Struct):
    status: str


class _Seller(msgspec.Struct):
    id: str
    name: str
    category_code: str
    country: str | None = None


class _Data(msgspec.Struct):
    id: str
    status: str
    card: str
    merchant: _Seller
    amount: Annotated[int, msgspec.Meta(ge=0)]
    currency: str
    expires_at: Annotated[int, msgspec.Meta(ge=0, lt=_LAST_SECOND)]


class _Envelope(msgspec.Struct):
    type: str
    data: _Data


async def handle(work: Work, event: Event) -> None:
    """Apply a stored message of the server and mark it, in one transaction."""
    if event.payload["source"] != SOURCE:
        return
    now = work.clock.now()
    async with work.transaction() as session:
        message = await inbox.find(session, event.subject_id)
        if message is None or not await inbox.mark_handled(session, event.subject_id, at=now):
            return
        await challenges.apply_notice(session, _notice(message.payload), now)


def _notice(kept: Mapping[str, Any]) -> Notice:
    data = msgspec.convert(kept, type=_Data)
    seller = data.merchant
    return Notice(
        source=SOURCE, reference=data.id, state=_STATES.get(data.status, ChallengeState.PENDING),
        card_reference=data.card,
        merchant=Merchant(seller.name, seller.category_code, seller.country, seller.id),
        amount=data.amount, currency=data.currency, expires_at=datetime.fromtimestamp(data.expires_at, UTC),
    )  # fmt: skip


def _ensure_signed(key: Sensitive, headers: Mapping[str, str], body: bytes, at: datetime) -> None:
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    is_number = timestamp.isascii() and timestamp.isdigit() and len(timestamp) < len(str(10**12))
    if not message_id or not is_number or abs(at.timestamp() - int(timestamp)) > _TOLERANCE_SECONDS:
        raise _unsigned()
    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.digest(base64.b64decode(key.reveal()), signed, "sha256")
    expected = b"v1," + base64.b64encode(digest)
    given = headers.get("webhook-signature", "").encode().split(b" ")
    if not any(hmac.compare_digest(signature, expected) for signature in given):
        raise _unsigned()


def _unsigned() -> Unauthenticated:
    return Unauthenticated("signature_invalid", "The signature does not match the body.")


def _unavailable() -> Unavailable:
    return Unavailable("challenge_server_unavailable", "The access control server does not answer.")


SUBSCRIPTIONS: Final = (Subscription("acs.handle_webhook", "inbox.received", handle),)
