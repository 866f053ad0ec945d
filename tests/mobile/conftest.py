"""The mobile app's clients and states on the real API in this process; skipped without the app's packages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import sign_in
from cardwright.cards import Limit, Window
from cardwright.core.clock import MovableClock
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import transaction
from cardwright.notifications.planning import plan
from cardwright.oauth import MOBILE_CLIENT_ID, ensure_first_party_client, mobile_client
from integration.kyc.people import the_program
from integration.payments import holders
from integration.payments.holders import Holding
from integration.payments.wire import MERCHANT, PATH, asking
from optional import do_without

CALLBACK = "http://127.0.0.1:8550/signed-in"
HAS_PACKAGES = all(find_spec(name) for name in ("flet", "flet_web", "flet_secure_storage", "ecdsa"))


@pytest.fixture(autouse=True)
def needs_packages() -> None:
    if not HAS_PACKAGES:
        do_without("the mobile app's packages are not installed; `uv sync --group mobile` installs them")


@pytest.fixture
def clock() -> MovableClock:
    # A phone goes by its own clock, which is the machine's: its proofs have to be of about now.
    return MovableClock(datetime.now(UTC))


class Losing(httpx.AsyncBaseTransport):
    """The way to the server, on which the answers to some requests are lost: what they asked for was done."""

    def __init__(self, way: httpx.AsyncBaseTransport) -> None:
        self._way = way
        self.to_lose = 0
        self.keys: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._way.handle_async_request(request)
        if request.method != "POST":
            return response
        self.keys.append(request.headers["Idempotency-Key"])
        if self.to_lose:
            self.to_lose -= 1
            raise httpx.ReadError("the answer was lost")
        return response


@dataclass
class Phone:
    """Somebody with cards and money, their browser, and the app on their phone."""

    http: httpx.AsyncClient
    clock: MovableClock
    holding: Holding
    browser: Mapping[str, str]
    session: Any

    async def browse(self, address: str) -> str:
        """Go where the app sends the browser, say yes, and return where the browser ends up."""
        visited = await self.http.get(address, headers=self.browser)
        location = visited.headers["location"]
        if "/oauth/consent/" in location:
            decided = await self.http.post(location, data={"decision": "approved"}, headers=self.browser)
            location = decided.headers["location"]
        return str(location)

    async def use_factor(self, engine: AsyncEngine) -> None:
        """Let the browser be one in which a strong factor was used just now."""
        self.browser = await sign_in(engine, self.clock, self.holding.user_id, has_used_factor=True)

    async def sign_in(self) -> Any:
        """Return the app's client for somebody who signed in."""
        back = await self.browse(await self.session.address_to_sign_in(CALLBACK))
        assert await self.session.come_back(back), self.session.detail
        return self.session.client

    async def hear(self, engine: AsyncEngine, event_type: str, about: str, **payload: Any) -> None:
        """Let something happen that its holder is told of."""
        told = {"user_id": self.holding.user_id, **payload}
        event = Event(event_type, self.holding.program_id, about, self.clock.now(), told)
        await plan(Work(engine, self.clock, {}), event)

    def begin_to_lose(self, client: Any) -> Losing:
        """Let a client's requests go a way on which answers can be lost."""
        way = Losing(self.http._transport)
        client._http = httpx.AsyncClient(base_url=self.http.base_url, transport=way)
        return way

    async def pay(self, amount: int, reference: str, *, card: int = 0, merchant: str = "Bakery") -> bool:
        data = {**MERCHANT, "name": merchant, "network_id": f"m_{merchant.lower()}"}
        question = asking(self.holding.references[card], amount, reference=reference, merchant_data=data)
        return bool((await self.http.post(PATH, **question)).json()["approved"])


@pytest.fixture
async def phone(engine: AsyncEngine, clock: MovableClock, client: httpx.AsyncClient) -> Phone:
    limits = [Limit(Window.MONTH, 50_00)]
    holding = await holders.a_holding(engine, clock, limits, [], balance=200_00)
    return await a_phone(engine, clock, client, holding)


async def a_phone(
    engine: AsyncEngine, clock: MovableClock, client: httpx.AsyncClient, holding: Holding
) -> Phone:
    """Return the phone of somebody who exists, in front of an application that runs."""
    from cardwright_mobile.device.storage import MemoryStorage
    from cardwright_mobile.state.session import Session

    async with transaction(engine) as opened:
        program = await the_program(opened)
        await ensure_first_party_client(
            opened, MOBILE_CLIENT_ID, mobile_client(program.name, ["http://127.0.0.1/signed-in"]),
            program_id=program.id, at=clock.now(),
        )  # fmt: skip
    browser = await sign_in(engine, clock, holding.user_id)
    return Phone(client, clock, holding, browser, Session(client, MemoryStorage()))
