"""A holder's browser, the network behind the simulator, and the worker between them."""

import json
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import httpx
import stripe
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from browsers import forgetful_jar, sign_in
from builders import provided_for_tests
from cardwright import cards, disputes, ledger, payments
from cardwright.access import Role
from cardwright.adapters.stripe import inbox as stripe_inbox
from cardwright.adapters.stripe.client import make_client
from cardwright.adapters.stripe.disputes import StripeDisputeNetwork
from cardwright.adapters.stripe.issuing import StripeCardNetwork, StripeCardProcessor
from cardwright.adapters.stripe.webhooks import StripeWebhook
from cardwright.cards import CardProcessors, NewCard
from cardwright.core.clock import MovableClock
from cardwright.core.errors import Unavailable
from cardwright.core.ids import new_id
from cardwright.core.sensitive import Sensitive
from cardwright.db.jobs import Work
from cardwright.db.session import transaction
from cardwright.disputes import CreditPolicy, DisputeNetwork, DisputeRules
from cardwright.http.webhooks_in import WebhookSources
from cardwright.main import build_app
from cardwright.payments import CardNetwork
from cardwright.programs import Program
from integration.kyc.people import a_person, a_verified_person, deliver, drain
from running_simulator import QUICK, RunningSimulator
from staff import grant_role

BALANCE: Final = 100_00
WEBHOOK_SECRET: Final = "whsec_of_disputes"
PNG: Final = b"\x89PNG\r\n\x1a\nsomething to see"
FRAUD: Final[Mapping[str, Any]] = {
    "reason": "fraud", "statement": {"explanation": "I never shopped there."}
}  # fmt: skip
_FAULTS: Final = "/_sim/faults"


