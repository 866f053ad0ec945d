"""After a person has been through the product, nothing personal of theirs stands in any table."""

from hashlib import sha256
from typing import Final

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import browser_of
from builders import engine_for_tests
from cardwright.authentication import create_verified_identity
from cardwright.core.clock import MovableClock
from cardwright.db.session import transaction
from cardwright.programs import ensure_program

PASSWORD = "correct horse battery staple"
PROFILE: Final = {
    "full_name": "Wilhelmina Kanarienvogel",
    "date_of_birth": "1985-12-10",
    "locale": "gsw-CH",
    "time_zone": "Europe/Zurich",
    "phone": "+41446681800",
    "address": {"line1": "Voliere 17b", "city": "Hinterkappelen", "postal_code": "30329", "country": "CH"},
}
EMAIL: Final = "wilhelmina@kanarienvogel.example"
NEWCOMER: Final = "newcomer@kanarienvogel.example"
PUSH_TOKEN: Final = "fTk3:APA91-kanarienvogel"
CANARIES: Final = (
    "wilhelmina", "kanarienvogel", "newcomer", "1985-12-10", "6681800", "voliere", "hinterkappelen", "30329",
    "apa91", "battery staple", sha256(EMAIL.encode()).hexdigest(), sha256(NEWCOMER.encode()).hexdigest(),
)  # fmt: skip


async def _dump(engine: AsyncEngine) -> str:
    tables = "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
    found = []
    async with transaction(engine) as session:
        for table in (await session.execute(text(tables))).scalars().all():
            rows = await session.execute(text(f"SELECT t::text FROM {table} AS t"))  # noqa: S608 - names of ours
            found += [f"{table}: {row}" for row in rows.scalars()]
    return "\n".join(found)


async def test_no_table_holds_what_a_person_told_of_themselves(
    client: httpx.AsyncClient, database_url: str, clock: MovableClock
) -> None:
    engine = engine_for_tests(database_url)
    async with transaction(engine) as session:
        program = await ensure_program(session, slug="demo", name="Demo Program", currency="USD")
        user_id = await create_verified_identity(session, EMAIL, PASSWORD, program.id, clock.now())
    registration = {"email": NEWCOMER, "password": PASSWORD}
    key = {"Idempotency-Key": "k"}
    assert (await client.post("/v1/auth/register", json=registration, headers=key)).is_success
    signed_in = await client.post("/v1/auth/sign-in", json={"email": EMAIL, "password": PASSWORD})
    headers = browser_of(signed_in)
    for name in ("Wilhelmina K.", PROFILE["full_name"]):
        body = {**PROFILE, "full_name": name}
        assert (await client.put("/v1/me/profile", json=body, headers=headers)).is_success
    device = {"platform": "android", "push_token": PUSH_TOKEN}
    registered = await client.post("/v1/devices", json=device, headers={**headers, **key})
    assert registered.is_success

    dump = (await _dump(engine)).lower()
    await engine.dispose()
    # What may be found is found, so what is not found is not there.
    assert all(
        known in dump for known in (user_id, "gsw-ch", "profiles: (", "idempotency_keys: (", "outbox: (")
    )
    assert [canary for canary in CANARIES if canary in dump] == []
    told = (await client.get("/v1/me", headers=headers)).json()
    assert (told["email"], told["profile"]) == (
        EMAIL,
        {**PROFILE, "phone_verified_at": None, "currency": None},
    )
