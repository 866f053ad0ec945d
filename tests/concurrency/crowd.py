"""Many requests at the same moment, and what was decided about them."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.cards import Limit
from cardwright.core.clock import SystemClock
from cardwright.db.session import transaction
from integration.payments import holders
from integration.payments.holders import Holding
from integration.payments.wire import PATH, asking


@dataclass(frozen=True, slots=True)
class Crowd:
    """Sends requests all at once."""

    client: httpx.AsyncClient

    async def warm_up(self) -> None:
        """Open the connections beforehand, so that all requests of a test really meet."""
        await asyncio.gather(*[self.client.get("/healthz") for _ in range(60)])

    async def ask(self, questions: Sequence[Mapping[str, Any]]) -> list[httpx.Response]:
        answers = await asyncio.gather(*[self.client.post(PATH, **asked) for asked in questions])
        assert {answer.status_code for answer in answers} == {200}
        return answers


def approved(answers: Sequence[httpx.Response]) -> int:
    # An answer without a decision is the default given for want of time: no test may count on it.
    assert all("metadata" in answer.json() for answer in answers)
    return sum(answer.json()["approved"] for answer in answers)


async def a_stranger(engine: AsyncEngine, *limits: Sequence[Limit], balance: int) -> Holding:
    """A verified person whom no other test knows, with a card per list of limits."""
    email = f"{token_hex(6)}@example.com"
    return await holders.a_holding(engine, SystemClock(), *limits, balance=balance, email=email)


def purchases(holding: Holding, count: int, amount: int) -> list[Mapping[str, Any]]:
    """Ask for `count` purchases of the same amount, on the person's cards in turn."""
    references = holding.references
    return [
        asking(references[n % len(references)], amount, reference=f"iauth_{holding.user_id}_{n}")
        for n in range(count)
    ]


async def reasons(engine: AsyncEngine, holding: Holding) -> Mapping[str | None, int]:
    """Count the decisions on a person's cards by their reason; None is an approval."""
    query = text("SELECT reason_code FROM decisions WHERE card_id = ANY(:cards)")
    async with transaction(engine) as session:
        found = await session.execute(query, {"cards": [card.id for card in holding.cards]})
        return Counter(found.scalars())


async def books(engine: AsyncEngine, holding: Holding) -> tuple[int, int]:
    """Return what is available and what is held, once all books were found to agree."""
    async with transaction(engine) as session:
        await holders.balances(session, holding)
        wallet = await holders.wallet(session, holding)
    return wallet.available_balance, wallet.held
