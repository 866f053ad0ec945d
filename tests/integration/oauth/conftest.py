"""Somebody in a browser, the program's own application on a phone, and a partner's server."""

from collections.abc import Mapping

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import sign_in
from cardwright.core.clock import MovableClock
from integration.kyc.people import a_person
from integration.oauth.scene import (
    CALLBACK,
    PHONE_CALLBACK,
    Application,
    a_phone_client,
    basic,
    registered,
)


@pytest.fixture
async def robin(engine: AsyncEngine, clock: MovableClock) -> str:
    """The id of somebody with a profile."""
    return await a_person(engine, clock)


@pytest.fixture
async def browser(
    engine: AsyncEngine, clock: MovableClock, robin: str, client: httpx.AsyncClient
) -> Mapping[str, str]:
    """The headers of Robin's browser."""
    return await sign_in(engine, clock, robin)


@pytest.fixture
async def phone(engine: AsyncEngine, clock: MovableClock, client: httpx.AsyncClient) -> Application:
    """The program's own application."""
    return Application(client, clock, await a_phone_client(engine, clock), PHONE_CALLBACK)


@pytest.fixture
async def partner(engine: AsyncEngine, clock: MovableClock, client: httpx.AsyncClient) -> Application:
    """A confidential client with a secret."""
    made = await registered(engine, clock)
    return Application(client, clock, made.client.id, CALLBACK, basic(made))
