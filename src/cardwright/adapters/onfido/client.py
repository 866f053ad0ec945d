"""Calls to Onfido's API with our time limits, and its errors in our words."""

from typing import Any, Final, TypeVar

import httpx
import msgspec

from cardwright.core.errors import Unavailable
from cardwright.core.sensitive import Sensitive
from cardwright.kyc import NotBegun
from cardwright.measures import provider_call

CONNECT_TIMEOUT_SECONDS: Final = 2.0
READ_TIMEOUT_SECONDS: Final = 10.0
_NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_TURNED_AWAY: Final = frozenset({429, 503})
_SERVER_ERROR: Final = 500
_MESSAGE: Final = "The identity verifier does not answer; it is tried again."
T = TypeVar("T")


class RequestRefused(Exception):
    """Onfido refuses the request, now and every time: a mistake in our code or settings.

    Its words are left out: they may repeat what was sent about a person.
    """

    def __init__(self, path: str, status: int) -> None:
        super().__init__(f"Onfido refuses {path} with status {status}.")
        self.status = status


def base_url_of(region: str) -> str:
    """Return where a region's API is: eu, us or ca."""
    return f"https://api.{region}.onfido.com/v3.6"


class OnfidoClient:
    """Sends one request and reads the answer; connections are kept for the next."""

    def __init__(self, base_url: str, token: Sensitive) -> None:
        self._http = httpx.AsyncClient(
            base_url=base_url.rstrip("/"),
            headers={"Authorization": f"Token token={token.reveal()}", "Accept": "application/json"},
            timeout=httpx.Timeout(READ_TIMEOUT_SECONDS, connect=CONNECT_TIMEOUT_SECONDS),
            trust_env=False,
        )

    async def get(self, path: str, shape: type[T], **query: str) -> T:
        """Read a resource; Unavailable without an answer of that shape."""
        with provider_call("onfido"):
            return await self._call("GET", path, shape, params=query)

    async def post(self, path: str, body: dict[str, Any], shape: type[T]) -> T:
        """Create a resource; NotBegun where it surely was not, Unavailable where nobody knows."""
        with provider_call("onfido"):
            return await self._call("POST", path, shape, json=body)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _call(self, method: str, path: str, shape: type[T], **sent: Any) -> T:
        try:
            answer = await self._http.request(method, path, **sent)
        except _NEVER_SENT:
            raise NotBegun("verifier_unavailable", _MESSAGE) from None
        except httpx.HTTPError:
            raise Unavailable("verifier_unavailable", _MESSAGE) from None
        if answer.status_code in _TURNED_AWAY:
            raise NotBegun("verifier_unavailable", _MESSAGE)
        if answer.status_code >= _SERVER_ERROR:
            raise Unavailable("verifier_unavailable", _MESSAGE)
        if not answer.is_success:
            raise RequestRefused(path.split("?", maxsplit=1)[0], answer.status_code)
        try:
            return msgspec.json.decode(answer.content, type=shape)
        except (msgspec.DecodeError, UnicodeDecodeError):
            # Without the cause: what was read may be in its text.
            raise Unavailable("verifier_unavailable", _MESSAGE) from None
