"""What a level of verification allows is one table, and holds for cards and for money that is added."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from api.card_desk import Desk, a_desk
from browsers import headers_of, opened_for
from cardwright.access import Role
from cardwright.core.clock import MovableClock
from cardwright.core.ids import new_id
from cardwright.db.session import transaction
from cardwright.users import store as users_store
from integration.kyc.people import a_person, the_program
from staff import grant_role

BASIC = {"cards": 1, "balance": 150_00, "added_30d": 200_00}
NOTHING = {"cards": 0, "balance": 0, "added_30d": 0}
ANYTHING = {"cards": None, "balance": None, "added_30d": None}


@pytest.fixture
async def desk(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> Desk:
    return await a_desk(client, engine, clock)


async def a_newcomer(desk: Desk, *, proves_phone: bool = True) -> Mapping[str, str]:
    """Somebody with an address, and a phone that may be proven; who they are is not verified."""
    user_id = await a_person(desk.engine, desk.clock, "newcomer@example.com")
    if proves_phone:
        async with transaction(desk.engine) as session:
            program = await the_program(session)
            await users_store.save_proven_phone(
                session, program.id, user_id, "+15005550006", at=desk.clock.now()
            )
    opened = await opened_for(desk.engine, desk.clock, user_id, has_used_factor=True)
    return headers_of(opened.secret.reveal())


async def set_level(desk: Desk, level: int = 1, **more: Any) -> Any:
    body = {**BASIC, "reason": "Let newcomers try it.", **more}
    changed = await desk.ask("PUT", f"/identity-levels/{level}", body, by=desk.analyst)
    assert changed.status_code == 200, changed.text
    return changed.json()


async def an_administrator(desk: Desk) -> Mapping[str, str]:
    boss = await a_person(desk.engine, desk.clock, f"{new_id('mail')}@staff.example")
    async with transaction(desk.engine) as session:
        await grant_role(session, boss, Role.ADMINISTRATOR, "system", desk.clock.now())
    opened = await opened_for(desk.engine, desk.clock, boss, has_used_factor=True)
    return headers_of(opened.secret.reveal())


async def agree(desk: Desk, changed: Any, by: Mapping[str, str] | None = None) -> httpx.Response:
    path = f"/approvals/{changed['proposal_id']}/approve"
    return await desk.ask("POST", path, {"note": "Agreed."}, by=by or await an_administrator(desk))


async def open_basic(desk: Desk, **more: Any) -> None:
    agreed = await agree(desk, await set_level(desk, **more))
    assert agreed.status_code == 200, agreed.text


async def adds(desk: Desk, amount: int, by: Mapping[str, str] | None = None) -> str:
    """Ask to add money; return the error's code, or the status."""
    body = {"amount": amount, "currency": "USD", "payment_method_token": "pm_card_visa"}
    asked = await desk.ask("POST", "/top-ups", body, by=by)
    return str(asked.json().get("code") or asked.status_code)


async def test_everybody_can_read_what_each_level_allows(desk: Desk) -> None:
    table = (await desk.ask("GET", "/identity-levels")).json()
    assert [(it["level"], {name: it[name] for name in NOTHING}) for it in table] == [
        (0, NOTHING), (1, NOTHING), (2, ANYTHING),
    ]  # fmt: skip
    month = {"limits": [{"window": "month", "amount": 5_000}], "controls": {}}
    await desk.ask("PUT", "/spending-limits/levels/1", month, by=desk.analyst)
    await open_basic(desk)
    basic = (await desk.ask("GET", "/identity-levels")).json()[1]
    assert {name: basic[name] for name in BASIC} == BASIC
    assert [it["amount"] for it in basic["spending"]["limits"]] == [5_000]


async def test_staff_alone_change_it_and_it_is_in_the_audit_trail(desk: Desk) -> None:
    assert (await desk.ask("PUT", "/identity-levels/1", BASIC)).status_code == 403
    assert (await desk.ask("PUT", "/identity-levels/3", BASIC, by=desk.analyst)).status_code == 422
    below = await desk.ask("PUT", "/identity-levels/1", {**BASIC, "cards": -1}, by=desk.analyst)
    assert below.status_code == 422
    await open_basic(desk)
    async with transaction(desk.engine) as session:
        found = await session.execute(
            text("SELECT details FROM audit_entries WHERE action = 'identity_level.changed'")
        )
    details = found.scalar_one()
    assert (details["before"]["cards"], details["after"]["cards"]) == (0, 1)


async def allowed(desk: Desk, level: int) -> Any:
    found = (await desk.ask("GET", "/identity-levels")).json()[level]
    return {name: found[name] for name in NOTHING}


async def test_nobody_alone_lets_people_have_more(desk: Desk) -> None:
    newcomer = await a_newcomer(desk, proves_phone=False)
    proposed = await set_level(desk, 0)
    assert {name: proposed[name] for name in NOTHING} == NOTHING == await allowed(desk, 0)
    refused = await desk.ask("POST", "/cards", {"label": "First"}, by=newcomer)
    assert refused.json()["code"] == "kyc_required"
    alone = await agree(desk, proposed, desk.analyst)
    assert alone.status_code == 403
    assert (await agree(desk, proposed)).json()["state"] == "applied"
    assert await allowed(desk, 0) == BASIC
    assert (await desk.ask("POST", "/cards", {"label": "First"}, by=newcomer)).status_code == 201


