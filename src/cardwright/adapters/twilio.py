"""Text messages through Twilio's official SDK, and its signed reports about their delivery."""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC
from logging import getLogger
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http import AsyncHttpClient
from twilio.http.response import Response
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from cardwright.adapters.retry_after import retry_after_seconds
from cardwright.core.errors import Unavailable
from cardwright.core.sensitive import Sensitive
from cardwright.notifications import (
    AddressRefused,
    BlockedByRecipient,
    OutcomeUnknown,
    ReportedState,
    SmsMessage,
    TakenText,
)

SOURCE: Final = "twilio"
NOTIFICATION_PARAMETER: Final = "notification"
"""The query parameter that carries our own id into a report and back."""

_CONNECT_TIMEOUT_SECONDS: Final = 2.0
_TIMEOUT_SECONDS: Final = 10.0
_MOST_LISTED: Final = 1000
"""One page of Twilio's list: far more than a person gets between an attempt and its being looked up."""
_TRIAL: Final = "Sent from your Twilio trial account - "
_NOT_OURS_TO_REPEAT: Final = frozenset({502, 504})
_TRY_AGAIN: Final = frozenset({401, 403, 404, 429, 500, 503})
# What is wrong is our number or our queue, and an operator or a little time can heal it.
_SENDER_AT_FAULT: Final = frozenset({21212, 21606, 21611})
_STOPPED: Final = 21610
_RATE_LIMITED: Final = 429
_PATIENCE_SECONDS: Final = 30
"""How long Twilio is left alone after a 429 that does not say."""
# The connection was never made, so Twilio cannot have seen the message.
_NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_STATES: Final[Mapping[str, ReportedState]] = {
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "undeliverable",
    "failed": "failed",
    "canceled": "failed",
}


class TwilioSmsSender:
    """Sends text messages from `sender`, a number of ours or a messaging service (`MG…`)."""

    def __init__(
        self,
        account_sid: str,
        auth_token: Sensitive,
        sender: str,
        base_url: str | None = None,
        status_callback_url: str | None = None,
    ) -> None:
        self._transport = _Transport()
        self._client = Client(  # type: ignore[no-untyped-call]
            account_sid, auth_token.reveal(), http_client=self._transport
        )
        if base_url is not None:
            self._client.api.base_url = base_url.rstrip("/")
        self._sender = {"messaging_service_sid" if sender.startswith("MG") else "from_": sender}
        self._status_callback_url = status_callback_url

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    async def send(self, message: SmsMessage) -> str:
        """Send once, without any retry; returns Twilio's SID. Errors are those of the port."""
        try:
            sent = await self._client.messages.create_async(
                to=message.to, body=message.text, **self._sender, **self._callback(message)
            )
        except (TwilioRestException, TwilioServiceException) as error:
            # Twilio's own words contain the phone number, so they go no further.
            raise _translated(error.status, error.code, self._transport.retry_after(error.status)) from None
        except _NEVER_SENT:
            raise _unavailable() from None
        except (httpx.HTTPError, TwilioException, ValueError, KeyError):
            raise OutcomeUnknown("The answer to a text message was lost or not readable.") from None
        return str(sent.sid)

    async def list_taken(self, to: str) -> Sequence[TakenText]:
        """Return what was sent to a number, newest first. A filter by date would leave out what waits."""
        try:
            listed = await self._client.messages.list_async(to=to, limit=_MOST_LISTED, page_size=_MOST_LISTED)
            return [
                TakenText(
                    reference=str(it.sid), text=str(it.body).removeprefix(_TRIAL),
                    state=_STATES.get(str(it.status), "sent"),
                    error_code=None if it.error_code is None else str(it.error_code),
                    created_at=it.date_created.astimezone(UTC),
                )
                for it in listed
                if it.date_created is not None
            ]  # fmt: skip
        except (httpx.HTTPError, TwilioException, AttributeError, ValueError, KeyError):
            # Whatever is wrong with the list, what is not read tells nothing.
            raise _unavailable() from None

    def _callback(self, message: SmsMessage) -> dict[str, str]:
        if self._status_callback_url is None:
            return {}
        query = urlencode({NOTIFICATION_PARAMETER: message.notification_id})
        return {"status_callback": f"{self._status_callback_url}?{query}"}


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """A status callback in our words, ready for `notifications.record_delivery`."""

    provider_reference: str
    status: ReportedState
    error_code: str | None
    notification_id: str | None


