"""Every call that reads a vendor's books x every way it can go wrong: the run ends, repairs once."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import reconciliation
from cardwright.adapters.stripe import client
from cardwright.adapters.stripe.reporting import StripeReporter
from cardwright.core.errors import Unavailable
from cardwright.reconciliation import Run, Stream
from cardwright.reconciliation.running import SILENT_BEFORE_TAKEN_UP
from integration.reconciliation.drill import Drill, a_drill
from outgoing_calls import FAULTS, LATE_MILLISECONDS, awaited_in, modules_that_import
from running_stripe import running_stripe

LISTS: Mapping[Stream, str] = {
    Stream.AUTHORIZATIONS: "GET /v1/issuing/authorizations",
    Stream.TRANSACTIONS: "GET /v1/issuing/transactions",
    Stream.CHARGES: "GET /v1/payment_intents",
    Stream.REFUNDS: "GET /v1/refunds",
    Stream.DISPUTES: "GET /v1/issuing/disputes",
    Stream.CHARGE_DISPUTES: "GET /v1/disputes",
    Stream.MOVEMENTS: "GET /v1/balance_transactions",
}
BALANCE = "GET /v1/balance"


async def run_anyhow(drill: Drill) -> tuple[Run, int]:
    """Carry a run out as the worker does, again while the vendor is away; return it and how often it was."""
    async with drill.work.transaction() as session:
        await reconciliation.request_run(
            session, program_id=drill.program.id, since=None, by="user_finance", at=drill.clock.now()
        )
    for failures in range(5):
        try:
            run = await reconciliation.run_due(drill.work)
        except Unavailable:
            # Another worker takes a run up that has shown no sign of life for a while.
            drill.clock.advance(SILENT_BEFORE_TAKEN_UP + timedelta(seconds=1))
        else:
            assert run is not None
            return run, failures
    raise AssertionError("the vendor stayed away")


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_call_that_goes_wrong_is_made_again_and_all_is_repaired_once(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr(client, "MAX_NETWORK_RETRIES", 0)
    monkeypatch.setattr(client, "READ_TIMEOUT_SECONDS", LATE_MILLISECONDS / 2_000)
    with running_stripe() as running:
        drill = await a_drill(engine, running)
        # What is young may still be heard of: all that happens there is older here, and not older than what
        # is read again of the days before.
        drill.clock.advance(timedelta(days=2))
        for selector in (*LISTS.values(), BALANCE):
            # A purchase that nobody heard of, at each call: it is to be found, and taken once.
            [unheard] = await drill.force(1)
            running.world.faults.add("api", selector=selector, **FAULTS[fault])
            run, failures = await run_anyhow(drill)
            assert running.world.faults.list() == [], f"{selector} was never called"
            assert failures == 1, f"{selector} went well"
            assert (run.found, run.repaired) == (1, 1), selector
            taken = f"SELECT count(*) FROM payment_elements WHERE external_id = '{unheard}'"  # noqa: S608
            assert (await drill.ask(taken))[0][0] == 1
        assert await drill.differences("closed_at IS NULL") == set()
        run, _ = await run_anyhow(drill)
        assert (run.found, run.repaired) == (0, 0)


def test_every_call_that_reads_books_has_a_row() -> None:
    assert modules_that_import("cardwright.reconciliation") == {"stripe/reporting"}
    assert awaited_in("stripe/reporting") == {"fetch", "self._balance.retrieve_async"}
    assert set(StripeReporter(client.make_client(client.Sensitive("sk_test_1"), None)).streams) == set(LISTS)
