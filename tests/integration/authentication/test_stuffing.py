"""Thousands of stolen passwords tried at the door: few reach the check, and the victim still gets in."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from background import settled
from browsers import OUR_PAGE, cookie_set_by, forgetful_jar, headers_of
from builders import provided_for_tests
from cardwright.authentication import AccountLinks, AuthLimits, EmailCodes, find_letter
from cardwright.authentication.known_devices import COOKIE as DEVICE
from cardwright.authentication.passwords import HASHING
from cardwright.core.clock import MovableClock
from cardwright.core.errors import Unavailable
from cardwright.db.embedded import EmbeddedValkey
from cardwright.db.session import transaction
from cardwright.http.rate_limits import RateLimiter
from cardwright.main import build_app
from cheap_hashes import hash_as_usual
from depth import tries
from integration.kyc.people import a_person
from software_authenticator import SoftwareAuthenticator

ATTEMPTS = tries(10_000)
AT_ONCE = 30
VICTIM, PASSWORD, NEW_PASSWORD = (
    "robin@example.com",
    "correct horse battery staple",
    "seven lamps in the window",
)
ATTACKERS = tuple(f"203.0.113.{number}" for number in range(1, 5))
ELSEWHERE = "198.51.100.7"


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[str]:
    server = EmbeddedValkey(tmp_path / "valkey")
    yield server.start()
    server.stop()


@dataclass
class House:
    """The product, and whoever knocks from wherever."""

    app: Any
    engine: AsyncEngine
    clock: MovableClock
    provided: Mapping[type, Any]

    @asynccontextmanager
    async def visitor(self, address: str) -> AsyncIterator[httpx.AsyncClient]:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=(address, 4711))
        async with httpx.AsyncClient(
            transport=transport, base_url="https://cardwright.test", cookies=forgetful_jar()
        ) as client:
            yield client


@pytest.fixture
async def house(
    engine: AsyncEngine, clock: MovableClock, valkey: str, monkeypatch: pytest.MonkeyPatch
) -> House:
    hash_as_usual(monkeypatch)
    provided = {**await provided_for_tests(engine, clock), RateLimiter: RateLimiter(valkey)}
    return House(build_app(engine, provided), engine, clock, provided)


async def sign_in(
    client: httpx.AsyncClient, email: str, password: str, headers: Mapping[str, str] = OUR_PAGE
) -> httpx.Response:
    body = {"email": email, "password": password}
    return await client.post("/v1/auth/sign-in", json=body, headers=headers)


async def stuffed(house: House) -> Counter[tuple[bool, int]]:
    """Try ATTEMPTS passwords, every other one at the victim; count (at the victim, status)."""
    outcomes: Counter[tuple[bool, int]] = Counter()
    numbers = iter(range(ATTEMPTS))

    async def attack(address: str) -> None:
        async with house.visitor(address) as client:
            for number in numbers:
                is_at_victim = number % 2 == 0
                email = VICTIM if is_at_victim else f"person{number}@example.com"
                answer = await sign_in(client, email, f"leaked password number {number}")
                outcomes[is_at_victim, answer.status_code] += 1

    await asyncio.gather(*(attack(ATTACKERS[n % len(ATTACKERS)]) for n in range(AT_ONCE)))
    return outcomes


def device_of(answer: httpx.Response) -> str:
    (cookie,) = [it for it in answer.headers.get_list("set-cookie") if it.startswith(f"{DEVICE}=")]
    return cookie.partition(";")[0]


async def reset_token(house: House) -> str:
    (issued,) = [
        event
        for event in await settled(house.engine, house.clock)
        if event.type == "authentication.password_reset_issued"
    ]
    async with transaction(house.engine) as session:
        letter = await find_letter(
            session, house.provided[EmailCodes], house.provided[AccountLinks], "reset_link", issued.payload
        )
    assert letter is not None
    return letter.facts["link"].rpartition("#")[2]


async def with_passkey(
    client: httpx.AsyncClient, device: SoftwareAuthenticator, headers: Mapping[str, str]
) -> None:
    ceremony = (await client.post("/v1/me/passkeys/options", headers=headers)).json()
    made = {"ceremony_id": ceremony["ceremony_id"], "name": "Phone"}
    credential = device.make(ceremony["public_key"])
    added = await client.post("/v1/me/passkeys", json={**made, "credential": credential}, headers=headers)
    assert added.status_code == 201


async def by_passkey(client: httpx.AsyncClient, device: SoftwareAuthenticator) -> httpx.Response:
    ceremony = (await client.post("/v1/auth/passkey/options", headers=OUR_PAGE)).json()
    answer = {"ceremony_id": ceremony["ceremony_id"], "credential": device.use(ceremony["public_key"])}
    return await client.post("/v1/auth/passkey/sign-in", json=answer, headers=OUR_PAGE)


async def test_stuffed_passwords_reach_the_check_no_more_often_than_the_budget_says(
    house: House,
) -> None:
    await a_person(house.engine, house.clock, VICTIM)
    phone = SoftwareAuthenticator()
    async with house.visitor(ELSEWHERE) as client:
        first = await sign_in(client, VICTIM, PASSWORD)
        known_device = device_of(first)
        await with_passkey(client, phone, headers_of(cookie_set_by(first)))

    checked_before = HASHING.checked
    outcomes = await stuffed(house)

    budget = AuthLimits().sign_in
    per_client, per_address = (int(it.partition("/")[0]) for it in (budget.per_client, budget.per_address))
    # The victim's own sign-in came first and counts.
    assert outcomes[True, 401] == per_address - 1
    assert outcomes[True, 401] + outcomes[False, 401] == HASHING.checked - checked_before
    assert HASHING.checked - checked_before <= per_client * len(ATTACKERS)
    assert {status for _, status in outcomes} <= {401, 429, 503}
    assert outcomes.total() == ATTEMPTS

    async with house.visitor("192.0.2.99") as new_place:
        assert (await sign_in(new_place, VICTIM, PASSWORD)).status_code == 429
        assert (await by_passkey(new_place, phone)).json()["state"] == "signed_in"
        from_known = await sign_in(new_place, VICTIM, PASSWORD, {**OUR_PAGE, "Cookie": known_device})
        assert from_known.status_code == 200

        await new_place.post("/v1/auth/forgot-password", json={"email": VICTIM})
        body = {"token": await reset_token(house), "new_password": NEW_PASSWORD}
        reset = await new_place.post("/v1/auth/reset-password", json=body)
        assert reset.status_code == 204
        after = await sign_in(new_place, VICTIM, NEW_PASSWORD, {**OUR_PAGE, "Cookie": device_of(reset)})
        assert after.status_code == 200


async def test_a_device_that_was_made_up_gets_no_budget_of_its_own(house: House) -> None:
    await a_person(house.engine, house.clock, VICTIM)
    made_up = {**OUR_PAGE, "Cookie": f"{DEVICE}=known_1.9999999999.AAAA"}
    async with house.visitor(ELSEWHERE) as client:
        answers = [await sign_in(client, VICTIM, f"guess number {n} of it", made_up) for n in range(8)]
    assert [answer.status_code for answer in answers] == [401] * 6 + [429] * 2


async def test_more_passwords_at_once_than_wait_are_sent_away_with_a_pause(house: House) -> None:
    outcomes = await asyncio.gather(
        *(HASHING.check(f"password number {n}", None) for n in range(60)), return_exceptions=True
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, Unavailable)]
    assert len(refused) == 60 - 34
    assert refused[0].details["retry_after_seconds"] == 2
