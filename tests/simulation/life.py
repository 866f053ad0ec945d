"""Days of a wallet on a virtual clock and a virtual network, all of it drawn from one seed.

A holder buys, waits, freezes cards and adds money; merchants take, give back, reverse and forget. What the
network tells of it travels: late, twice, in any order, or not at all until a weekly report has everything.
Each decision must be the one that the model in integration/payments/reading.py reaches by counting everything
anew, each night all books must agree, and once everything was heard they must say what the network knows.

The database is the real one; what is drawn, when and in which order depends on the seed alone.
"""

import hashlib
import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from cardwright.cards import CardState
from cardwright.payments import TransactionKind
from integration.payments.network import BAKERY, HOTEL, Purchase
from integration.payments.test_state_machine import CALENDAR, START, OneWallet

DAYS: Final = 30
"""Of one life; the next begins with another seed, and nothing."""
_REPORTED_EVERY: Final = 7
_LOST, _TWICE = 0.05, 0.15
_AVERAGE_DELAY: Final = timedelta(hours=3)
_ACTS: Final = {
    "buy": 12, "ask_for_more": 2, "repeat_a_question": 2, "take": 6, "give_back": 1, "reverse": 1,
    "expire_at_the_network": 1, "move_alone": 0.3, "top_up": 2, "set_state": 0.5, "set_limit": 0.5,
}  # fmt: skip
"""What happens, and how often on an average day beside the others."""
_PER_DAY: Final = 14


@dataclass
class Life:
    """One wallet from its first day on; `told` is a digest of everything that happened to it."""

    wallet: OneWallet
    seed: str
    told: Any = field(default_factory=hashlib.sha256)
    steps: int = 0
    decisions: int = 0
    approvals: int = 0
    heard: int = 0
    _on_their_way: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _sent: dict[str, int] = field(default_factory=dict)
    _number: int = 0

    def __post_init__(self) -> None:
        # A text as the seed: the same on every machine and in every process.
        self._chance = random.Random(self.seed)  # noqa: S311 - it has to come again
        decide = self.wallet.decide

        def counted(question: Any) -> bool:
            is_approved = decide(question)
            self.decisions += 1
            self.approvals += is_approved
            self._tell("decided", question.reference, question.attempt, question.amount, is_approved)
            return is_approved

        self.wallet.decide = counted  # type: ignore[method-assign]

    @property
    def digest(self) -> str:
        """What happened, as 64 hexadecimal digits: the same for the same seed and the same product."""
        return str(self.told.hexdigest())

    def live(self, days: int = DAYS, on_day: Callable[[int], None] = lambda _: None) -> None:
        """Go through so many days; raises AssertionError at the first thing that is wrong."""
        self.wallet.start_with(self._chance.choice([0, 50_00, 300_00, 2_000_00]))
        for day in range(1, days + 1):
            self._pass(START + timedelta(days=day - 1))
            self.wallet.wait(0)
            if day % _REPORTED_EVERY == 0:
                # The report has what was lost on the way; whatever still travels comes later once more.
                self.wallet.everything_is_heard()
            self.wallet.stage.audit()
            on_day(day)
        self.wallet.everything_is_heard()
        self.wallet.stage.audit()

    def _pass(self, morning: datetime) -> None:
        moments = sorted(self._chance.random() for _ in range(round(self._chance.expovariate(1 / _PER_DAY))))
        for moment in moments:
            self._move_to(morning + moment * timedelta(days=1))
            self._act(self._chance.choices([*_ACTS], [*_ACTS.values()])[0])
            self._send_what_is_new()
        self._move_to(morning + timedelta(days=1))

    def _move_to(self, at: datetime) -> None:
        """Let time pass, and whatever arrives meanwhile arrive."""
        while self._on_their_way and self._on_their_way[0][0] <= at:
            due, _, arrive = heapq.heappop(self._on_their_way)
            self._set_clock(max(due, self.wallet.clock.now()))
            arrive()
            self.heard += 1
        self._set_clock(at)

    def _set_clock(self, at: datetime) -> None:
        self.wallet.clock.instant = at
        self.wallet.ticking.now = max(at, self.wallet.ticking.now)

    def _act(self, name: str) -> None:
        chance, pick = self._chance, self._chance.randrange(1_000)
        amount = chance.choice([chance.randrange(1, 40_00), 10_00, 30_00, 100_00])
        asked = {
            "amount": chance.choice([amount, amount, amount, 0]),
            "how": chance.choices(["answered", "answer lost", "never asked"], [20, 1, 1])[0],
            "approves": chance.random() < 0.5,
        }
        card, most = chance.randrange(3), chance.choice([amount, None])
        arguments: dict[str, dict[str, Any]] = {
            "buy": {**asked, "card": card, "merchant": chance.choice([BAKERY, HOTEL])},
            "ask_for_more": {**asked, "pick": pick},
            "repeat_a_question": {"pick": pick},
            "take": {"pick": pick, "amount": most, "is_closing": chance.random() < 0.6},
            "give_back": {"pick": pick, "amount": amount},
            "reverse": {"pick": pick, "amount": most},
            "expire_at_the_network": {"pick": pick},
            "move_alone": {"card": card, "amount": amount, "kind": chance.choice([*TransactionKind])},
            "top_up": {"amount": 3 * amount, "again": chance.random() < 0.1, "pick": pick},
            "set_state": {"card": card, "state": chance.choices([*CardState], _WEIGHTS_OF_STATES)[0]},
            "set_limit": {
                "card": card, "window": chance.choice(CALENDAR), "amount": 10 * amount,
            },
        }  # fmt: skip
        self._tell(name, *(str(it) for it in arguments[name].values()))
        self.steps += 1
        getattr(self.wallet, name)(**arguments[name])

    def _send_what_is_new(self) -> None:
        for purchase in self.wallet.purchases:
            for place in range(self._sent.get(purchase.reference, 0), len(purchase.seen)):
                self._send(self._snapshot(purchase, place))
            self._sent[purchase.reference] = len(purchase.seen)
        for place in range(self._sent.get("", 0), len(self.wallet.lone)):
            self._send(self._lone(place))
        self._sent[""] = len(self.wallet.lone)

    def _send(self, arrive: Callable[[], None]) -> None:
        copies = 0 if self._chance.random() < _LOST else 2 if self._chance.random() < _TWICE else 1
        for _ in range(copies):
            self._number += 1
            delay = self._chance.expovariate(1.0) * _AVERAGE_DELAY
            heapq.heappush(self._on_their_way, (self.wallet.clock.now() + delay, self._number, arrive))

    def _snapshot(self, purchase: Purchase, place: int) -> Callable[[], None]:
        return lambda: self.wallet.stage.converge(purchase.seen[place])

    def _lone(self, place: int) -> Callable[[], None]:
        return lambda: self.wallet.stage.record(self.wallet.lone[place])

    def _tell(self, *what: object) -> None:
        self.told.update(repr((self.wallet.clock.now().isoformat(), *what)).encode())


_STATES: Final = {CardState.ACTIVE: 6, CardState.FROZEN: 2, CardState.CANCELED: 1}
_WEIGHTS_OF_STATES: Final = [_STATES.get(it, 0) for it in CardState]
