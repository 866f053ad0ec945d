"""The people of the story: each speaks to the API as our pages in a browser would, and to nothing else."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar
from uuid import uuid4

import httpx

T = TypeVar("T")
_PATIENCE_SECONDS: Final = 20.0
_UNAUTHENTICATED: Final = 401
_COOKIE: Final = "__Host-cardwright"


class StoryFailed(Exception):
    """The product did not do what the story expects of it."""


class FactorAsked(StoryFailed):
    """Somebody whom the story needs has protected the sign-in since, which the story cannot answer."""


async def eventually(what: str, look: Callable[[], Awaitable[T | None]]) -> T:
    """Look again and again until there is something to see; raise StoryFailed after a while."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found = await look()
        if found:
            return found
        await asyncio.sleep(0.03)
    raise StoryFailed(f"waited {_PATIENCE_SECONDS:.0f} s for: {what}")


@dataclass(slots=True)
class Person:
    """Somebody with an address and a password; `api` is their browser, and `secret` what its cookie holds."""

    api: httpx.AsyncClient
    email: str
    password: str = field(repr=False)
    secret: str = field(default="", repr=False)

    async def call(
        self, method: str, path: str, body: Any = None, *, key: str | None = None
    ) -> httpx.Response:
        """Make one call; POSTs carry an idempotency key, a fresh one unless it is given."""
        headers = self.from_our_page
        if method == "POST":
            headers["Idempotency-Key"] = key or str(uuid4())
        return await self.api.request(method, path, json=body, headers=headers)

    @property
    def from_our_page(self) -> dict[str, str]:
        """The headers of a request that one of our own pages makes."""
        return {"Sec-Fetch-Site": "same-origin", "X-CSRF-Protection": "1", **self.cookie}

    @property
    def cookie(self) -> dict[str, str]:
        """The header with the session's cookie, when there is one."""
        # A browser sends it to this very machine also without TLS; an HTTP client's jar does not.
        return {"Cookie": f"{_COOKIE}={self.secret}"} if self.secret else {}

    async def get(self, path: str) -> Any:
        """Read something; raise StoryFailed for anything but success."""
        return _content(await self.call("GET", path))

    async def post(self, path: str, body: Any = None, *, key: str | None = None) -> Any:
        """Do something; raise StoryFailed for anything but success."""
        return _content(await self.call("POST", path, body, key=key))

    async def put(self, path: str, body: Any) -> Any:
        """Set something; raise StoryFailed for anything but success."""
        return _content(await self.call("PUT", path, body))

    async def sign_in(self) -> None:
        """Get the cookie of a new session."""
        response = await self.call(
            "POST", "/v1/auth/sign-in", {"email": self.email, "password": self.password}
        )
        if response.status_code == _UNAUTHENTICATED and response.json()["code"] == "factor_required":
            raise FactorAsked(f"{self.email} signs in with a second factor by now, which the story has not.")
        _content(response)
        self.secret = response.cookies[_COOKIE]


def code_in(text: str) -> str:
    """Return the six digits that a message holds."""
    found = re.search(r"\b[0-9]{6}\b", text)
    if found is None:
        raise StoryFailed("the message holds no code")
    return found[0]


def _content(response: httpx.Response) -> Any:
    if not response.is_success:
        raise StoryFailed(
            f"{response.request.method} {response.request.url.path}: {response.status_code} {response.text}"
        )
    return response.json() if response.content else None
