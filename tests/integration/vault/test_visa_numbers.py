"""A card at Visa, from the requisition over its own transport to the number that its holder alone sees."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import sign_in
from builders import provided_for_tests
from cardwright import cards
from cardwright.adapters.visa.client import VisaClient
from cardwright.adapters.visa.virtual_accounts import VisaCardProcessor
from cardwright.cards import CardProcessors
from cardwright.core.clock import SystemClock
from cardwright.core.ids import new_id
from cardwright.db.jobs import Work
from cardwright.main import build_app
from integration.kyc.people import a_verified_person, deliver, drain
from running_simulator import RunningSimulator, running_simulator
from simulator.visa.accounts import ACCOUNT
from visa_access import access_to, settings_with_visa


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[RunningSimulator]:
    with running_simulator(settings_with_visa(tmp_path)) as simulator:
        yield simulator


async def test_the_number_of_a_card_at_visa_is_kept_in_the_vault_and_shown_with_its_code(
    engine: AsyncEngine, simulator: RunningSimulator
) -> None:
    clock = SystemClock()
    visa = VisaCardProcessor(VisaClient(access_to(simulator.world.settings), clock), clock)
    provided = {
        **await provided_for_tests(engine, clock),
        CardProcessors: CardProcessors({"visa": visa}, "visa"),
    }
    headers = await sign_in(engine, clock, await a_verified_person(engine, clock), has_used_factor=True)
    transport = httpx.ASGITransport(build_app(engine, provided), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://cardwright.test") as client:
        keyed = {**headers, "Idempotency-Key": new_id("key")}
        card = (await client.post("/v1/cards", json={"label": "Invoices"}, headers=keyed)).json()
        await deliver(Work(engine, clock, provided), cards.SUBSCRIPTIONS)
        await drain(engine)
        [account] = simulator.world.objects.list(ACCOUNT)
        shown = (await client.get(f"/v1/cards/{card['id']}", headers=headers)).json()
        assert (shown["state"], shown["last4"], shown["bin"]) == (
            "active", account["id"][-4:], account["id"][:6],
        )  # fmt: skip
        path = f"/v1/cards/{card['id']}"
        grant = (await client.post(f"{path}/reveal-grants", headers=headers)).json()["grant"]
        told = (await client.post(f"{path}/reveal", json={"grant": grant}, headers=headers)).json()
        assert (told["number"], told["security_code"]) == (account["id"], account["code"])
        assert account["id"] not in str(shown)
    await visa.aclose()
