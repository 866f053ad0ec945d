"""The application beside an independent OpenID provider, and browsers that go from one to the other."""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pyotp
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import COOKIE, OUR_PAGE, forgetful_jar
from builders import ISSUER, provided_for_tests
from cardwright.adapters.openid import OpenIdConnectProvider
from cardwright.authentication import OpenIdProviders
from cardwright.core.clock import SystemClock
from cardwright.core.sensitive import Sensitive
from cardwright.db.session import transaction
from cardwright.main import build_app
from running_provider import CLIENT_ID, CLIENT_SECRET, consent_at, running_provider

VISIT = "__Host-cardwright-visit"
PATH = "/v1/auth/providers/{}/callback"
ACCOUNTS: Mapping[str, Mapping[str, Any]] = {
    "ada": {"email": "ada@example.com", "email_verified": True},
    "ada-elsewhere": {"email": "ADA@example.com", "email_verified": True},
    "grace": {"email": "grace@example.com", "email_verified": True},
    "mallory": {"email": "mallory@example.com", "email_verified": True},
    "unproven": {"email": "ada@example.com", "email_verified": False},
    "says-yes": {"email": "ada@example.com", "email_verified": "true"},
    "nameless": {},
}
"""The people of the provider, by how they sign in there."""


@pytest.fixture
def clock() -> SystemClock:
    """The clock that the provider has, too."""
    return SystemClock()


@pytest.fixture(scope="session")
def provider() -> Iterator[str]:
    """The issuer of a provider that knows us under two names."""
    redirect_uris = [f"{ISSUER}{PATH.format(name)}" for name in ("example", "other")]
    with running_provider(redirect_uris, ACCOUNTS) as issuer:
        yield issuer


@dataclass
class Browser:
    """Somebody's browser, with the cookies that we gave it."""

    client: httpx.AsyncClient
    cookies: dict[str, str] = field(default_factory=dict)

    async def send(self, method: str, url: str, **options: Any) -> httpx.Response:
        headers = {**OUR_PAGE, **options.pop("headers", {})}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = await self.client.request(method, url, headers=headers, **options)
        for line in answer.headers.get_list("set-cookie"):
            name, _, rest = line.partition("=")
            value = rest.partition(";")[0]
            if "Max-Age=0" in rest:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return answer

    async def depart(self, purpose: str = "sign-in", provider_id: str = "example") -> str:
        """Ask to go to the provider; return the address there."""
        answer = await self.send("POST", f"/v1/auth/providers/{provider_id}/{purpose}")
        assert answer.status_code == 200, answer.text
        return str(answer.json()["authorization_url"])

    async def come_back(self, url: str) -> str:
        """Follow the provider back to us; return what our page is told."""
        answer = await self.send("GET", url, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 303
        landing = urlsplit(answer.headers["location"])
        assert f"{landing.scheme}://{landing.netloc}{landing.path}" == f"{ISSUER}/signed-in"
        ((name, (value,)),) = parse_qs(landing.query).items()
        return f"{name}={value}"

    async def sign_in_as(self, login: str, provider_id: str = "example") -> str:
        """Sign in at the provider, and so with us; return what our page is told."""
        return await self.come_back(await consent_at(await self.depart("sign-in", provider_id), login))

    async def link(self, login: str) -> str:
        """Link an account of the provider; return what our page is told."""
        return await self.come_back(await consent_at(await self.depart("link"), login))

    async def who(self) -> str | None:
        """Return who is signed in."""
        answer = await self.send("GET", "/v1/me")
        return str(answer.json()["id"]) if answer.status_code == 200 else None

    async def add_app(self) -> pyotp.TOTP:
        """Add an authenticator app."""
        app = pyotp.TOTP((await self.send("POST", "/v1/me/totp")).json()["secret"])
        assert (await self.send("POST", "/v1/me/totp/confirm", json={"code": app.now()})).status_code == 200
        return app

    @property
    def is_signed_in(self) -> bool:
        return COOKIE in self.cookies


@dataclass
class World:
    """The application and its database."""

    engine: AsyncEngine
    client: httpx.AsyncClient
    provided: Mapping[type, Any]

    def browser(self) -> Browser:
        return Browser(self.client)

    async def scalars(self, query: str) -> list[Any]:
        async with transaction(self.engine) as session:
            return list((await session.execute(text(query))).scalars())

    async def change(self, statement: str) -> None:
        async with transaction(self.engine) as session:
            await session.execute(text(statement))

    async def people(self) -> int:
        return len(await self.scalars("SELECT user_id FROM identities"))


async def make_world(engine: AsyncEngine, clock: SystemClock, issuer: str) -> AsyncIterator[World]:
    """Give the application with the provider under two names."""
    known = {
        name: OpenIdConnectProvider(
            name.title(), issuer, CLIENT_ID, Sensitive(CLIENT_SECRET), accepts_loopback=True
        )
        for name in ("example", "other")
    }
    provided = {**await provided_for_tests(engine, clock), OpenIdProviders: OpenIdProviders(known, ISSUER)}
    transport = httpx.ASGITransport(build_app(engine, provided), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ISSUER, cookies=forgetful_jar()) as client:
        yield World(engine, client, provided)
    for one in known.values():
        await one.aclose()


@pytest.fixture
async def world(engine: AsyncEngine, clock: SystemClock, provider: str) -> AsyncIterator[World]:
    async for made in make_world(engine, clock, provider):
        yield made
