"""People with cards and money, made through the public faces, and what the books say of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import cards, ledger, payments
from cardwright.access import Viewer
from cardwright.cards import (
    Card,
    CardProcessors,
    CardState,
    EphemeralKey,
    Holder,
    IssuedCard,
    Limit,
    MirroredLimit,
    NewCard,
    ProcessorCard,
    ReplacementReason,
    Window,
    lifecycle,
)
from cardwright.core.clock import Clock
from cardwright.core.sensitive import Sensitive
from cardwright.db.jobs import Work
from cardwright.db.session import Session, transaction
from cardwright.ledger import Account
from integration.kyc.people import a_verified_person, deliver, drain, the_program


class IssuingAtOnce:
    """A processor that issues every card it is asked for."""

    windows = frozenset(Window)

    async def register_holder(self, holder: Holder, *, key: str) -> str:  # noqa: ARG002 - the port's shape
        return f"ich_{holder.user_id}"

    async def issue_card(self, *, card_id: str, **_: object) -> IssuedCard:
        return IssuedCard(f"ic_{card_id}", "4242", 12, 2030)

    async def set_state(self, reference: str, state: CardState, *, key: str) -> None:
        """Every state is fine."""

    async def set_limits(
        self, reference: str, limits: Sequence[MirroredLimit], *, currency: str, key: str
    ) -> None:
        """Every limit is fine."""

    async def state_at_processor(self, reference: str) -> ProcessorCard:  # noqa: ARG002 - the port's shape
        return ProcessorCard(None, ())

    async def security_code(self, reference: str) -> Sensitive | None:  # noqa: ARG002 - the port's shape
        return None

    async def ephemeral_key(self, reference: str, *, nonce: str) -> EphemeralKey | None:  # noqa: ARG002
        return EphemeralKey(Sensitive("ek_test_of_nobody"), reference, datetime(2030, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Holding:
    """A verified person with cards, known to the network by `references`, in the same order."""

    program_id: str
    user_id: str
    cards: tuple[Card, ...]

    @property
    def references(self) -> tuple[str, ...]:
        return tuple(str(card.processor_reference) for card in self.cards)


async def a_card(
    engine: AsyncEngine,
    clock: Clock,
    user_id: str,
    *limits: Limit,
    issued: bool = True,
    wanted: NewCard | None = None,
) -> Card:
    async with transaction(engine) as session:
        program = await the_program(session)
        card = await cards.create_card(
            session, wanted or NewCard("For tests", limits=limits),
            program_id=program.id, user_id=user_id, currency="USD", at=clock.now(),
        )  # fmt: skip
    if issued:
        await issue(engine, clock)
    return await _read(engine, card)


async def replaced(engine: AsyncEngine, clock: Clock, card: Card) -> Card:
    """Return the card that takes another's place before that expires; both pay."""
    async with transaction(engine) as session:
        new = await lifecycle.replace_card(
            session, card.id, ReplacementReason.EXPIRING, user_id=card.user_id, at=clock.now()
        )
    await issue(engine, clock)
    return await _read(engine, new)


async def _read(engine: AsyncEngine, card: Card) -> Card:
    async with transaction(engine) as session:
        return await cards.get_card(session, card.id, viewer=Viewer(card.program_id, card.user_id))


async def issue(engine: AsyncEngine, clock: Clock) -> None:
    await deliver(
        Work(engine, clock, {CardProcessors: CardProcessors({"stripe": IssuingAtOnce()})}),
        cards.SUBSCRIPTIONS,
    )
    await drain(engine)


async def a_holding(
    engine: AsyncEngine, clock: Clock, *limits_of_cards: Sequence[Limit], balance: int = 0,
    email: str = "robin@example.com",
) -> Holding:  # fmt: skip
    """A person with one card per list of limits and `balance` minor units in the wallet."""
    user_id = await a_verified_person(engine, clock, email)
    made = [await a_card(engine, clock, user_id, *limits) for limits in limits_of_cards or [()]]
    holding = Holding(made[0].program_id, user_id, tuple(made))
    if balance:
        await top_up(engine, clock, holding, balance, name=f"first of {user_id}")
    return holding


async def top_up(engine: AsyncEngine, clock: Clock, holding: Holding, amount: int, *, name: str) -> None:
    async with transaction(engine) as session:
        await credit(session, clock, holding, amount, name=name)


async def credit(session: Session, clock: Clock, holding: Holding, amount: int, *, name: str) -> None:
    await ledger.credit_wallet(
        session, program_id=holding.program_id, user_id=holding.user_id, currency="USD", amount=amount,
        contra="funding_in_transit", kind="top_up", external_id=f"top_up:{name}", at=clock.now(),
    )  # fmt: skip


async def set_state(
    engine: AsyncEngine, clock: Clock, holding: Holding, state: CardState, *, card: int = 0
) -> None:
    async with transaction(engine) as session:
        await lifecycle.change_state(
            session, holding.cards[card].id, state, user_id=holding.user_id, reason="holder", at=clock.now()
        )


async def wallet(session: Session, holding: Holding) -> Account:
    return await ledger.wallet_for_update(
        session, program_id=holding.program_id, user_id=holding.user_id, currency="USD"
    )


async def balances(session: Session, holding: Holding) -> dict[str, int]:
    """Balances per account code; asserts on the way that the books agree with themselves in every way."""
    balance = await ledger.trial_balance(session, holding.program_id)
    assert all(difference == 0 for difference in balance.difference.values())
    assert await ledger.verify(session) == []
    assert await payments.verify(session) == []
    differing = [replayed for replayed in await payments.replay(session) if not replayed.is_identical]
    assert differing == []
    return {line.code: line.balance for line in balance.lines}
