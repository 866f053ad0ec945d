"""Known and unknown addresses cost the same: the same statements, the same hashes, the same answers."""

import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from background import settled
from browsers import forgetful_jar
from builders import provided_for_tests
from cardwright.access import Role
from cardwright.authentication import AuthLimits, create_verified_identity
from cardwright.authentication.passwords import HASHING
from cardwright.core.clock import MovableClock
from cardwright.core.ids import new_id
from cardwright.db.session import transaction
from cardwright.main import build_app
from cardwright.programs import Program
from staff import grant_role

PASSWORD = "correct horse battery staple"
KNOWN, STAFF, UNPROVEN = "ada@example.com", "finance@example.com", "grace@example.com"

Work = tuple[list[str], int, int]


@contextmanager
def counted(engine: AsyncEngine) -> Iterator[Callable[[], Work]]:
    """Collect the statements and the hashes that happen inside of the block."""
    statements: list[str] = []
    made, checked = HASHING.made, HASHING.checked

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(re.sub(r"\s+", " ", statement))

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        yield lambda: (statements, HASHING.made - made, HASHING.checked - checked)
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)


class Door:
    """What strangers can ask about an address."""

    def __init__(self, client: httpx.AsyncClient, engine: AsyncEngine, registrations: dict[str, str]) -> None:
        self.client, self.engine, self.registrations = client, engine, registrations

    async def ask(self, path: str, email: str) -> tuple[httpx.Response, Work]:
        bodies = {
            "register": {"email": email, "password": PASSWORD},
            "sign-in": {"email": email, "password": "a wrong but long password"},
            "forgot-password": {"email": email},
            "resend-code": {"email": email, "registration_id": self._registration_of(email)},
            "verify-email": {
                "email": email, "registration_id": self._registration_of(email), "code": "000000",
            },
        }  # fmt: skip
        with counted(self.engine) as work:
            answer = await self.client.post(
                f"/v1/auth/{path}", json=bodies[path], headers={"Idempotency-Key": new_id("key")}
            )
            return answer, work()

    def _registration_of(self, email: str) -> str:
        return self.registrations.get(email, new_id("reg"))


@pytest.fixture
async def door(engine: AsyncEngine, clock: MovableClock) -> AsyncIterator[Door]:
    provided = {
        **await provided_for_tests(engine, clock),
        AuthLimits: AuthLimits.relaxed("100000/minute"),
    }
    async with transaction(engine) as session:
        program = provided[Program]
        await create_verified_identity(session, KNOWN, PASSWORD, program.id, clock.now())
        staff_id = await create_verified_identity(session, STAFF, PASSWORD, program.id, clock.now())
        await grant_role(session, staff_id, Role.FINANCE, "system", clock.now())
    transport = httpx.ASGITransport(build_app(engine, provided), raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="https://cardwright.test", cookies=forgetful_jar()
    ) as client:
        made = Door(client, engine, {})
        # A stranger may register any address, and learns an id that way.
        for email in (KNOWN, STAFF, UNPROVEN):
            answer, _ = await made.ask("register", email)
            made.registrations[email] = answer.json()["registration_id"]
        await settled(engine, clock)
        yield made


@pytest.mark.parametrize("path", ["register", "sign-in", "forgot-password", "resend-code", "verify-email"])
@pytest.mark.parametrize("email", [KNOWN, STAFF])
async def test_an_address_that_somebody_has_costs_what_any_other_costs(
    door: Door, path: str, email: str
) -> None:
    # An address that a stranger registered and nobody proved looks, from outside, like nobody's.
    other = UNPROVEN if path in {"resend-code", "verify-email"} else "nobody@example.com"
    known, known_work = await door.ask(path, email)
    unknown, unknown_work = await door.ask(path, other)
    assert known_work == unknown_work
    assert known.status_code == unknown.status_code
    assert set(known.headers) == set(unknown.headers)
    assert _shape(known) == _shape(unknown)


@pytest.mark.parametrize("failures", range(8, 13))
async def test_failures_in_a_row_cost_the_same_for_staff_and_for_nobody(door: Door, failures: int) -> None:
    work: dict[str, list[Work]] = {STAFF: [], "nobody@example.com": []}
    for email, found in work.items():
        for _ in range(failures):
            found.append((await door.ask("sign-in", email))[1])
    assert work[STAFF] == work["nobody@example.com"]
    assert {checked for _, _, checked in work[STAFF]} == {1}


async def test_the_count_notices_one_statement_more(door: Door) -> None:
    _, sign_in = await door.ask("sign-in", KNOWN)
    _, forgot = await door.ask("forgot-password", KNOWN)
    assert sign_in != forgot
    assert (sign_in[2], forgot[2]) == (1, 0)


def _shape(answer: httpx.Response) -> Any:
    if not answer.content:
        return b""
    varying = {"request_id", "registration_id"}
    return {name: value for name, value in answer.json().items() if name not in varying}