def verify_callback(
    auth_token: Sensitive, headers: Mapping[str, str], url: str, form: Mapping[str, str]
) -> bool:
    """Answer whether Twilio signed this callback.

    `url` is the public address that Twilio called, from our settings and not from the Host header, with its
    query string as it arrived. Only the account's own signature counts, whatever algorithm a header names.
    """
    signature = {name.lower(): value for name, value in headers.items()}.get("x-twilio-signature", "")
    validator = RequestValidator(auth_token.reveal())  # type: ignore[no-untyped-call]
    return bool(validator.validate(url, form, signature))  # type: ignore[no-untyped-call]


def read_callback(url: str, form: Mapping[str, str]) -> DeliveryReport | None:
    """Read a verified callback; None when it names no message. Any status proves at least the taking."""
    reference = form.get("MessageSid")
    if not reference:
        return None
    ours = parse_qs(urlsplit(url).query).get(NOTIFICATION_PARAMETER, [None])[0]
    status = _STATES.get(form.get("MessageStatus", ""), "sent")
    return DeliveryReport(reference, status, form.get("ErrorCode") or None, ours)


class _Transport(AsyncHttpClient):
    """The SDK's seam for HTTP, on httpx: the SDK's own asynchronous client drops its timeout."""

    def __init__(self) -> None:
        super().__init__(getLogger(__name__), is_async=True, timeout=_TIMEOUT_SECONDS)
        timeout = httpx.Timeout(_TIMEOUT_SECONDS, connect=_CONNECT_TIMEOUT_SECONDS)
        self._http = httpx.AsyncClient(timeout=timeout)
        # The SDK's errors lose the headers; each task keeps those of its own last answer.
        self._asked: ContextVar[str | None] = ContextVar("retry_after", default=None)

    def retry_after(self, status: int) -> int | None:
        """Return for how many seconds Twilio asked this task to wait, if it did."""
        asked = retry_after_seconds(self._asked.get())
        return _PATIENCE_SECONDS if asked is None and status == _RATE_LIMITED else asked

    async def aclose(self) -> None:
        await self._http.aclose()

    async def request(  # type: ignore[override] # the SDK types its base as synchronous
        self,
        method: str,
        uri: str,
        params: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - set once, for all requests
        allow_redirects: bool = False,
    ) -> Response:
        answer = await self._http.request(
            method,
            uri,
            params=params,
            data=data,
            headers=headers,
            auth=auth,
            follow_redirects=allow_redirects,
        )
        self._asked.set(answer.headers.get("retry-after"))
        return Response(answer.status_code, answer.text, answer.headers)


def _translated(status: int, code: int | None, retry_after: int | None) -> Exception:
    if status in _NOT_OURS_TO_REPEAT:
        return OutcomeUnknown("A gateway on the way answered instead of Twilio.")
    if status in _TRY_AGAIN or code in _SENDER_AT_FAULT or status >= 500:  # noqa: PLR2004 - HTTP's own
        return _unavailable(retry_after)
    if code == _STOPPED:
        return BlockedByRecipient(str(code))
    return AddressRefused(str(code or status))


def _unavailable(retry_after: int | None = None) -> Unavailable:
    asked = {} if retry_after is None else {"retry_after_seconds": retry_after}
    return Unavailable(
        "sms_unavailable", "The text message service does not answer; it is tried again.", **asked
    )
