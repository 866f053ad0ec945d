"""An HTTP client for URLs that somebody else chose: it reaches public addresses only, and reads little.

The name is resolved here, every address it has is checked, and the connection goes to the checked address
itself, so that a name which resolves otherwise the next time gains nothing. Redirects are not followed,
proxies and credentials of the environment are not looked at, cookies are not kept, answers are not unpacked.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ipaddress import ip_address
from typing import Any, Final

import httpcore
import httpx

from cardwright.adapters.outbound_policy import IpAddress, OutboundPolicy, OutboundRefused

__all__ = ["AnswerTooLarge", "OutboundPolicy", "OutboundRefused", "Resolver", "guarded_client"]

Resolver = Callable[[str, int], Awaitable[Sequence[IpAddress]]]
"""Returns all addresses of a name; OSError when it has none."""
_MOST_CONNECTIONS: Final = 200
_MOST_IDLE: Final = 50
_IDLE_SECONDS: Final = 20.0
_RESOLVING_THREADS: Final = 32
_TRANSLATED: Final[Sequence[tuple[type[Exception], type[httpx.TransportError]]]] = (
    (httpcore.ConnectTimeout, httpx.ConnectTimeout),
    (httpcore.ReadTimeout, httpx.ReadTimeout),
    (httpcore.WriteTimeout, httpx.WriteTimeout),
    (httpcore.PoolTimeout, httpx.PoolTimeout),
    (httpcore.ConnectError, httpx.ConnectError),
    (httpcore.ReadError, httpx.ReadError),
    (httpcore.WriteError, httpx.WriteError),
    (httpcore.LocalProtocolError, httpx.LocalProtocolError),
    (httpcore.RemoteProtocolError, httpx.RemoteProtocolError),
)


class AnswerTooLarge(httpx.ReadError):
    """More came than `most_answer_bytes`; the connection was closed."""


def guarded_client(policy: OutboundPolicy, resolver: Resolver | None = None) -> httpx.AsyncClient:
    """Return a client that opens connections only where the policy lets it; close it with `aclose`.

    A request raises httpx.HTTPError: OutboundRefused when nothing was sent, AnswerTooLarge, a timeout once
    `whole_seconds` are over from resolving to the last byte, or whatever else failed. Content codings stay
    on: bodies are as they came.
    """
    return httpx.AsyncClient(
        transport=_GuardedTransport(policy, resolver or _SystemResolver()),
        trust_env=False,
        follow_redirects=False,
        timeout=httpx.Timeout(policy.whole_seconds, connect=policy.connect_seconds),
        headers={"Accept-Encoding": "identity"},
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
    )


class _SystemResolver:
    """Asks the system, in threads of its own: a name server that is slow keeps nobody else waiting."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_RESOLVING_THREADS, thread_name_prefix="resolving")

    async def __call__(self, host: str, port: int) -> Sequence[IpAddress]:
        found = await asyncio.get_running_loop().run_in_executor(self._threads, _addresses, host, port)
        return [ip_address(text) for text in dict.fromkeys(found)]


def _addresses(host: str, port: int) -> list[str]:
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class _CheckedAddresses(httpcore.AsyncNetworkBackend):
    """Opens TCP connections to addresses that were checked, and no other connections."""

    def __init__(self, policy: OutboundPolicy, resolver: Resolver) -> None:
        self._policy = policy
        self._resolver = resolver
        self._sockets = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's interface
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolve, check, connect to the first address that answers."""
        try:
            async with asyncio.timeout(timeout):
                addresses = await self._resolved(host, port)
        except TimeoutError:
            raise httpcore.ConnectTimeout("The name was not resolved in time.") from None
        except OSError:
            raise httpcore.ConnectError("The name has no address.") from None
        # One refused address refuses the name: it is made to look public, or it is a mistake.
        for address in addresses:
            self._policy.ensure_address(address, port)
        return await self._first_of(addresses, port, timeout, local_address, socket_options)

    async def _resolved(self, host: str, port: int) -> Sequence[IpAddress]:
        try:
            return [ip_address(host)]
        except ValueError:
            addresses = await self._resolver(host, port)
        if not addresses:
            raise OSError(host)
        return addresses

    async def _first_of(
        self,
        addresses: Sequence[IpAddress],
        port: int,
        seconds: float | None,
        local_address: str | None,
        socket_options: Iterable[Any] | None,
    ) -> httpcore.AsyncNetworkStream:
        failed: Exception = httpcore.ConnectError("The name has no address.")
        for address in addresses[:4]:
            try:
                return await self._sockets.connect_tcp(
                    str(address), port, seconds, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed


class _GuardedTransport(httpx.AsyncBaseTransport):
    """httpx over a pool whose connections go to checked addresses."""

    def __init__(self, policy: OutboundPolicy, resolver: Resolver) -> None:
        self._policy = policy
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=_MOST_CONNECTIONS,
            max_keepalive_connections=_MOST_IDLE,
            keepalive_expiry=_IDLE_SECONDS,
            http1=True,
            http2=False,
            network_backend=_CheckedAddresses(policy, resolver),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request, unless its URL is refused."""
        self._policy.ensure_url(request.url)
        deadline = asyncio.get_running_loop().time() + self._policy.whole_seconds
        async with _until(deadline):
            answer = await self._pool.handle_async_request(
                httpcore.Request(
                    method=request.method,
                    url=httpcore.URL(
                        scheme=request.url.raw_scheme,
                        host=request.url.raw_host,
                        port=request.url.port,
                        target=request.url.raw_path,
                    ),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        return httpx.Response(
            status_code=answer.status,
            # httpx unpacks what says that it is packed: some hundred bytes could become gigabytes.
            headers=[(name, value) for name, value in answer.headers if name.lower() != b"content-encoding"],
            stream=_Limited(answer, deadline, self._policy.most_answer_bytes),
            extensions=answer.extensions,
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._pool.aclose()


class _Limited(httpx.AsyncByteStream):
    """The body of an answer, as far as size and time let it be read."""

    def __init__(self, answer: httpcore.Response, deadline: float, most_bytes: int) -> None:
        self._answer = answer
        self._deadline = deadline
        self._left = most_bytes

    async def __aiter__(self) -> AsyncIterator[bytes]:
        parts = self._answer.aiter_stream().__aiter__()
        while True:
            async with _until(self._deadline):
                part = await anext(parts, None)
            if part is None:
                return
            self._left -= len(part)
            if self._left < 0:
                raise AnswerTooLarge("The answer is too large.")
            yield part

    async def aclose(self) -> None:
        """Give the connection back, or close it where the answer was not read to its end."""
        await self._answer.aclose()


@asynccontextmanager
async def _until(deadline: float) -> AsyncIterator[None]:
    try:
        with _as_httpx():
            async with asyncio.timeout_at(deadline):
                yield
    except TimeoutError:
        raise httpx.ReadTimeout("The whole answer did not come in time.") from None


@contextmanager
def _as_httpx() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        for theirs, ours in _TRANSLATED:
            if isinstance(error, theirs):
                raise ours(str(error)) from error
        raise
