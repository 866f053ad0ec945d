"""A holder and an analyst who ask for cards over HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import headers_of, opened_for
from cardwright import merchants
from cardwright.access import Role
from cardwright.core.clock import MovableClock
from cardwright.core.ids import new_id
from cardwright.db.session import transaction
from integration.kyc.people import a_person, a_verified_person, the_program
from integration.payments import holders
from staff import grant_role


@dataclass
class Desk:
    """A holder and an analyst who ask."""

    client: httpx.AsyncClient
    engine: AsyncEngine
    clock: MovableClock
    user_id: str
    holder: Mapping[str, str]
    analyst: Mapping[str, str]

    async def ask(
        self, method: str, path: str, body: Any = None, *, by: Mapping[str, str] | None = None
    ) -> httpx.Response:
        extra = {"Idempotency-Key": new_id("key")} if method == "POST" else {}
        headers = {**(by or self.holder), **extra}
        return await self.client.request(method, f"/v1{path}", json=body, headers=headers)

    async def card(self, **more: Any) -> dict[str, Any]:
        made = await self.ask("POST", "/cards", {"label": "Groceries", **more})
        assert made.status_code == 201, made.text
        await holders.issue(self.engine, self.clock)
        return await self.shown(made.json()["id"])

    async def merchant_id(self, name: str = "NORTHWIND", *, elsewhere: bool = False) -> str:
        """Return a merchant of the program, or of another one."""
        async with transaction(self.engine) as session:
            program_id = new_id("prog") if elsewhere else (await the_program(session)).id
            made = await merchants.identify(
                session, program_id=program_id, source="stripe", acceptor_id=name, descriptor=name,
                mcc="5411", country="US", at=self.clock.now(),
            )  # fmt: skip
        return made.id

    async def shown(self, card_id: str) -> dict[str, Any]:
        found: dict[str, Any] = (await self.ask("GET", f"/cards/{card_id}")).json()
        return found


async def a_desk(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> Desk:
    """Both of them, signed in, with a factor used just now."""
    user_id = await a_verified_person(engine, clock)
    analyst = await a_person(engine, clock, "analyst@example.com")
    async with transaction(engine) as session:
        await grant_role(session, analyst, Role.FRAUD_ANALYST, "system", clock.now())
    opened = [await opened_for(engine, clock, who, has_used_factor=True) for who in (user_id, analyst)]
    held, staffs = [headers_of(each.secret.reveal()) for each in opened]
    return Desk(client, engine, clock, user_id, held, staffs)
