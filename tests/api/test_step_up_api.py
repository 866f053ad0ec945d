"""Confirming before something sensitive: who is asked for a factor, and what they are told."""

from datetime import timedelta
from typing import Annotated

import httpx
import pytest
from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import headers_of, opened_for
from builders import provided_for_tests
from cardwright.access import Actor, Role, allow
from cardwright.authentication import strengthen_session
from cardwright.core.clock import MovableClock
from cardwright.db.session import transaction
from cardwright.http import strict
from cardwright.main import build_api
from integration.authentication.factor_people import Person, somebody
from staff import grant_role

MONTHLY = {"window": "month", "amount": 50_000}


async def headers_with_factor(person: Person) -> dict[str, str]:
    async with transaction(person.engine) as session:
        opened = await strengthen_session(session, person.session_id, method="otp", at=person.clock.now())
    return dict(headers_of(opened.secret.reveal()))


@pytest.fixture
async def ada(engine: AsyncEngine, clock: MovableClock) -> Person:
    person = await somebody(engine, clock)
    opened = await opened_for(engine, clock, person.owner.user_id)
    person.session_id = opened.session.id
    return person


@pytest.fixture
async def vault(engine: AsyncEngine, clock: MovableClock) -> httpx.AsyncClient:
    """The application with one more route, which reveals something."""
    router = strict.router("/v1/secrets", "secrets")

    @router.get("")
    async def reveal_secret(
        actor: Annotated[Actor, Depends(allow("cards.read", step_up=True))],
    ) -> dict[str, str]:
        return {"secret": f"of {actor.user_id}"}

    api = build_api()
    api.include_router(router)
    api.state.engine = engine
    api.state.provided = await provided_for_tests(engine, clock)
    transport = httpx.ASGITransport(api, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="https://cardwright.test")


async def test_a_guarded_route_is_open_for_five_minutes_after_a_factor(
    ada: Person, vault: httpx.AsyncClient, clock: MovableClock
) -> None:
    await ada.with_app()
    headers = await headers_with_factor(ada)
    for later, status in ((timedelta(0), 200), (timedelta(minutes=5), 200), (timedelta(seconds=1), 401)):
        clock.advance(later)
        answer = await vault.get("/v1/secrets", headers=headers)
        assert answer.status_code == status
    assert answer.json()["code"] == "step_up_required"
    assert answer.json()["methods"] == ["totp"]
    assert 'error="insufficient_user_authentication"' in answer.headers["WWW-Authenticate"]


async def test_somebody_without_any_factor_is_told_to_add_one(
    ada: Person, vault: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock
) -> None:
    headers = headers_of((await opened_for(engine, clock, ada.owner.user_id)).secret.reveal())
    answer = await vault.get("/v1/secrets", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "factor_required")
    assert answer.json()["methods"] == []
    # An app that was only begun is no factor.
    await ada.begin_app()
    assert (await vault.get("/v1/secrets", headers=headers)).status_code == 403


async def test_a_missing_permission_comes_before_any_factor(
    ada: Person, vault: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock
) -> None:
    async with transaction(engine) as session:
        await grant_role(session, ada.owner.user_id, Role.FINANCE, "system", clock.now())
    headers = headers_of((await opened_for(engine, clock, ada.owner.user_id)).secret.reveal())
    answer = await vault.get("/v1/secrets", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_missing")
