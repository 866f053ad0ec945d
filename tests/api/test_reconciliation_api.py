"""What finance reads and does about differences, over HTTP, with a vendor that is scripted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

import staff
from browsers import sign_in
from builders import provided_for_tests
from cardwright import ledger, reconciliation
from cardwright.access import Role
from cardwright.approvals import find_approval
from cardwright.core.clock import MovableClock
from cardwright.core.errors import NotFound, Unavailable
from cardwright.db.jobs import Work
from cardwright.payments import CardNetwork, NetworkTransaction, TransactionKind
from cardwright.reconciliation import Report, Reporters, ReportPage, Run, RunState, Stream
from integration.kyc.people import a_verified_person, deliver, drain, the_program
from integration.payments import holders
from integration.payments.network import BAKERY, SOURCE, a_transaction

PATH = "/v1/reconciliation"


@dataclass
class ScriptedVendor:
    """Tells of movements, one to a page; `fails_at` is the page at which it does not answer, once."""

    reports: list[Report] = field(default_factory=list)
    fails_at: int | None = None
    asked: list[str | None] = field(default_factory=list)
    unlisted: int = 0
    source: str = "stripe"
    streams: Sequence[Stream] = (Stream.MOVEMENTS,)

    async def page(
        self, stream: Stream, *, since: datetime, until: datetime, cursor: str | None
    ) -> ReportPage:
        at = int(cursor or 0)
        if at == self.fails_at:
            self.fails_at = None
            raise Unavailable("processor_unavailable", "The vendor is away.")
        self.asked.append(cursor)
        within = [it for it in self.reports if it.stream is stream and since <= it.happened_at <= until]
        following = str(at + 1) if at + 1 < len(within) else None
        return ReportPage(within[at : at + 1], following)

    async def balances(self) -> Mapping[tuple[str, str], int]:
        # All that happened, listed or not, on top of what was there before.
        return {("payments", "USD"): 1_000_00 + sum(it.amount for it in self.reports) + self.unlisted}


@dataclass
class Desk:
    """The application, somebody of finance at it, and the worker beside it."""

    client: httpx.AsyncClient
    engine: AsyncEngine
    work: Work
    clock: MovableClock
    vendor: ScriptedVendor
    finance: Mapping[str, str]
    program_id: str

    async def get(self, path: str, **params: Any) -> Any:
        answer = await self.client.get(f"{PATH}/{path}", params=params, headers=self.finance)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, body: Mapping[str, Any] | None = None) -> httpx.Response:
        headers = {**self.finance, "Idempotency-Key": f"{path}:{len(self.vendor.asked)}:{body}"}
        return await self.client.post(f"{PATH}/{path}", json=body, headers=headers)

    async def run(self) -> Run:
        assert (await self.post("runs", {})).status_code == 202
        await drain(self.engine)
        run = await reconciliation.run_due(self.work)
        assert run is not None
        return run

    async def wait(self, days: int) -> None:
        """Let days pass, and finance sign in again."""
        self.clock.advance(timedelta(days=days))
        self.finance = await sign_in(self.engine, self.clock, "user_finance")

    def a_fee(self, name: str, amount: int = -30) -> None:
        self.vendor.reports.append(
            Report(
                Stream.MOVEMENTS, name, name, "fee", amount, "USD", self.clock.now() - timedelta(days=2),
                name, balance="payments",
            )
        )  # fmt: skip


@pytest.fixture
async def desk(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> Desk:
    vendor = ScriptedVendor()
    provided = {**await provided_for_tests(engine, clock), Reporters: Reporters([vendor])}
    work = Work(engine, clock, provided)
    async with work.transaction() as session:
        program = await the_program(session)
        finance = await staff.somebody(session, "user_finance", program.id, clock.now(), Role.FINANCE)
    headers = await sign_in(engine, clock, finance)
    return Desk(client, engine, work, clock, vendor, headers, program.id)


async def test_finance_asks_for_a_run_and_reads_how_far_it_came(desk: Desk) -> None:
    desk.a_fee("txn_1")
    asked = (await desk.post("runs", {})).json()
    assert (asked["state"], asked["fetched"]) == ("requested", 0)
    refused = await desk.post("runs", {"since": "2026-11-01T00:00:00Z"})
    assert (refused.status_code, refused.json()["code"]) == (409, "run_unfinished")
    assert await reconciliation.run_due(desk.work) is not None
    shown = await desk.get(f"runs/{asked['id']}")
    assert (shown["state"], shown["fetched"], shown["found"]) == ("done", 1, 1)
    assert [it["id"] for it in (await desk.get("runs"))["data"]] == [asked["id"]]


async def test_a_run_that_was_interrupted_goes_on_at_the_page_where_it_was(desk: Desk) -> None:
    for number in range(4):
        desk.a_fee(f"txn_{number}")
    desk.vendor.fails_at = 2
    with pytest.raises(Unavailable):
        await desk.run()
    assert await reconciliation.run_due(desk.work) is None
    desk.clock.advance(timedelta(minutes=11))
    run = await reconciliation.run_due(desk.work)
    assert run is not None
    assert (run.state, run.fetched, run.found) == (RunState.DONE, 4, 4)
    assert desk.vendor.asked == [None, "1", "2", "3"]


async def test_the_worker_begins_a_run_once_a_night(desk: Desk) -> None:
    assert await reconciliation.reconcile_nightly(desk.work) is not None
    assert await reconciliation.reconcile_nightly(desk.work) is None
    desk.clock.advance(timedelta(hours=10))
    assert await reconciliation.reconcile_nightly(desk.work) is None
    desk.clock.advance(timedelta(hours=6))
    assert await reconciliation.reconcile_nightly(desk.work) is not None


async def test_differences_are_filtered_aged_and_shown_with_both_sides(desk: Desk) -> None:
    desk.a_fee("txn_1")
    await desk.run()
    await desk.wait(4)
    desk.a_fee("txn_2", -45)
    await desk.run()
    [new, old] = (await desk.get("differences"))["data"]
    assert (old["external_id"], old["kind"], old["delta"], old["state"]) == (
        "txn_1", "missing_here", -30, "open"
    )  # fmt: skip
    assert old["age_seconds"] == 4 * 24 * 3600
    assert old["explanation"].startswith("The vendor's balance moved")
    for filters, expected in (
        ({"age": "under_1_day"}, [new]), ({"age": "3_to_7_days"}, [old]), ({"state": "explained"}, []),
        ({"kind": "missing_here", "record": "fee", "closed": False}, [new, old]), ({"closed": True}, []),
    ):  # fmt: skip
        assert (await desk.get("differences", **filters))["data"] == expected
    shown = await desk.get(f"differences/{new['id']}")
    assert (shown["theirs"]["settled"]["amount"], shown["theirs"]["listed"], shown["ours"]) == (
        -45,
        None,
        None,
    )
    assert await desk.get("ages") == [
        {"kind": "missing_here", "age": "under_1_day", "count": 1},
        {"kind": "missing_here", "age": "3_to_7_days", "count": 1},
    ]
    days = await desk.get("days")
    assert [(it["reported"], it["booked"], it["listed"], it["unexplained"]) for it in days] == [
        (-45, 0, -45, 0), (-30, 0, -30, 0)
    ]  # fmt: skip


async def test_what_is_explained_or_accepted_stays_so_until_a_side_changes(desk: Desk) -> None:
    desk.a_fee("txn_1")
    desk.a_fee("txn_2")
    await desk.run()
    [second, first] = (await desk.get("differences"))["data"]
    reason = {"reason": "The monthly bill."}
    assert (await desk.post(f"differences/{first['id']}/explain", reason)).json()["state"] == "explained"
    accepted = (await desk.post(f"differences/{second['id']}/accept", reason)).json()
    assert (accepted["state"], accepted["decided_by"], accepted["reason"]) == (
        "accepted", "user_finance", "The monthly bill."
    )  # fmt: skip
    await desk.run()
    assert (await desk.get("differences", state="open"))["data"] == []
    desk.vendor.reports.clear()
    desk.a_fee("txn_1", -99)
    await desk.run()
    [opened] = (await desk.get("differences", state="open"))["data"]
    assert (opened["external_id"], opened["delta"], opened["reason"]) == ("txn_1", -99, None)
    [gone] = (await desk.get("differences", closed=True))["data"]
    assert (gone["external_id"], gone["state"]) == ("txn_2", "accepted")


async def test_an_entry_that_another_approved_mends_a_difference(desk: Desk) -> None:
    desk.a_fee("txn_1")
    await desk.run()
    [fee] = (await desk.get("differences"))["data"]
    refused = await desk.post(f"differences/{fee['id']}/repair")
    assert (refused.status_code, refused.json()["code"]) == (409, "repair_not_possible")
    proposed = await desk.post(f"differences/{fee['id']}/entry", {"reason": "The monthly bill."})
    assert proposed.status_code == 202
    assert [(it["account"], it["side"], it["amount"]) for it in proposed.json()["payload"]["postings"]] == [
        ("funding_in_transit", "credit", 30), ("fees", "debit", 30)
    ]  # fmt: skip
    again = await desk.post(f"differences/{fee['id']}/entry", {"reason": "Once more."})
    assert (again.status_code, again.json()["code"]) == (409, "entry_proposed")
    await desk.run()
    assert (await desk.get(f"differences/{fee['id']}"))["state"] == "open"
    await _approve(desk, proposed.json()["id"])
    await desk.run()
    mended = await desk.get(f"differences/{fee['id']}")
    assert (mended["state"], mended["closed_at"] is not None) == ("repaired", True)
    closed = await desk.post(f"differences/{fee['id']}/accept", {"reason": "Too late."})
    assert (closed.status_code, closed.json()["code"]) == (409, "difference_closed")
    await desk.run()
    assert (await desk.get("differences", closed=False))["data"] == []
    assert {it["unexplained"] for it in await desk.get("days")} == {0}


async def test_money_that_no_record_stands_behind_shows_in_the_total_of_its_day(desk: Desk) -> None:
    user_id = await a_verified_person(desk.engine, desk.clock)
    async with desk.work.transaction() as session:
        await ledger.credit_wallet(
            session, program_id=desk.program_id, user_id=user_id, currency="USD", amount=12_00,
            contra="funding_in_transit", kind="top_up", external_id="top_up:of_nobody", at=desk.clock.now(),
        )  # fmt: skip
    await desk.wait(3)
    await desk.run()
    [total] = (await desk.get("differences"))["data"]
    assert (total["record"], total["kind"], total["delta"], total["repair"]) == (
        "day", "total_differs", -12_00, "none"
    )  # fmt: skip
    assert total["external_id"].startswith("funding_in_transit:USD:2026-11-23")


async def test_what_moved_a_balance_and_is_in_no_list_is_found_by_the_balance_alone(desk: Desk) -> None:
    desk.a_fee("txn_1")
    await desk.run()
    desk.a_fee("txn_2")
    desk.vendor.unlisted = -77
    await desk.run()
    [balance] = (await desk.get("differences", record="balance"))["data"]
    assert (balance["external_id"], balance["kind"], balance["cause"], balance["delta"]) == (
        "payments:USD", "total_differs", "balance_unexplained", -77
    )  # fmt: skip
    desk.vendor.unlisted = 0
    await desk.run()
    assert (await desk.get(f"differences/{balance['id']}"))["state"] == "repaired"


async def test_what_happened_within_the_grace_is_no_difference_yet(desk: Desk) -> None:
    desk.a_fee("txn_1")
    desk.clock.advance(-timedelta(days=2) + timedelta(minutes=59))
    assert (await desk.run()).found == 0
    desk.clock.advance(timedelta(minutes=2))
    assert (await desk.run()).found == 1


@dataclass
class ForgetfulNetwork:
    """A network that lists a transaction and knows nothing of it when asked, until it remembers."""

    known: NetworkTransaction
    remembers: bool = False
    source: str = SOURCE

    async def transaction(self, reference: str) -> NetworkTransaction:
        if not self.remembers:
            raise NotFound("resource_missing", f"No such transaction: {reference}")
        return self.known


@pytest.fixture
async def network(desk: Desk) -> ForgetfulNetwork:
    """A transaction that was never heard of here, listed and settled by the vendor."""
    holding = await holders.a_holding(desk.engine, desk.clock, [])
    at = desk.clock.now() - timedelta(days=2)
    [card] = holding.references
    network = ForgetfulNetwork(a_transaction("ipi_1", TransactionKind.CLEARING, card, 7_00, BAKERY, at))
    desk.vendor.streams = (Stream.TRANSACTIONS, Stream.MOVEMENTS)
    listed = Report(Stream.TRANSACTIONS, "ipi_1", "ipi_1", "clearing", -7_00, "USD", at, "print", card=card)
    moved = Report(
        Stream.MOVEMENTS, "txn_1", "ipi_1", "transaction", -7_00, "USD", at, "txn_1", balance="issuing"
    )
    desk.vendor.reports += [listed, moved]
    desk.work = Work(desk.engine, desk.clock, {**desk.work.provided, CardNetwork: network})
    return network


async def test_finance_has_a_record_read_anew_and_it_is_booked_once(
    desk: Desk, network: ForgetfulNetwork
) -> None:
    assert (await desk.run()).repaired == 0
    [missing] = (await desk.get("differences"))["data"]
    assert (missing["cause"], missing["repair"], missing["tries"]) == ("not_heard", "converge", 1)
    network.remembers = True
    answer = await desk.post(f"differences/{missing['id']}/repair")
    assert (answer.status_code, answer.json()["state"]) == (202, "open")
    await deliver(desk.work, reconciliation.SUBSCRIPTIONS)
    mended = await desk.get(f"differences/{missing['id']}")
    assert (mended["state"], mended["closed_at"] is not None) == ("repaired", True)
    await desk.run()
    async with desk.work.transaction() as session:
        balance = await ledger.trial_balance(session, desk.program_id)
    assert {line.code: line.balance for line in balance.lines}["issuer_settlement"] == -7_00
    assert (await desk.get("differences", closed=False))["data"] == []


async def test_what_reading_anew_does_not_mend_waits_for_somebody_after_three_tries(
    desk: Desk, network: ForgetfulNetwork
) -> None:
    for _ in range(4):
        await desk.run()
    [missing] = (await desk.get("differences"))["data"]
    assert (missing["cause"], missing["repair"], missing["tries"]) == ("not_taken", "entry", 3)
    assert network.remembers is False


async def _approve(desk: Desk, approval_id: str) -> None:
    async with desk.work.transaction() as session:
        proposal = await find_approval(session, desk.program_id, approval_id)
        assert proposal is not None
        await staff.approved(session, proposal, desk.clock.now())
