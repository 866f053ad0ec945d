"""One wallet, several cards, everything a network may do in any order: the books follow and always agree."""

import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Final

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from builders import engine_for_tests
from cardwright.cards import CardState, Limit, Window
from cardwright.core.clock import MovableClock
from cardwright.payments import AuthorizationRequest, Merchant, NetworkTransaction, TransactionKind
from depth import tries
from integration.payments import holders, reading
from integration.payments.holders import Holding
from integration.payments.network import BAKERY, HOTEL, Purchase, Ticking, a_transaction
from integration.payments.stage import Connected, Stage

IS_DEEP: Final = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
START: Final = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LIMITS: Final[Sequence[Mapping[str, int]]] = (
    {},
    {"day": 60_00, "month": 100_00},
    {"per_authorization": 30_00, "week": 80_00, "lifetime": 200_00},
)
POSITIVE: Final = st.one_of(
    st.integers(1, 40_00), st.sampled_from([10_00, 25_00, 30_00, 60_00, 100_00, 100_01])
)
AMOUNTS: Final = st.one_of(POSITIVE, POSITIVE, st.just(0))
CARD: Final = st.integers(0, 2)
PICK: Final = st.integers(0, 30)

CALENDAR: Final = [window for window in Window if window is not Window.ROLLING]


