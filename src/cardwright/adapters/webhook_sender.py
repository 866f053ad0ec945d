"""Posting webhooks to the endpoints of developers, through the client that reaches public addresses only."""

import time
from collections.abc import Mapping, Sequence
from typing import Final

import httpx

from cardwright.adapters.guarded_http import OutboundPolicy, OutboundRefused, guarded_client
from cardwright.adapters.retry_after import retry_after
from cardwright.core.card_numbers import holds_card_number
from cardwright.core.clock import Clock
from cardwright.core.errors import Invalid
from cardwright.webhooks import Answer

KEPT_BYTES: Final = 4096
_KEPT_HEADERS: Final = 32
_LONGEST_HEADER: Final = 256
_USER_AGENT: Final = "Cardwright-Webhooks/1.0"
_CODES: Final[Sequence[tuple[type[Exception], str]]] = (
    (httpx.ConnectTimeout, "connect_timeout"),
    (httpx.PoolTimeout, "connect_timeout"),
    (httpx.TimeoutException, "timeout"),
    (httpx.ConnectError, "connect_failed"),
    (httpx.ProtocolError, "answer_invalid"),
    (httpx.InvalidURL, "refused_url"),
)
_WITHHELD: Final = "[withheld: it held something like a card number]"


class HttpWebhookSender:
    """Sends with httpx; a policy says where to."""

    def __init__(self, policy: OutboundPolicy, clock: Clock) -> None:
        self._policy = policy
        self._clock = clock
        self._http = guarded_client(policy)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    def ensure_acceptable(self, url: str) -> None:
        """Raise Invalid `webhook_url_refused` for a URL that nothing will ever be sent to."""
        try:
            self._policy.ensure_url(url)
        except OutboundRefused as refused:
            raise Invalid("webhook_url_refused", str(refused), reason=refused.reason) from refused

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send once; whatever goes wrong is in the answer."""
        begun = time.monotonic()
        try:
            asked = self._http.build_request(
                "POST", url, content=body, headers={"user-agent": _USER_AGENT, **headers}
            )
            answer = await self._http.send(asked, stream=True)
            try:
                kept, is_cut = await _beginning(answer)
            finally:
                await answer.aclose()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Answer(_since(begun), error=_code(error))
        return Answer(
            _since(begun),
            status=answer.status_code,
            headers=_headers(answer),
            body=_text(kept),
            is_cut=is_cut,
            retry_after=retry_after(answer.headers.get("retry-after"), self._clock.now()),
        )


async def _beginning(answer: httpx.Response) -> tuple[bytes, bool]:
    """Read what is kept of a body, and no more; what cannot be read is missing."""
    kept = b""
    try:
        async for part in answer.aiter_raw():
            kept += part
            if len(kept) > KEPT_BYTES:
                return kept[:KEPT_BYTES], True
    except httpx.HTTPError:
        # The status has come, which is what counts; only its body was endless, slow or broken.
        return kept, True
    return kept, False


def _headers(answer: httpx.Response) -> dict[str, str]:
    found = list(answer.headers.items())[:_KEPT_HEADERS]
    return {_clean(name)[:_LONGEST_HEADER]: _kept(value)[:_LONGEST_HEADER] for name, value in found}


def _text(raw: bytes) -> str:
    return _kept(raw.decode("utf-8", "replace"))


def _kept(text: str) -> str:
    # PostgreSQL's text has no NUL; and no card number is kept, whoever wrote it.
    clean = _clean(text)
    return _WITHHELD if holds_card_number(clean) else clean


def _clean(text: str) -> str:
    return text.replace("\0", "\ufffd")


def _code(error: Exception) -> str:
    if isinstance(error, OutboundRefused):
        return f"refused_{error.reason}"
    if isinstance(error, httpx.ConnectError) and ("SSL" in str(error) or "certificate" in str(error)):
        return "tls_failed"
    return next((code for kind, code in _CODES if isinstance(error, kind)), "connection_lost")


def _since(begun: float) -> int:
    return int((time.monotonic() - begun) * 1000)
