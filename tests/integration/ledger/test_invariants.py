"""Whatever order money moves in, and however many move it at once, the books stay right."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import ledger
from cardwright.core.errors import Conflict
from cardwright.core.ids import new_id
from cardwright.db.session import Session, transaction
from cardwright.ledger import Account, queries
from depth import tries

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
EXPIRES_AT = AT + timedelta(days=7)
amounts = st.integers(1, 500)
payments = st.sampled_from(["a", "b"])
"""Few payments and small amounts, so that holds are added to, exhausted and exceeded."""


@dataclass(frozen=True)
class Step:
    """A movement; `number` stands for its external id, so that a number drawn twice is a repetition."""

    kind: str
    number: int
    amount: int
    payment: str = "a"
    release: int = 0


steps = st.builds(
    Step, st.sampled_from(["credit", "hold", "capture", "release"]), st.integers(1, 12), amounts, payments,
    st.integers(-5, 600),
)  # fmt: skip


@dataclass
class Model:
    """A wallet as plain numbers."""

    posted: int = 0
    owed: int = 0
    holds: dict[str, int] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    @property
    def held(self) -> int:
        return sum(self.holds.values())

    def apply(self, step: Step) -> bool:
        """Move; False when the movement must be refused."""
        if step.kind == "hold":
            if step.amount > self.posted - self.held:
                return False
            self.holds[step.payment] = self.holds.get(step.payment, 0) + step.amount
            return True
        if step.kind == "release":
            self._release(step.payment, step.amount)
            return True
        external_id = f"{step.kind}:{step.number}"
        if external_id not in self.seen:
            self.seen.add(external_id)
            if step.kind == "credit":
                repaid = min(step.amount, self.owed)
                self.owed -= repaid
                self.posted += step.amount - repaid
            else:
                self._release(step.payment, step.release)
                covered = min(step.amount, self.posted - self.held)
                self.posted -= covered
                self.owed += step.amount - covered
        return True

    def _release(self, payment: str, amount: int) -> None:
        remaining = self.holds.get(payment, 0)
        self.holds[payment] = remaining - max(0, min(amount, remaining))


async def move(session: Session, user_id: str, step: Step) -> bool:
    """Move money in the ledger; False when it refuses."""
    who = {"program_id": "prog_1", "user_id": user_id, "currency": "USD"}
    external_id, payment_id = f"{user_id}:{step.kind}:{step.number}", f"{user_id}:{step.payment}"
    if step.kind == "credit":
        await ledger.credit_wallet(
            session, **who, amount=step.amount, contra="funding_in_transit", kind="top_up",
            external_id=external_id, at=AT,
        )  # fmt: skip
        return True
    wallet = await ledger.wallet_for_update(session, **who)
    match step.kind:
        case "hold":
            try:
                await ledger.place_hold(
                    session, wallet, payment_id=payment_id, amount=step.amount, expires_at=EXPIRES_AT
                )
            except Conflict:
                return False
        case "release":
            await ledger.release_hold(session, wallet, payment_id=payment_id, amount=step.amount)
        case "capture":
            await ledger.capture_hold(
                session, wallet, payment_id=payment_id, amount=step.amount, release=step.release,
                contra="issuer_settlement", kind="clearing", external_id=external_id, at=AT,
            )  # fmt: skip
    return True


async def wallet_of(session: Session, user_id: str) -> Account:
    return await ledger.wallet_for_update(session, program_id="prog_1", user_id=user_id, currency="USD")


async def owed_by(session: Session, user_id: str) -> int:
    accounts = await queries.owned_accounts(session, "prog_1", user_id)
    return sum(account.posted_balance for account in accounts if account.code == "receivable")


async def ensure_books_are_right(engine: AsyncEngine) -> None:
    async with transaction(engine) as session:
        assert await ledger.verify(session) == []
        balance = await ledger.trial_balance(session, "prog_1")
    assert all(difference == 0 for difference in balance.difference.values())


@settings(
    max_examples=tries(80), deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(st.lists(steps, max_size=15))
async def test_any_sequence_of_movements_ends_where_plain_arithmetic_ends(
    engine: AsyncEngine, sequence: Sequence[Step]
) -> None:
    user_id, model = new_id("user"), Model()
    async with transaction(engine) as session:
        for step in sequence:
            assert await move(session, user_id, step) == model.apply(step)
            wallet = await wallet_of(session, user_id)
            assert (wallet.posted_balance, wallet.held) == (model.posted, model.held)
            assert 0 <= wallet.held <= wallet.posted_balance
        for payment, remaining in model.holds.items():
            hold = await ledger.find_hold(session, f"{user_id}:{payment}")
            assert (hold.remaining if hold else 0) == remaining
        assert await owed_by(session, user_id) == model.owed
    await ensure_books_are_right(engine)


def some_steps(seed: int, many: int) -> list[Step]:
    chance = random.Random(seed)  # noqa: S311 - the same steps in every run
    kinds = ["credit", "hold", "capture", "release"]
    return [
        Step(chance.choice(kinds), chance.randint(1, 30), chance.randint(1, 500), chance.choice("ab"), 50)
        for _ in range(many)
    ]


async def test_many_movements_of_the_same_wallets_at_once_neither_deadlock_nor_disagree(
    engine: AsyncEngine,
) -> None:
    async def work(seed: int) -> None:
        for step in some_steps(seed, 10):
            async with transaction(engine) as session:
                await move(session, f"user_{seed % 3}", step)

    await asyncio.gather(*(work(seed) for seed in range(24)))
    await ensure_books_are_right(engine)


async def test_one_external_id_from_many_tasks_on_many_wallets_has_one_effect(engine: AsyncEngine) -> None:
    async def report(number: int) -> bool:
        async with transaction(engine) as session:
            entry = await ledger.credit_wallet(
                session, program_id="prog_1", user_id=f"user_{number % 5}", currency="USD", amount=100,
                contra="funding_in_transit", kind="top_up", external_id="the same", at=AT,
            )  # fmt: skip
        return entry.was_posted_now

    assert sum(await asyncio.gather(*(report(number) for number in range(25)))) == 1
    async with transaction(engine) as session:
        lines = (await ledger.trial_balance(session, "prog_1")).lines
    assert {line.code: line.balance for line in lines} == {"funding_in_transit": 100, "wallet": 100}
    await ensure_books_are_right(engine)


async def test_a_clearing_told_by_many_at_once_is_captured_once(engine: AsyncEngine) -> None:
    async with transaction(engine) as session:
        await move(session, "user_1", Step("credit", 1, 500))
        await move(session, "user_1", Step("hold", 1, 300))

    async def clear() -> None:
        async with transaction(engine) as session:
            await move(session, "user_1", Step("capture", 1, 100, release=100))

    await asyncio.gather(*(clear() for _ in range(20)))
    async with transaction(engine) as session:
        wallet = await wallet_of(session, "user_1")
    assert (wallet.posted_balance, wallet.held) == (400, 200)
    await ensure_books_are_right(engine)


async def test_holds_at_once_never_take_more_than_is_available(engine: AsyncEngine) -> None:
    async with transaction(engine) as session:
        await move(session, "user_1", Step("credit", 1, 500))

    async def hold(number: int) -> bool:
        async with transaction(engine) as session:
            return await move(session, "user_1", Step("hold", 1, 100, f"pay_{number}"))

    assert sum(await asyncio.gather(*(hold(number) for number in range(30)))) == 5
    async with transaction(engine) as session:
        assert (await wallet_of(session, "user_1")).available_balance == 0
    await ensure_books_are_right(engine)
