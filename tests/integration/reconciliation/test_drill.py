"""The drill: a vendor that loses, doubles and garbles what it says, and a reconciliation that lists it all.

Everything is seeded; every difference has to be found with its cause, and nothing besides. Then what can be
repaired is repaired once, what people have to decide waits for them, and what was only said wrongly closes
itself when it is said rightly.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

import staff
from cardwright import ledger, payments
from cardwright.access import Role
from cardwright.approvals import find_approval
from cardwright.reconciliation import deciding, totals_store
from cardwright.reconciliation.domain import DifferenceKind
from integration.reconciliation import disputed
from integration.reconciliation.drill import Drill, a_drill, shown
from running_stripe import RunningStripe, running_stripe


@pytest.fixture
def running() -> Iterator[RunningStripe]:
    with running_stripe() as running:
        yield running


@pytest.fixture
async def drill(engine: AsyncEngine, running: RunningStripe) -> Drill:
    return await a_drill(engine, running)


async def test_every_seeded_difference_is_listed_with_its_cause_and_no_other(drill: Drill) -> None:
    await _seed(drill)
    assert len(drill.expected) >= 200
    assert {kind for _, _, kind, _ in drill.expected} >= set(DifferenceKind) - {DifferenceKind.TOTAL_DIFFERS}

    run = await drill.reconcile()
    found = await drill.differences()
    assert found - drill.expected == set(), f"false ones: {shown(found - drill.expected)}"
    assert drill.expected - found == set(), f"missed: {shown(drill.expected - found)}"

    mended = {it for it in drill.expected if it[3] in {"not_heard", "hold_not_heard"} and it[0] != "refund"}
    assert await drill.differences("state = 'repaired'") == mended
    assert (run.found, run.repaired) == (len(found), len(mended))
    await _ensure_books(drill)
    before = await _balances(drill)

    again = await drill.reconcile()
    assert (again.found, again.repaired) == (0, 0)
    assert await _balances(drill) == before

    drill.report_well()
    await drill.reconcile()
    left = Counter(record for record, *_ in await drill.differences("closed_at IS NULL"))
    assert left == {"refund": 6, "fee": 4, "transaction": 6}
    await _decide_the_rest(drill)
    await drill.reconcile()
    assert await drill.differences("closed_at IS NULL AND state <> 'accepted'") == set()
    # What was refunded by hand was read anew three times, which told nothing, and then waited for people.
    tried = {(*it[:3], "not_taken") if it[0] == "refund" else it for it in drill.expected}
    assert await drill.differences() == tried
    await _ensure_books(drill)


async def _seed(drill: Drill) -> None:
    holds, transactions, forced, intents = await _what_is_heard(drill)
    in_dispute = await disputed.seed_heard(drill)
    drill.deliver_with(drop=100)
    await _lose_messages(drill, holds, transactions)
    late = await disputed.seed_lost(drill, in_dispute)
    await _seed_mistakes_of_ours(drill, forced)
    await disputed.hear_late(drill, late)
    await _move_money_by_hand(drill, intents)
    _misreport_transactions(drill, transactions)
    _misreport_authorizations(drill, holds)
    _misreport_intents(drill, intents)
    await _misreport_movements(drill, transactions)
    await disputed.misreport(drill, in_dispute)
    drill.clock.advance(timedelta(days=3))


async def _what_is_heard(drill: Drill) -> tuple[list[str], list[str], list[str], list[str]]:
    """Make what both sides know, through messages of which many come twice or garbled.

    Of purchases that are cleared only the clearing is told, which is enough, and halves the work.
    """
    drill.deliver_with(drop=100)
    authorizations = await drill.authorize(82)
    drill.deliver_with(duplicate=20, alter=20)
    intents = await drill.top_up(34)
    confirmed = await drill.top_up(5, "pm_card_authenticationRequired")
    await drill.authenticate(confirmed)
    holds = await drill.authorize(40)
    transactions = await drill.capture(authorizations)
    forced = await drill.force(8)
    await drill.hear()
    return holds, transactions, forced, [*intents, *confirmed]


async def _lose_messages(drill: Drill, holds: list[str], transactions: list[str]) -> None:
    drill.expect("transaction", await drill.capture(await drill.authorize(24)), "missing_here", "not_heard")
    drill.expect("authorization", await drill.authorize(10), "hold_missing", "hold_not_heard")
    helpers = drill.client.v1.test_helpers.issuing
    reversed_, reduced, refunded = holds[:10], holds[10:16], transactions[:10]
    await drill.each(reversed_, helpers.authorizations.reverse_async)
    drill.expect("authorization", reversed_, "hold_left_open", "hold_not_heard")
    partly: Any = {"reverse_amount": 100}
    await drill.each(reduced, lambda it: helpers.authorizations.reverse_async(it, partly))
    drill.expect("authorization", reduced, "amount_differs", "hold_not_heard")
    refunds = await drill.each(refunded, helpers.transactions.refund_async)
    drill.expect("transaction", [it.id for it in refunds], "missing_here", "not_heard")
    drill.expect("transaction", await drill.force(12), "missing_here", "not_heard")
    confirmed = await drill.top_up(8, "pm_card_authenticationRequired")
    await drill.authenticate(confirmed)
    drill.expect("charge", confirmed, "missing_here", "not_heard")


async def _seed_mistakes_of_ours(drill: Drill, forced: list[str]) -> None:
    copies = await drill.each(forced[:6], drill.copy_here)
    drill.expect("transaction", copies, "duplicated_here", "copied_here")
    authorizations = await drill.authorize(5)
    late = await drill.capture(authorizations)
    drill.clock.advance(timedelta(days=2))
    await drill.each(authorizations, lambda it: payments.refresh_authorization(drill.work, it))
    drill.expect("transaction", late, "late", "heard_late")


async def _move_money_by_hand(drill: Drill, intents: list[str]) -> None:
    refunds = await drill.each(
        intents[:6], lambda it: drill.client.v1.refunds.create_async({"payment_intent": it, "amount": 700})
    )
    drill.expect("refund", [it.id for it in refunds], "missing_here", "not_heard")
    fees = [drill.running.control("fees", {"amount": 30 + number}).json()["id"] for number in range(4)]
    drill.expect("fee", fees, "missing_here", "only_in_balance")


def _misreport_transactions(drill: Drill, heard: list[str]) -> None:
    among = heard[10:68]
    for action, count, kind, cause in (
        ("drop", 11, "missing_there", "not_listed"),
        ("duplicate", 6, "duplicated_there", "listed_twice"),
        ("copy", 6, "duplicated_there", "copied_there"),
    ):
        made = drill.misreport("transactions", action, count, among)
        drill.expect("transaction", [copy for _, copy in made], kind, cause)
    for member, count, kind, cause in (
        ("amount", 11, "amount_differs", "list_says_otherwise"),
        ("currency", 6, "currency_differs", "list_says_otherwise"),
        ("type", 5, "variant_differs", "list_says_otherwise"),
        ("card", 6, "card_differs", "recorded_otherwise"),
        ("created", 6, "date_differs", "recorded_otherwise"),
    ):
        made = drill.misreport("transactions", "alter", count, among, member=member)
        drill.expect("transaction", [copy for _, copy in made], kind, cause)


def _misreport_authorizations(drill: Drill, holds: list[str]) -> None:
    among = holds[16:]
    for action, count, kind, cause in (
        ("drop", 4, "hold_left_open", "not_listed"),
        ("duplicate", 4, "duplicated_there", "listed_twice"),
        ("copy", 4, "duplicated_there", "copied_there"),
    ):
        made = drill.misreport("authorizations", action, count, among)
        drill.expect("authorization", [copy for _, copy in made], kind, cause)
    for member, count, kind, cause in (
        ("amount", 5, "amount_differs", "list_says_otherwise"),
        ("currency", 3, "currency_differs", "list_says_otherwise"),
        ("card", 3, "card_differs", "recorded_otherwise"),
    ):
        made = drill.misreport("authorizations", "alter", count, among, member=member)
        drill.expect("authorization", [copy for _, copy in made], kind, cause)


def _misreport_intents(drill: Drill, intents: list[str]) -> None:
    among = intents[6:]
    for action, count, kind, cause in (
        ("drop", 7, "missing_there", "not_listed"),
        ("duplicate", 4, "duplicated_there", "listed_twice"),
        ("copy", 4, "duplicated_there", "copied_there"),
    ):
        made = drill.misreport("payment_intents", action, count, among)
        drill.expect("charge", [copy for _, copy in made], kind, cause)
    for member, count, kind in (("amount", 7, "amount_differs"), ("currency", 4, "currency_differs")):
        made = drill.misreport("payment_intents", "alter", count, among, member=member)
        drill.expect("charge", [copy for _, copy in made], kind, "list_says_otherwise")


async def _misreport_movements(drill: Drill, heard: list[str]) -> None:
    issuing = drill.client.v1.issuing.transactions
    found = await drill.each(heard[68:], issuing.retrieve_async)
    by_movement = {str(it.balance_transaction): it.id for it in found}
    for action, kind, cause in (
        ("drop", "missing_there", "not_settled"),
        ("duplicate", "duplicated_there", "settled_twice"),
        ("alter", "amount_differs", "balance_says_otherwise"),
    ):
        made = drill.misreport("balance_transactions", action, 4, by_movement, member="amount")
        drill.expect("transaction", [by_movement[it] for it, _ in made], kind, cause)


async def _decide_the_rest(drill: Drill) -> None:
    """Mend refunds and fees by entries that another approves, and accept what was recorded twice here."""
    at, program_id = drill.clock.now(), drill.program.id
    for row in await drill.ask("SELECT id, record FROM differences WHERE closed_at IS NULL"):
        async with drill.work.transaction() as session:
            finance = await staff.somebody(session, "user_finance", program_id, at, Role.FINANCE)
            if row.record == "transaction":
                await deciding.accept(
                    session, program_id, row.id, reason="Given back by hand.", by=finance, at=at
                )
                continue
            proposed = await deciding.propose_entry(
                session, program_id, row.id, reason="Seen at the gateway.", by=finance, at=at
            )
            await staff.approved(session, proposed, at)
            applied = await find_approval(session, program_id, proposed.id)
            assert applied is not None


async def _ensure_books(drill: Drill) -> None:
    async with drill.work.transaction() as session:
        assert await ledger.verify(session) == []
        assert await payments.verify(session) == []
        day = drill.clock.now().date()
        totals = await totals_store.days_between(
            session, drill.program.id, first=day - timedelta(days=30), last=day
        )
    assert totals
    assert [it for it in totals if it.unexplained] == []


async def _balances(drill: Drill) -> dict[str, int]:
    async with drill.work.transaction() as session:
        balance = await ledger.trial_balance(session, drill.program.id)
    assert set(balance.difference.values()) == {0}
    return {line.code: line.balance for line in balance.lines}