async def test_less_is_at_once_and_more_says_why(desk: Desk) -> None:
    await open_basic(desk)
    less = {**BASIC, "cards": 0, "balance": 149_99}
    lowered = await desk.ask("PUT", "/identity-levels/1", less, by=desk.analyst)
    assert (lowered.status_code, lowered.json()["proposal_id"]) == (200, None)
    assert await allowed(desk, 1) == less
    wordless = await desk.ask("PUT", "/identity-levels/1", {**less, "balance": None}, by=desk.analyst)
    assert (wordless.status_code, wordless.json()["code"]) == (422, "reason_required")


async def test_what_was_proposed_against_something_else_is_not_done(desk: Desk) -> None:
    proposed = await set_level(desk)
    await open_basic(desk, cards=2)
    outdated = await agree(desk, proposed)
    assert (outdated.status_code, outdated.json()["code"]) == (409, "level_changed")
    assert (await allowed(desk, 1))["cards"] == 2


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO identity_levels SELECT program_id, 0, 1, 0, 0 FROM identity_levels",
        "INSERT INTO identity_levels SELECT program_id, 0, 0, 0, NULL FROM identity_levels",
        "UPDATE identity_levels SET cards = NULL",
        "UPDATE identity_levels SET added_30d = added_30d + 1, cards = 0",
    ],
)
async def test_the_database_lets_nobody_alone_give_more_either(desk: Desk, statement: str) -> None:
    await open_basic(desk)
    with pytest.raises(DBAPIError, match="nobody approved this"):
        async with transaction(desk.engine) as session:
            await session.execute(text(statement))


async def test_a_level_that_allows_nothing_asks_for_the_identity(desk: Desk) -> None:
    newcomer = await a_newcomer(desk)
    refused = await desk.ask("POST", "/cards", {"label": "First"}, by=newcomer)
    assert (refused.status_code, refused.json()["code"]) == (409, "kyc_required")
    assert await adds(desk, 1_00, newcomer) == "kyc_required"


async def test_who_is_known_a_little_may_have_a_little(desk: Desk) -> None:
    newcomer = await a_newcomer(desk)
    await open_basic(desk)
    assert (await desk.ask("POST", "/cards", {"label": "First"}, by=newcomer)).status_code == 201
    second = await desk.ask("POST", "/cards", {"label": "Second"}, by=newcomer)
    assert (second.status_code, second.json()["code"], second.json()["level"]) == (409, "level_exceeded", 1)
    assert await adds(desk, 150_01, newcomer) == "level_exceeded"
    assert await adds(desk, 100_00, newcomer) == "201"
    # What is on its way counts.
    assert await adds(desk, 50_01, newcomer) == "level_exceeded"
    assert await adds(desk, 50_00, newcomer) == "201"
    assert await adds(desk, 1_00) == "201", "whose identity is verified is held to nothing"


async def test_a_phone_that_was_not_proven_is_no_level(desk: Desk) -> None:
    newcomer = await a_newcomer(desk, proves_phone=False)
    await open_basic(desk)
    refused = await desk.ask("POST", "/cards", {"label": "First"}, by=newcomer)
    assert refused.json()["code"] == "kyc_required"
    shown = (await desk.ask("GET", "/me/identity", by=newcomer)).json()
    assert (shown["level"], shown["status"], shown["cards"], shown["can_begin"]) == (
        0,
        "not_started",
        0,
        True,
    )


async def test_those_who_ask_at_once_get_what_one_may_have(desk: Desk) -> None:
    newcomer = await a_newcomer(desk)
    await open_basic(desk, cards=2)
    cards = await asyncio.gather(
        *(desk.ask("POST", "/cards", {"label": f"Card {it}"}, by=newcomer) for it in range(8))
    )
    assert sorted(it.status_code for it in cards) == [201, 201] + [409] * 6
    added = await asyncio.gather(*(adds(desk, 50_00, newcomer) for _ in range(6)))
    assert sorted(added) == ["201"] * 3 + ["level_exceeded"] * 3


async def test_what_is_added_in_thirty_days_is_counted(desk: Desk) -> None:
    newcomer = await a_newcomer(desk)
    await open_basic(desk, balance=None)
    assert await adds(desk, 200_00, newcomer) == "201"
    assert await adds(desk, 1_00, newcomer) == "level_exceeded"


async def test_one_sees_where_one_stands(desk: Desk) -> None:
    newcomer = await a_newcomer(desk)
    shown = (await desk.ask("GET", "/me/identity", by=newcomer)).json()
    assert (shown["status"], shown["level"], shown["verification_id"]) == ("not_started", 1, None)
    asked = await desk.ask("POST", "/identity-verifications", by=newcomer)
    shown = (await desk.ask("GET", "/me/identity", by=newcomer)).json()
    assert (shown["status"], shown["can_begin"]) == ("collecting", False)
    assert shown["verification_id"] == asked.json()["id"]
    own = (await desk.ask("GET", "/me/identity")).json()
    assert (own["status"], own["level"], own["cards"]) == ("approved", 2, None)