@dataclass
class Desk:
    """Somebody with a card at the simulator and 100.00 USD in the wallet."""

    engine: AsyncEngine
    clock: MovableClock
    simulator: RunningSimulator
    sdk: stripe.StripeClient
    work: Work
    api: httpx.AsyncClient
    program: Program
    user_id: str
    holder: Mapping[str, str]
    card_reference: str = ""
    failures: int = 0
    outside: httpx.AsyncClient = field(default_factory=httpx.AsyncClient)

    async def charge(self, amount: int) -> str:
        """Let a merchant take money, and return the id of our payment."""
        wanted: Any = {"card": self.card_reference, "amount": amount}
        taken = await self.sdk.v1.test_helpers.issuing.transactions.create_force_capture_async(wanted)
        await payments.refresh_transaction(self.work, taken.id)
        await drain(self.engine)
        return await self.payment_of(taken.id)

    async def purchase(self, *captured: int) -> tuple[str, list[str]]:
        """Pay 50.00 USD, let the merchant capture parts of it; return our payment and the captures."""
        helpers = self.sdk.v1.test_helpers.issuing.authorizations
        made = await helpers.create_async({"card": self.card_reference, "amount": 50_00})
        for amount in captured:
            await helpers.capture_async(made.id, {"capture_amount": amount, "close_authorization": False})
            await payments.refresh_authorization(self.work, made.id)
        await payments.refresh_authorization(self.work, made.id)
        await drain(self.engine)
        query = text("SELECT id FROM payments WHERE reference = :reference")
        async with transaction(self.engine) as session:
            payment_id = (await session.execute(query, {"reference": made.id})).scalar_one()
        found = await self.sdk.v1.issuing.authorizations.retrieve_async(made.id)
        return str(payment_id), [it.id for it in found.transactions]

    async def refund(self, capture: str, amount: int) -> None:
        """Let the merchant give money back."""
        helpers = self.sdk.v1.test_helpers.issuing.transactions
        refund = await helpers.refund_async(capture, {"refund_amount": amount})
        await payments.refresh_transaction(self.work, refund.id)
        await drain(self.engine)

    async def payment_of(self, reference: str) -> str:
        query = text("SELECT payment_id FROM payment_elements WHERE external_id = :reference")
        async with transaction(self.engine) as session:
            return str((await session.execute(query, {"reference": reference})).scalar_one())

    async def ask(
        self, method: str, path: str, body: Any = None, who: Mapping[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        headers = {**(self.holder if who is None else who), "Idempotency-Key": new_id("key")}
        return await self.api.request(method, f"/v1{path}", json=body, headers=headers, **more)

    async def done(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        answer = await self.ask(method, path, body, **more)
        assert answer.is_success, answer.text
        return answer.json()

    async def refused(self, method: str, path: str, body: Any = None, **more: Any) -> str:
        answer = await self.ask(method, path, body, **more)
        assert answer.is_client_error, answer.text
        return str(answer.json()["code"])

    async def open(self, payment_id: str, **changes: Any) -> str:
        opened = await self.done("POST", f"/payments/{payment_id}/disputes", {**FRAUD, **changes})
        return str(opened["id"])

    async def show_file(self, dispute_id: str, kind: str = "documentation", content: bytes = PNG) -> Any:
        body = {"content": b64encode(content).decode()}
        return await self.done("PUT", f"/disputes/{dispute_id}/files/{kind}", body)

    async def submit(self, dispute_id: str) -> Any:
        return await self.done("POST", f"/disputes/{dispute_id}/submit", {})

    async def withdraw(self, dispute_id: str) -> Any:
        return await self.done("POST", f"/disputes/{dispute_id}/withdraw", {})

    async def case(self, dispute_id: str) -> Any:
        return await self.done("GET", f"/disputes/{dispute_id}")

    async def state(self, dispute_id: str) -> str:
        return str((await self.case(dispute_id))["state"])

    async def background(self) -> list[str]:
        """Do what the worker does until nothing is left; a job whose vendor is down is tried again."""
        told: list[str] = []
        for _ in range(20):
            events = await drain(self.engine)
            if not events:
                return told
            for event in events:
                told.append(event.type)
                for subscription in (*disputes.SUBSCRIPTIONS, *stripe_inbox.SUBSCRIPTIONS):
                    if subscription.event_type == event.type:
                        await self._patiently(subscription.handle, event)
        raise AssertionError("the background never came to rest")

    async def _patiently(self, handle: Any, event: Any) -> None:
        for _ in range(5):
            try:
                await handle(self.work, event)
            except Unavailable:
                self.failures += 1
            else:
                return
        raise AssertionError("a vendor stayed away")

    async def answer(self, dispute_id: str, *answers: str, **more: Any) -> None:
        """Let the network answer; nobody tells us of it yet."""
        for answer in answers:
            body = {"answer": answer, **more}
            given = await self.outside.post(
                f"/_sim/stripe/disputes/{await self.reference(dispute_id)}", json=body
            )
            assert given.is_success, given.text

    async def reference(self, dispute_id: str) -> str:
        query = text("SELECT network_reference FROM disputes WHERE id = :id")
        async with transaction(self.engine) as session:
            return str((await session.execute(query, {"id": dispute_id})).scalar_one())

    async def webhooks(self) -> Sequence[dict[str, Any]]:
        """Return what the simulator tells of disputes, in order."""
        listed = await self.sdk.v1.events.list_async({"limit": 100})
        events = [json.loads(json.dumps(event.to_dict())) for event in reversed(listed.data)]
        return [event for event in events if event["type"].startswith("issuing_dispute.")]

    async def hear(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Receive webhooks, signed, one after the other, and do what they lead to."""
        for event in events:
            body = json.dumps(event)
            signature = stripe.WebhookSignature.generate_signature_header(body, WEBHOOK_SECRET)
            headers = {"stripe-signature": signature, "content-type": "application/json"}
            answer = await self.api.post("/webhooks/stripe", content=body.encode(), headers=headers)
            assert answer.status_code == 202, answer.text
            await self.background()

    async def hear_all(self) -> None:
        await self.hear(await self.webhooks())

    async def at_network(self) -> list[stripe.issuing.Dispute]:
        return (await self.sdk.v1.issuing.disputes.list_async()).data

    async def break_next(self, kind: str, selector: str, **more: Any) -> None:
        fault = {"target": "api", "kind": kind, "selector": selector, **more}
        answer = await self.outside.post(_FAULTS, json=fault)
        assert answer.is_success, answer.text

    async def advance(self, by: timedelta) -> None:
        """Move the network's clock and ours."""
        self.clock.advance(by)
        await self.outside.post("/_sim/clock/advance", json={"seconds": int(by.total_seconds())})
        self.holder = await sign_in(self.engine, self.clock, self.user_id)

    async def balances(self) -> dict[str, int]:
        """Return the balance per account code; asserts that the books agree with themselves in every way."""
        async with transaction(self.engine) as session:
            found = await ledger.trial_balance(session, self.program.id)
            assert all(difference == 0 for difference in found.difference.values())
            assert await ledger.verify(session) == []
            assert await payments.verify(session) == []
        return {line.code: line.balance for line in found.lines}

    async def wallet(self) -> int:
        return (await self.balances())["wallet"]

    async def suspense(self) -> int:
        return (await self.balances()).get("dispute_suspense", 0)

    async def staff(self, role: Role) -> Mapping[str, str]:
        user_id = await a_person(self.engine, self.clock, f"{role}@example.com")
        async with transaction(self.engine) as session:
            await grant_role(session, user_id, role, "system", self.clock.now())
        return await sign_in(self.engine, self.clock, user_id)

    async def stranger(self) -> Mapping[str, str]:
        user_id = await a_verified_person(self.engine, self.clock, "sam@example.com")
        return await sign_in(self.engine, self.clock, user_id)


async def a_desk(
    engine: AsyncEngine, clock: MovableClock, simulator: RunningSimulator, policy: CreditPolicy
) -> Desk:
    sdk = make_client(Sensitive(QUICK.stripe_secret_key), simulator.base_url)
    provided = await provided_for_tests(engine, clock)
    program: Program = provided[Program]
    webhook = StripeWebhook(Sensitive(WEBHOOK_SECRET), program_id=program.id, clock=clock)
    sources = WebhookSources("https://cardwright.test", {"stripe": webhook})
    vendors: dict[type, Any] = {
        CardProcessors: CardProcessors({"stripe": StripeCardProcessor(sdk)}),
        CardNetwork: StripeCardNetwork(sdk),
        DisputeNetwork: StripeDisputeNetwork(sdk),
    }
    app = build_app(engine, {**provided, WebhookSources: sources, DisputeRules: DisputeRules(policy)})
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    api = httpx.AsyncClient(transport=transport, base_url="https://cardwright.test", cookies=forgetful_jar())
    user_id = await a_verified_person(engine, clock)
    work = Work(engine, clock, {**provided, **vendors})
    holder = await sign_in(engine, clock, user_id)
    desk = Desk(engine, clock, simulator, sdk, work, api, program, user_id, holder)
    async with transaction(engine) as session:
        await ledger.credit_wallet(
            session, program_id=program.id, user_id=user_id, currency="USD", amount=BALANCE,
            contra="funding_in_transit", kind="top_up", external_id="top_up:1", at=clock.now(),
        )  # fmt: skip
        card = await cards.create_card(
            session, NewCard("Groceries"), program_id=program.id, user_id=user_id, currency="USD",
            at=clock.now(),
        )  # fmt: skip
    await deliver(work, cards.SUBSCRIPTIONS)
    await drain(engine)
    async with transaction(engine) as session:
        found = await cards.find_card(session, card.id)
    assert found is not None
    desk.card_reference = str(found.processor_reference)
    return desk


@asynccontextmanager
async def desk_at(
    engine: AsyncEngine, clock: MovableClock, simulator: RunningSimulator, policy: CreditPolicy
) -> AsyncIterator[Desk]:
    """Open a desk, and what it talks to the outside with."""
    made = await a_desk(engine, clock, simulator, policy)
    async with made.api, httpx.AsyncClient(base_url=simulator.base_url, timeout=10) as outside:
        made.outside = outside
        yield made