def step(name: str, **arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    return st.tuples(st.just(name), st.fixed_dictionaries(arguments))


ASKED: Final = {
    "amount": AMOUNTS,
    "how": st.sampled_from(["answered", "answered", "answer lost", "never asked"]),
    "approves": st.booleans(),
}
STEPS: Final = st.one_of(
    step("buy", **ASKED, card=CARD, merchant=st.sampled_from([BAKERY, HOTEL])),
    step("ask_for_more", **ASKED, pick=PICK),
    step("repeat_a_question", pick=PICK),
    step("take", pick=PICK, amount=st.none() | POSITIVE, is_closing=st.booleans()),
    step("give_back", pick=PICK, amount=POSITIVE),
    step("reverse", pick=PICK, amount=st.none() | POSITIVE),
    step("expire_at_the_network", pick=PICK),
    step("move_alone", card=CARD, amount=POSITIVE, kind=st.sampled_from(TransactionKind)),
    step("hear", pick=PICK, age=st.sampled_from([0, 0, 0, 1, 2, 5])),
    step("hear_alone", pick=PICK),
    step("top_up", amount=POSITIVE, again=st.booleans(), pick=PICK),
    step("set_state", card=CARD, state=st.sampled_from(["active", "active", "frozen", "canceled"])),
    step(
        "set_limit",
        card=CARD,
        window=st.sampled_from(CALENDAR),
        amount=AMOUNTS,
    ),
    step("wait", days=st.sampled_from([1, 8, 31])),
    step("everything_is_heard"),
)


class OneWallet(RuleBasedStateMachine):
    """Drives the public functions with a network's truth beside them."""

    connected: ClassVar[Connected]
    holding: ClassVar[Holding]

    def __init__(self) -> None:
        super().__init__()
        self.clock = MovableClock(START)
        self.stage = Stage(self.connected, self.holding, self.clock)
        self.ticking = Ticking(START)
        self.states = ["active"] * len(LIMITS)
        self.limits = [dict(limits) for limits in LIMITS]
        self.purchases: list[Purchase] = []
        self.lone: list[NetworkTransaction] = []
        self.questions: list[AuthorizationRequest] = []
        self.lapsed_here: set[str] = set()
        self.topped_up: list[int] = []

    @initialize(balance=st.sampled_from([0, 50_00, 300_00, 300_00]))
    def start_with(self, balance: int) -> None:
        if balance:
            self.top_up(balance, again=False, pick=0)

    # One rule for all: each run of a machine with many rules leaves most of them out, and a purchase gets
    # nowhere without steps of many kinds.
    @rule(what=STEPS)
    def happens(self, what: tuple[str, dict[str, Any]]) -> None:
        name, arguments = what
        getattr(self, name)(**arguments)

    # What merchants ask for.

    def buy(self, card: int, amount: int, how: str, approves: bool, merchant: Merchant) -> None:
        self.ask(self.new_purchase(card, merchant), amount, how, approves=approves)

    def new_purchase(self, card: int, merchant: Merchant) -> Purchase:
        reference = f"iauth_{len(self.purchases)}"
        self.purchases.append(Purchase(reference, self.holding.references[card], merchant, self.ticking))
        return self.purchases[-1]

    def ask_for_more(self, pick: int, amount: int, how: str, approves: bool) -> None:
        self.ask(self.pick("is_open", pick), amount, how, approves=approves)

    def repeat_a_question(self, pick: int) -> None:
        if self.questions:
            self.decide(self.questions[pick % len(self.questions)])

    def ask(self, purchase: Purchase, amount: int, how: str, *, approves: bool) -> None:
        question = purchase.question(amount)
        self.questions.append(question)
        said = how != "never asked" and self.decide(question)
        if how == "answered":
            purchase.answer(amount, approved=said)
        else:
            purchase.answer(amount, approved=approves, reason="webhook_timeout")

    def decide(self, question: AuthorizationRequest) -> bool:
        """Authorize; a new decision must be what the books demand, a repeated one must change nothing."""
        card = self.holding.references.index(question.card_reference)
        before = self.stage.read()
        known, given = self.stage.authorize(question)
        after = self.stage.read()
        if known is not None:
            assert (given.id, after) == (known.id, before)
            return given.is_approved
        expected = reading.first_reason(
            before, card_id=self.holding.cards[card].id, state=self.states[card], limits=self.limits[card],
            amount=question.amount, reference=question.reference, now=self.clock.now(),
        )  # fmt: skip
        assert given.verdict["reason_code"] == expected
        assert given.is_approved is (expected is None)
        assert after.available == before.available - question.amount * given.is_approved
        return given.is_approved

    # What merchants and time do to a purchase, heard of or not.

    def take(self, pick: int, amount: int | None, is_closing: bool) -> None:
        purchase = self.pick("is_clearable", pick)
        asked = sum(outcome.amount for outcome in purchase.outcomes if outcome.approved)
        taken = amount or purchase.held or asked or 1
        purchase.capture(self.new_reference(), taken, is_closing=is_closing)

    def give_back(self, pick: int, amount: int) -> None:
        self.pick("is_refundable", pick).refund(self.new_reference(), amount)

    def reverse(self, pick: int, amount: int | None) -> None:
        purchase = self.pick("is_holding", pick)
        purchase.reverse(min(amount or purchase.held, purchase.held))

    def expire_at_the_network(self, pick: int) -> None:
        self.pick("is_open", pick).expire()

    def move_alone(self, card: int, amount: int, kind: TransactionKind) -> None:
        reference, at = self.new_reference(), self.ticking.tick()
        self.lone.append(a_transaction(reference, kind, self.holding.references[card], amount, BAKERY, at))

    # What we hear of it.

    def hear(self, pick: int, age: int) -> None:
        seen = self.pick("seen", pick).seen
        self.stage.converge(seen[max(0, len(seen) - 1 - age)])

    def hear_alone(self, pick: int) -> None:
        if self.lone:
            self.stage.record(self.lone[pick % len(self.lone)])

    # What the holder and time do.

    def top_up(self, amount: int, again: bool, pick: int) -> None:
        number = pick % len(self.topped_up) if again and self.topped_up else len(self.topped_up)
        if number == len(self.topped_up):
            self.topped_up.append(amount)
        amount = self.topped_up[number]
        self.stage.top_up(amount, str(number))

    def set_state(self, card: int, state: str) -> None:
        if self.states[card] == "canceled" or (state == "canceled" and card != 2):
            return
        self.stage.set_state(card, CardState(state))
        self.states[card] = state

    def set_limit(self, card: int, window: Window, amount: int) -> None:
        self.limits[card] = {window: amount}
        self.stage.set_limit(card, Limit(window, amount))

    def wait(self, days: int) -> None:
        self.clock.advance(timedelta(days=days))
        self.ticking.now = self.clock.now()
        before = self.stage.read().payments
        self.stage.expire()
        after = self.stage.read().payments
        for purchase in self.purchases:
            held = before[purchase.reference].held if purchase.reference in before else 0
            if held and purchase.held and after[purchase.reference].held < held:
                self.lapsed_here.add(purchase.reference)

    # What must always be so, and what must be so once everything was heard.

    @invariant()
    def the_books_agree(self) -> None:
        self.stage.audit()

    def everything_is_heard(self) -> None:

        for purchase in self.purchases:
            self.stage.converge(purchase.seen[-1])
        for alone in self.lone:
            self.stage.record(alone)
        settled = self.stage.read()
        self.compare(settled)
        for purchase in self.purchases:
            for snapshot in purchase.seen[-3:]:
                self.stage.converge(snapshot)
        assert self.stage.read() == settled

    def compare(self, wallet: reading.Wallet) -> None:
        cleared, refunded = TransactionKind.CLEARING, TransactionKind.REFUND
        moved = sum(self.topped_up)
        for purchase in self.purchases:
            ours = wallet.payments[purchase.reference]
            assert (ours.cleared, ours.refunded) == (purchase.total(cleared), purchase.total(refunded))
            is_less = purchase.reference in self.lapsed_here or purchase.took_more_than_held
            assert ours.held == purchase.held or (is_less and ours.held < purchase.held)
            moved += ours.refunded - ours.cleared
        moved += sum(it.amount if it.kind is refunded else -it.amount for it in self.lone)
        assert wallet.posted - wallet.owed == moved

    def teardown(self) -> None:
        try:
            # A failed step has been reported already: what follows it would only hide it.
            if sys.exc_info()[0] is None:
                self.everything_is_heard()
                self.stage.audit()
        finally:
            self.stage.leave()

    def pick(self, quality: str, number: int) -> Purchase:
        """One of the purchases that are as asked; one that is made for it when there is none."""
        found = [purchase for purchase in self.purchases if getattr(purchase, quality)]
        if found:
            return found[number % len(found)]
        made = self.new_purchase(0, BAKERY)
        self.ask(made, 20_00, "answer lost", approves=True)
        if not getattr(made, quality):
            made.capture(self.new_reference(), 20_00, is_closing=True)
        return made

    def new_reference(self) -> str:
        moved = sum(len(purchase.moved) for purchase in self.purchases) + len(self.lone)
        return f"ipi_{moved}"


@pytest.fixture
async def holding(database_url: str) -> Holding:
    """A verified holder with one card per set of limits, in a database that nobody is connected to."""
    engine = engine_for_tests(database_url)
    limits = [[Limit(Window(window), amount) for window, amount in each.items()] for each in LIMITS]
    made = await holders.a_holding(engine, MovableClock(START), *limits)
    await engine.dispose()
    return made


@pytest.mark.timeout(7_200 if IS_DEEP else 600)
def test_the_books_follow_the_network_whatever_happens(database_url: str, holding: Holding) -> None:
    connected = Connected(database_url)
    here = {"connected": connected, "holding": holding}
    try:
        run_state_machine_as_test(
            type("OneWalletHere", (OneWallet,), here),
            settings=settings(
                max_examples=400 if IS_DEEP else tries(32), stateful_step_count=80 if IS_DEEP else 30,
                deadline=None, database=None,
                # Shrinking a failure takes minutes.
                phases=(Phase.generate, Phase.shrink) if IS_DEEP else (Phase.generate,),
                suppress_health_check=list(HealthCheck),
            ),
        )  # fmt: skip
    finally:
        connected.close()
