"""One's sessions and devices: seeing them, ending them, and being told of a new one."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import COOKIE, OUR_PAGE
from cardwright.access import Role
from cardwright.authentication import create_verified_identity
from cardwright.authentication.devices import browser_hash, device_name
from cardwright.core.clock import MovableClock
from cardwright.db import outbox
from cardwright.db.session import transaction
from cardwright.programs import ensure_program
from staff import grant_role

EMAIL, PASSWORD = "ada@example.com", "correct horse battery staple"
BROWSER = "__Host-cardwright-browser"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/19.0 Mobile/15E148 Safari/604.1"
)
LAPTOP = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:150.0) Gecko/20100101 Firefox/150.0"


@dataclass
class Device:
    """A device of Ada's, which keeps its cookies."""

    client: httpx.AsyncClient
    user_agent: str
    cookies: dict[str, str] = field(default_factory=dict)

    async def send(self, method: str, path: str, body: Any = None) -> httpx.Response:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {**OUR_PAGE, "User-Agent": self.user_agent, **({"Cookie": cookies} if cookies else {})}
        answer = await self.client.request(method, path, json=body, headers=headers)
        for line in answer.headers.get_list("set-cookie"):
            name, _, rest = line.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return answer

    async def sign_in(self) -> None:
        answer = await self.send("POST", "/v1/auth/sign-in", {"email": EMAIL, "password": PASSWORD})
        assert answer.status_code == 200

    async def sessions(self) -> list[Mapping[str, Any]]:
        answer = await self.send("GET", "/v1/auth/sessions")
        assert answer.status_code == 200
        shown: list[Mapping[str, Any]] = answer.json()["data"]
        return shown

    async def is_signed_in(self) -> bool:
        return (await self.send("GET", "/v1/me")).status_code == 200


@pytest.fixture
async def ada(engine: AsyncEngine, clock: MovableClock) -> str:
    async with transaction(engine) as session:
        program = await ensure_program(session, slug="demo", name="Demo Program", currency="USD")
        return await create_verified_identity(session, EMAIL, PASSWORD, program.id, clock.now())


async def told(engine: AsyncEngine) -> list[Mapping[str, Any]]:
    async with transaction(engine) as session:
        events = await outbox.take(session, 100)
    return [it.payload for it in events if it.type == "authentication.signed_in_from_new_device"]


async def test_sessions_show_their_device_and_when_and_where_they_were_used(
    client: httpx.AsyncClient, clock: MovableClock, ada: str
) -> None:
    phone, laptop = Device(client, PHONE), Device(client, LAPTOP)
    begun = clock.now()
    await phone.sign_in()
    clock.advance(timedelta(hours=1))
    await laptop.sign_in()
    second, first = await laptop.sessions()
    assert (first["device"], second["device"]) == ("Safari on iPhone", "Firefox on Windows")
    assert (first["is_current"], second["is_current"]) == (False, True)
    assert (first["user_agent"], first["client_address"], first["methods"]) == (PHONE, "127.0.0.1", ["pwd"])
    assert first["created_at"] == first["last_seen_at"] == begun.isoformat().replace("+00:00", "Z")


async def test_when_a_session_was_last_seen_is_noted_once_a_minute(
    client: httpx.AsyncClient, clock: MovableClock, ada: str
) -> None:
    phone = Device(client, PHONE)
    await phone.sign_in()
    begun = clock.now()
    seen = []
    for _ in range(5):
        clock.advance(timedelta(seconds=25))
        # A request that is refused is a sign of life, too.
        assert (await phone.send("GET", "/v1/users")).status_code == 403
        (shown,) = await phone.sessions()
        seen.append(shown["last_seen_at"])
    expected = [begun + timedelta(seconds=seconds) for seconds in (0, 0, 75, 75, 75)]
    assert seen == [at.isoformat().replace("+00:00", "Z") for at in expected]


async def test_all_other_sessions_are_ended_at_once(client: httpx.AsyncClient, ada: str) -> None:
    kept, *others = [Device(client, PHONE) for _ in range(4)]
    for device in (kept, *others):
        await device.sign_in()
    assert (await kept.send("DELETE", "/v1/auth/sessions")).status_code == 204
    assert [await device.is_signed_in() for device in (kept, *others)] == [True, False, False, False]
    assert (await kept.send("DELETE", "/v1/auth/sessions")).status_code == 204
    assert len(await kept.sessions()) == 1


