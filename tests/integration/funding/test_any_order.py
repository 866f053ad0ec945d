"""Every order of what the gateway tells of a top-up, a withdrawal or a dispute ends in the same books.

Each item is what the gateway answered at one moment. It is applied in every order, the first two of it once
more at the end, as answers are late, lost and repeated; each order has a top-up of its own.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import funding, ledger
from cardwright.access import Viewer
from cardwright.core.clock import MovableClock
from cardwright.core.money import Money
from cardwright.core.sensitive import Sensitive
from cardwright.db.jobs import Work
from cardwright.db.session import transaction
from cardwright.funding import (
    ChargeResult,
    ChargeStatus,
    DisputeResult,
    Movement,
    RefundReason,
    RefundResult,
    RefundState,
    TopUp,
    TopUpDisputeState,
    TopUpState,
    disputes,
    service,
    withdrawals,
)
from cardwright.funding.domain import WithdrawalOrder, WithdrawalState
from cardwright.programs import Program
from depth import some_of
from integration.kyc.people import a_verified_person, the_program

AMOUNT = 50_00
Tell = Callable[[], Awaitable[None]]


@dataclass
class Moments:
    """Answers each question with what it was told last: the moment that is being delivered."""

    charge: ChargeResult | None = None
    refund: RefundResult | None = None
    dispute: DisputeResult | None = None
    paid: dict[str, ChargeResult] = field(default_factory=dict)

    async def look_up(self, reference: str) -> ChargeResult:
        return self.charge or self.paid[reference]

    async def look_up_refund(self, reference: str) -> RefundResult:
        assert self.refund is not None
        assert self.refund.reference == reference
        return self.refund

    async def look_up_dispute(self, reference: str) -> DisputeResult:
        assert self.dispute is not None
        assert self.dispute.reference == reference
        return self.dispute


@dataclass
class Scene:
    work: Work
    program: Program
    user_id: str
    moments: Moments

    async def ordered(self, amount: int = AMOUNT) -> TopUp:
        async with self.work.transaction() as session:
            return await funding.request_top_up(
                session, self.work.clock, self.program, user_id=self.user_id, money=Money(amount, "USD"),
                token=Sensitive("pm_card_visa"),
            )  # fmt: skip

    async def paid(self, amount: int = AMOUNT) -> TopUp:
        top_up = await self.ordered(amount)
        await self.tell_of_charge(self.answer(top_up, ChargeStatus.SUCCEEDED))
        return top_up

    def answer(self, top_up: TopUp, status: ChargeStatus) -> ChargeResult:
        money = Money(top_up.amount, top_up.currency)
        return ChargeResult(status, f"pi_{top_up.id}", money, top_up.id)

    async def tell_of_charge(self, answer: ChargeResult) -> None:
        self.moments.charge = answer
        await funding.refresh_top_up(self.work, str(answer.reference))
        self.moments.charge = None

    async def tell_of_refund(self, answer: RefundResult) -> None:
        self.moments.refund = answer
        await funding.refresh_refund(self.work, str(answer.reference))

    async def tell_of_dispute(self, answer: DisputeResult) -> None:
        self.moments.dispute = answer
        await funding.refresh_dispute(self.work, answer.reference)

    async def money(self) -> tuple[int, int, int]:
        async with self.work.transaction() as session:
            found = await ledger.owned_accounts(session, self.program.id, self.user_id)
        wallet = next(it for it in found if it.code == "wallet")
        owed = sum(it.posted_balance for it in found if it.code == "receivable")
        return wallet.posted_balance, wallet.held, owed

    async def state_of(self, top_up: TopUp) -> TopUpState:
        async with self.work.transaction() as session:
            viewer = Viewer(self.program.id, self.user_id)
            return (await service.get_top_up(session, top_up.id, viewer=viewer)).state

    async def ensure_books_are_right(self) -> None:
        async with self.work.transaction() as session:
            assert not await ledger.verify(session)
            assert set((await ledger.trial_balance(session, self.program.id)).difference.values()) == {0}


@pytest.fixture
async def scene(engine: AsyncEngine, clock: MovableClock) -> Scene:
    user_id, moments = await a_verified_person(engine, clock), Moments()
    async with transaction(engine) as session:
        program = await the_program(session)
    gateways = dict.fromkeys((funding.FundingGateway, funding.RefundGateway, funding.DisputeGateway), moments)
    return Scene(Work(engine, clock, gateways), program, user_id, moments)


async def deliver(told: Sequence[Tell], order: Sequence[int]) -> None:
    for number in (*order, *order[:2]):
        await told[number]()


async def test_a_top_up_is_credited_once_in_every_order(scene: Scene) -> None:
    statuses = list(ChargeStatus)
    orders = some_of(permutations(range(len(statuses))))
    for order in orders:
        top_up = await scene.ordered()
        answers = [scene.answer(top_up, status) for status in statuses]
        await deliver([lambda it=it: scene.tell_of_charge(it) for it in answers], order)  # type: ignore[misc]
        assert await scene.state_of(top_up) is TopUpState.SUCCEEDED, order
    assert await scene.money() == (AMOUNT * len(orders), 0, 0)
    await scene.ensure_books_are_right()


async def test_a_withdrawal_of_which_a_bank_sends_a_part_back_ends_the_same_in_every_order(
    scene: Scene,
) -> None:
    states = [
        (0, RefundState.PENDING), (0, RefundState.SUCCEEDED), (1, RefundState.PENDING),
        (1, RefundState.SUCCEEDED), (1, RefundState.FAILED),
    ]  # fmt: skip
    for order in some_of(permutations(range(len(states)))):
        for amount in (20_00, 10_00):
            await scene.paid(amount)
        before = await scene.money()
        async with scene.work.transaction() as session:
            made = await withdrawals.request_withdrawal(
                session, scene.work.clock, scene.program, user_id=scene.user_id, money=Money(30_00, "USD"),
                order=WithdrawalOrder.NEWEST_FIRST,
            )  # fmt: skip
            _, parts = await withdrawals.get_withdrawal(
                session, made.id, viewer=Viewer(scene.program.id, scene.user_id)
            )
        failed = RefundReason.RETURNED_BY_BANK
        answers = [
            RefundResult(state, f"re_{parts[part].id}", parts[part].id,
                         failed if state is RefundState.FAILED else None)
            for part, state in states
        ]  # fmt: skip
        await deliver([lambda it=it: scene.tell_of_refund(it) for it in answers], order)  # type: ignore[misc]
        async with scene.work.transaction() as session:
            done, _ = await withdrawals.get_withdrawal(
                session, made.id, viewer=Viewer(scene.program.id, scene.user_id)
            )
        assert (done.state, done.returned) == (WithdrawalState.PARTLY_SUCCEEDED, parts[0].amount), order
        assert await scene.money() == (before[0] - parts[0].amount, 0, 0), order
    await scene.ensure_books_are_right()


@pytest.mark.parametrize("end", [TopUpDisputeState.WON, TopUpDisputeState.LOST])
async def test_a_dispute_costs_the_same_in_every_order(scene: Scene, end: TopUpDisputeState) -> None:
    is_won = end is TopUpDisputeState.WON
    for order in some_of(permutations(range(5 if is_won else 4))):
        top_up = await scene.ordered()
        before = await scene.money() if order != tuple(sorted(order)) else None
        taken, back = Movement(f"txn_1{top_up.id}", -AMOUNT), Movement(f"txn_2{top_up.id}", AMOUNT)
        opened = DisputeResult(
            f"du_{top_up.id}", f"pi_{top_up.id}", TopUpDisputeState.OPEN, AMOUNT, "USD", "fraudulent", None
        )
        answers = [
            opened,
            replace(opened, movements=(taken,)),
            replace(opened, movements=(taken,), state=end),
            *([replace(opened, movements=(back, taken), state=end)] if is_won else []),
        ]
        succeeded = scene.answer(top_up, ChargeStatus.SUCCEEDED)
        scene.moments.paid[f"pi_{top_up.id}"] = succeeded
        told: list[Tell] = [lambda it=succeeded: scene.tell_of_charge(it)]  # type: ignore[misc]
        told += [lambda it=it: scene.tell_of_dispute(it) for it in answers]  # type: ignore[misc]
        await deliver(told, order)
        kept = AMOUNT if is_won else 0
        if before is not None:
            assert await scene.money() == (before[0] + kept, 0, 0), order
        async with scene.work.transaction() as session:
            viewer = Viewer(scene.program.id, scene.user_id)
            [found, *_] = await disputes.list_visible(session, viewer, cursor=None, limit=1)
        assert (found.state, found.taken) == (end, AMOUNT - kept), order
    await scene.ensure_books_are_right()
