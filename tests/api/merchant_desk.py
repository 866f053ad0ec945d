"""A holder with money, an analyst, and a network on which merchants ask for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from api.card_desk import Desk, a_desk
from cardwright.core.clock import MovableClock
from cardwright.core.ids import new_id
from cardwright.db.session import transaction
from integration.kyc.people import the_program
from integration.payments import holders
from integration.payments.holders import Holding
from integration.payments.wire import MERCHANT, PATH, asking


@dataclass(frozen=True, slots=True)
class Shop:
    """What a network says of a merchant."""

    acceptor_id: str
    descriptor: str
    mcc: str
    country: str = "US"


SHOP: Final = Shop("100000000000001", "CORNER SHOP #0423", "5411")
BOOKS: Final = Shop("100000000000002", "RIVER BOOKS", "5942", "FR")
COPYCAT: Final = Shop("100000000000666", "SQ *CORNER SHOP", "5411")


@dataclass
class MerchantDesk(Desk):
    """The same two, and merchants that are paid."""

    async def pays(self, card: Mapping[str, Any], at: Shop, amount: int = 1_00) -> bool:
        """Ask, as the network would, for a purchase, and return whether it was approved."""
        told = {
            **MERCHANT, "network_id": at.acceptor_id, "name": at.descriptor, "category_code": at.mcc,
            "country": at.country,
        }  # fmt: skip
        question = asking(f"ic_{card['id']}", amount, reference=new_id("iauth"), merchant_data=told)
        answer = await self.client.post(PATH, **question)
        assert answer.status_code == 200
        return bool(answer.json()["approved"])

    async def known(self, shop: Shop) -> str:
        """Return the id that a payment at a shop names, once the shop was paid."""
        assert await self.pays(await self.card(), shop, 1)
        return (await self.last_paid())[0]

    async def last_paid(self) -> tuple[str, ...]:
        """Return who was paid last, as the list of payments tells it: ours, then the network's words."""
        newest = (await self.ask("GET", "/payments?limit=1")).json()["data"][0]["merchant"]
        return tuple(newest[name] for name in ("id", "name", "descriptor", "acceptor_id", "mcc"))

    async def merchant(self, merchant_id: str) -> dict[str, Any]:
        found = await self.ask("GET", f"/merchants/{merchant_id}", by=self.analyst)
        assert found.status_code == 200, found.text
        shown: dict[str, Any] = found.json()
        return shown

    async def correct(self, merchant_id: str, how: str, **body: str) -> httpx.Response:
        return await self.ask("POST", f"/merchants/{merchant_id}/{how}", body, by=self.analyst)

    async def program_id(self) -> str:
        async with transaction(self.engine) as session:
            return (await the_program(session)).id

    async def audited(self, subject_id: str) -> list[str]:
        query = text("SELECT action FROM audit_entries WHERE subject_id = :subject ORDER BY id")
        async with transaction(self.engine) as session:
            return list((await session.execute(query, {"subject": subject_id})).scalars())


async def a_merchant_desk(
    client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock
) -> MerchantDesk:
    """Both of them, with 500.00 USD."""
    desk = await a_desk(client, engine, clock)
    async with transaction(engine) as session:
        program = await the_program(session)
    await holders.top_up(engine, clock, Holding(program.id, desk.user_id, ()), 500_00, name="first")
    return MerchantDesk(client, engine, clock, desk.user_id, desk.holder, desk.analyst)
