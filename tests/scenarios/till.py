"""A merchant's till at the simulator's network, and what the books say of what was rung up."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from cardwright import ledger, payments
from cardwright.adapters.stripe import inbox as stripe_inbox
from cardwright.adapters.stripe.issuing import StripeCardNetwork, StripeCardProcessor
from cardwright.cards import Card, CardProcessors, CardState, lifecycle
from cardwright.core.clock import SystemClock
from cardwright.db.jobs import Work
from cardwright.db.session import transaction
from cardwright.payments import CardNetwork, Payment
from cardwright.payments import store as payments_store
from integration.cards.stand import Stand
from integration.kyc.people import deliver
from running_simulator import RunningSimulator

STARTED_WITH = 100_00
"""What the holder has at first, in cents."""


@dataclass
class Till:
    """One purchase after another on one card; amounts in cents unless a merchant's currency is named."""

    stand: Stand
    simulator: RunningSimulator
    card: Card
    reference: str = ""
    moved: list[str] = field(default_factory=list)

    @property
    def _helpers(self) -> Any:
        return self.stand.client.v1.test_helpers.issuing

    async def asks(self, amount: int, **more: Any) -> bool:
        """Ask for an authorization; return whether the merchant heard yes."""
        made = await self.stand.pay(amount, card=self.card.processor_reference, **more)
        self.reference = made.id
        await self.told()
        return bool(made.approved)

    async def asks_unheard(self, amount: int) -> None:
        """Ask, and let the worker not hear of it yet."""
        self.reference = (await self.stand.pay(amount, card=self.card.processor_reference)).id

    async def clears_unheard(self) -> None:
        """Capture, and let the worker not hear of it yet."""
        await self._helpers.authorizations.capture_async(self.reference)

    async def asks_for_more(self, amount: int) -> bool:
        """Ask for an increment; return whether it was granted."""
        made = await self._helpers.authorizations.increment_async(
            self.reference, {"increment_amount": amount}
        )
        await self.told()
        return bool(made.request_history[-1].approved)

    async def clears(self, amount: int | None = None, *, is_last: bool = True) -> str:
        """Capture; return the network's id of the transaction."""
        wanted: dict[str, Any] = {"close_authorization": is_last}
        if amount is not None:
            wanted["capture_amount"] = amount
        made = await self._helpers.authorizations.capture_async(self.reference, wanted)
        await self.told()
        return self._moved(made.transactions[-1].id)

    async def reverses(self, amount: int | None = None) -> None:
        """Give back all or a part of what is held."""
        wanted = {} if amount is None else {"reverse_amount": amount}
        await self._helpers.authorizations.reverse_async(self.reference, wanted)
        await self.told()

    async def lets_expire(self) -> None:
        """Let the authorization lapse."""
        await self._helpers.authorizations.expire_async(self.reference)
        await self.told()

    async def refunds(self, amount: int | None = None, *, of: str | None = None) -> str:
        """Refund a capture, the newest unless one is named."""
        wanted = {} if amount is None else {"refund_amount": amount}
        made = await self._helpers.transactions.refund_async(of or self.moved[-1], wanted)
        await self.told()
        return self._moved(made.id)

    async def forces(self, amount: int) -> str:
        """Take money without having asked."""
        wanted = {"card": str(self.card.processor_reference), "amount": amount}
        made = await self._helpers.transactions.create_force_capture_async(wanted)
        await self.told()
        self.reference = made.id
        return self._moved(made.id)

    async def gives(self, amount: int) -> str:
        """Give money that no purchase preceded."""
        wanted = {"card": str(self.card.processor_reference), "amount": amount}
        made = await self._helpers.transactions.create_unlinked_refund_async(wanted)
        await self.told()
        self.reference = made.id
        return self._moved(made.id)

    async def told(self) -> None:
        """Wait until the network has told all, and hear it as the worker does."""
        await asyncio.to_thread(asyncio.run, self.simulator.world.dispatcher.settle(10))
        await self.hears()

    async def hears(self) -> None:
        """Handle what has arrived."""
        while await deliver(self.work, stripe_inbox.SUBSCRIPTIONS):
            pass

    @property
    def work(self) -> Work:
        """What jobs work with."""
        client = self.stand.client
        provided = {
            CardNetwork: StripeCardNetwork(client),
            CardProcessors: CardProcessors({"stripe": StripeCardProcessor(client)}),
        }
        return Work(self.stand.engine, SystemClock(), provided)

    async def payment(self, reference: str | None = None) -> Payment:
        """The payment of the newest purchase."""
        async with transaction(self.stand.engine) as session:
            found = await payments_store.find_payment(session, "stripe", reference or self.reference)
        assert found is not None
        return found

    async def elements(self) -> list[str]:
        """The payment in words: each element's kind, amount, and whether it was declined."""
        found = (await self.payment()).elements
        return [f"{it.kind} {it.amount}{'' if it.approved else ' declined'}" for it in found]

    @asynccontextmanager
    async def wallet_is_locked(self) -> AsyncIterator[None]:
        """Let nobody decide about the holder's cards meanwhile."""
        async with transaction(self.stand.engine) as session:
            await ledger.wallet_for_update(
                session, program_id=self.card.program_id, user_id=self.card.user_id, currency="USD"
            )
            yield

    async def figures(self) -> Mapping[str, Any]:
        """Where the payment stands, and what the holder has."""
        totals = (await self.payment()).totals
        async with transaction(self.stand.engine) as session:
            wallet = await ledger.wallet_for_update(
                session, program_id=self.card.program_id, user_id=self.card.user_id, currency="USD"
            )
        return {
            "status": str(totals.status), "held": totals.held, "posted": totals.posted,
            "available": wallet.available_balance, "wallet_held": wallet.held,
        }  # fmt: skip

    async def owed(self) -> int:
        """What the holder owes, as the ledger's receivables show it."""
        async with transaction(self.stand.engine) as session:
            balance = await ledger.trial_balance(session, self.card.program_id)
        return sum(line.balance for line in balance.lines if line.code == "receivable")

    def answers_by_default(self, answer: Literal["approve", "decline"]) -> None:
        """What the network answers where we do not."""
        real_time = self.simulator.world.stripe.realtime
        real_time.configure((real_time.configuration() or {})["url"], answer)

    async def card_becomes(self, state: CardState) -> None:
        """Its holder freezes or closes the card, which the network hears of later than the merchant."""
        async with transaction(self.stand.engine) as session:
            await lifecycle.change_state(
                session,
                self.card.id,
                state,
                user_id=self.card.user_id,
                reason="holder",
                at=SystemClock().now(),
            )

    async def ensure_sound(self) -> None:
        """The books balance, every figure agrees with its postings, every decision is the same again."""
        async with transaction(self.stand.engine) as session:
            balance = await ledger.trial_balance(session, self.card.program_id)
            wrong = [*await ledger.verify(session), *await payments.verify(session)]
            replayed = await payments.replay(session)
        assert set(balance.difference.values()) <= {0}
        assert wrong == []
        assert [it for it in replayed if not it.is_identical] == []
        assert replayed or not self.reference.startswith("iauth_")

    def _moved(self, transaction_id: str) -> str:
        self.moved.append(transaction_id)
        return transaction_id