async def test_devices_that_end_each_others_sessions_at_once_all_get_an_answer(
    client: httpx.AsyncClient, clock: MovableClock, ada: str
) -> None:
    devices = [Device(client, PHONE) for _ in range(6)]
    for device in devices:
        await device.sign_in()
    clock.advance(timedelta(minutes=2))
    answers = await asyncio.gather(*(device.send("DELETE", "/v1/auth/sessions") for device in devices))
    assert {answer.status_code for answer in answers} <= {204, 401}
    assert sum([await device.is_signed_in() for device in devices]) <= 1


async def test_a_new_device_is_told_of_and_a_known_one_is_not(
    client: httpx.AsyncClient, engine: AsyncEngine, ada: str
) -> None:
    phone, laptop = Device(client, PHONE), Device(client, LAPTOP)
    await phone.sign_in()
    assert await told(engine) == []
    await laptop.sign_in()
    (payload,) = await told(engine)
    current = next(it for it in await laptop.sessions() if it["is_current"])
    assert payload == {"session_id": current["id"], "device": "Firefox on Windows"}
    for device in (phone, laptop, phone):
        await device.send("POST", "/v1/auth/sign-out")
        await device.sign_in()
    assert await told(engine) == []


async def test_a_device_that_says_it_is_another_one_is_told_of(
    client: httpx.AsyncClient, engine: AsyncEngine, ada: str
) -> None:
    await Device(client, PHONE).sign_in()
    for cookies in ({}, {BROWSER: "x"}, {BROWSER: "x" * 43}, {BROWSER: browser_hash("x" * 43) or ""}):
        await Device(client, PHONE, cookies).sign_in()
        assert len(await told(engine)) == 1


async def test_a_browser_in_which_somebody_else_signs_in_is_new_to_them(
    client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock, ada: str
) -> None:
    phone, laptop = Device(client, PHONE), Device(client, LAPTOP)
    await phone.sign_in()
    laptop.cookies = {BROWSER: phone.cookies[BROWSER]}
    async with transaction(engine) as session:
        program = await ensure_program(session, slug="demo", name="Demo Program", currency="USD")
        await create_verified_identity(session, "eve@example.com", PASSWORD, program.id, clock.now())
    body = {"email": "eve@example.com", "password": PASSWORD}
    await Device(client, LAPTOP).send("POST", "/v1/auth/sign-in", body)
    await told(engine)
    await laptop.send("POST", "/v1/auth/sign-in", body)
    assert len(await told(engine)) == 1
    assert COOKIE in laptop.cookies


async def test_staff_are_signed_out_after_a_quarter_of_an_hour_without_a_request(
    client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock, ada: str
) -> None:
    async with transaction(engine) as session:
        await grant_role(session, ada, Role.SUPPORT, "system", clock.now())
    phone = Device(client, PHONE)
    await phone.sign_in()
    for _ in range(48):
        clock.advance(timedelta(minutes=14, seconds=59))
        assert await phone.is_signed_in()
    clock.advance(timedelta(minutes=15))
    assert not await phone.is_signed_in()
    await phone.sign_in()
    for _ in range(51):
        clock.advance(timedelta(minutes=14))
        assert await phone.is_signed_in()
    clock.advance(timedelta(minutes=6))
    assert not await phone.is_signed_in()


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (PHONE, "Safari on iPhone"),
        (LAPTOP, "Firefox on Windows"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/150.0 Safari/537.36 Edg/150.0",
            "Edge on macOS",
        ),
        ("Mozilla/5.0 (Linux; Android 16; Pixel 9) Chrome/150.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (X11; CrOS x86_64) Chrome/150.0 Safari/537.36", "Chrome on ChromeOS"),
        ("Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) CriOS/150.0 Safari/604.1", "Chrome on iPad"),
        ("python-httpx/0.28", "Unknown device"),
        ("<b>Click https://evil.example</b> Windows", "Windows"),
        ("", "Unknown device"),
        (None, "Unknown device"),
    ],
)
def test_a_device_is_called_by_words_of_ours(user_agent: str | None, name: str) -> None:
    assert device_name(user_agent) == name
