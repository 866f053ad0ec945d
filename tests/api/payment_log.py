"""A holder whose payments of half a year differ in everything that the log is filtered by."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import sign_in
from cardwright import payments
from cardwright.access import Role
from cardwright.core.clock import MovableClock
from cardwright.db.session import transaction
from cardwright.payments import Merchant, convergence
from cardwright.payments import store as payments_store
from integration.kyc.people import a_person
from integration.payments import holders
from integration.payments.holders import Holding
from integration.payments.network import BAKERY, HOTEL, SOURCE, Purchase, Ticking
from staff import grant_role

CAFE: Final = Merchant("m_cafe", "Café 100%_Ünder", "5814", "FR", "Lyon")
CASINO: Final = Merchant("m_casino", "Lucky\\Seven", "7995", "US", None)
MERCHANTS: Final = (BAKERY, HOTEL, CAFE, CASINO)
COUNT: Final = 36


@dataclass
class Log:
    """The holder of many payments and those who read them; `ids` are theirs, oldest first."""

    client: httpx.AsyncClient
    engine: AsyncEngine
    clock: MovableClock
    holding: Holding
    ids: list[str]

    async def person(self, holding: Holding | None = None) -> Mapping[str, str]:
        return await sign_in(self.engine, self.clock, (holding or self.holding).user_id)

    async def staff(self, role: Role = Role.SUPPORT) -> Mapping[str, str]:
        user_id = await a_person(self.engine, self.clock, f"{role}@example.com")
        async with transaction(self.engine) as session:
            await grant_role(session, user_id, role, "system", self.clock.now())
        return await sign_in(self.engine, self.clock, user_id)

    async def get(self, path: str, who: Mapping[str, str] | None = None, **query: Any) -> httpx.Response:
        headers = await self.person() if who is None else who
        return await self.client.get(f"/v1{path}", params=query, headers=headers)

    async def listed(self, who: Mapping[str, str] | None = None, **query: Any) -> list[dict[str, Any]]:
        """Every page of a list, one after the other."""
        headers = await self.person() if who is None else who
        found: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            answer = await self.get("/payments", headers, limit=7, **query, **cursor)
            assert answer.status_code == 200, answer.text
            found += answer.json()["data"]
            if answer.json()["next_cursor"] is None:
                return found
            cursor = {"cursor": answer.json()["next_cursor"]}


async def a_log(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> Log:
    """Purchases at four merchants with two cards, five days apart, of which every state is to be found."""
    holding = await holders.a_holding(engine, clock, [], [], balance=100_000_00)
    log = Log(client, engine, clock, holding, [])
    for number in range(COUNT):
        log.ids.append(await pay(log, holding, number))
        clock.advance(timedelta(days=5))
    return log


async def pay(log: Log, holding: Holding, number: int, merchant: Merchant | None = None) -> str:
    """Pay, and let become of it what the number says; return the payment's id."""
    reference, at = f"iauth_{holding.user_id}_{number}", log.clock.now()
    purchase = Purchase(
        reference, holding.references[number % 2], merchant or MERCHANTS[number % 4], Ticking(at)
    )
    amount = 1_000_000_00 if number % 9 == 8 else (number + 1) * 1_00
    async with transaction(log.engine) as session:
        answer = await payments.authorize(
            session, purchase.question(amount), program_id=holding.program_id, at=at
        )
    purchase.answer(amount, approved=answer.is_approved)
    match number % 6 if answer.is_approved else None:
        case 1:
            purchase.capture(f"ipi_{reference}", amount - 10, is_closing=True)
        case 2:
            purchase.reverse(amount)
        case 3:
            purchase.capture(f"ipi_{reference}", amount, is_closing=True)
            purchase.refund(f"ipi_r_{reference}", 50)
        case 4:
            purchase.capture(f"ipi_{reference}", 10, is_closing=False)
        case 5:
            purchase.expire()
    async with transaction(log.engine) as session:
        await convergence.converge_authorization(session, purchase.seen[-1], source=SOURCE, at=at)
        found = await payments_store.find_payment(session, SOURCE, reference)
    assert found is not None
    return found.id
