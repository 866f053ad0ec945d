"""Disputes of both kinds in the drill: holders claim what was charged, payers take back what they paid in."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import text

from cardwright import disputes
from cardwright.access import Actor, Principal, Reach
from cardwright.disputes import CreditPolicy, Reason, Statement, service
from integration.kyc.people import deliver
from integration.reconciliation.drill import Drill

_CHARGED: Final = text(
    "SELECT payment_elements.payment_id, sequence, user_id FROM payment_elements JOIN payments"
    " ON payments.id = payment_id WHERE external_id = :reference"
)
_FILED: Final = text("SELECT network_reference FROM disputes WHERE id = :id")


async def claim(drill: Drill, transactions: Sequence[str]) -> list[str]:
    """Dispute transactions and file that at the network; return its ids of the disputes."""
    opened = [await _submitted(drill, transaction) for transaction in transactions]
    await deliver(drill.work, disputes.SUBSCRIPTIONS)
    async with drill.work.transaction() as session:
        return [str((await session.execute(_FILED, {"id": it})).scalar_one()) for it in opened]


async def _submitted(drill: Drill, transaction: str) -> str:
    at = drill.clock.now()
    async with drill.work.transaction() as session:
        charged = (await session.execute(_CHARGED, {"reference": transaction})).one()
        by = service.By(Actor(Principal(charged.user_id, drill.program.id), Reach.OWN), at)
        opened = await service.open_dispute(
            session, charged.payment_id, charged.sequence, None, Reason.FRAUD,
            Statement(explanation="I never shopped there."), CreditPolicy.ON_NETWORK_CREDIT, by=by,
        )  # fmt: skip
        await service.submit_dispute(session, opened.id, by=by)
    return opened.id


async def answer(drill: Drill, filed: Sequence[str], *answers: str) -> None:
    """Let the network answer."""
    for given in answers:
        await drill.each(filed, lambda it, given=given: _ordered(drill, f"disputes/{it}", answer=given))


async def take_back(drill: Drill, intents: Sequence[str], **wish: Any) -> list[str]:
    """Let payers dispute top-ups at their bank; return the gateway's ids of the disputes."""
    found = await drill.each(intents, drill.client.v1.payment_intents.retrieve_async)
    made = await drill.each(
        [str(it.latest_charge) for it in found], lambda it: _ordered(drill, f"charges/{it}/dispute", **wish)
    )
    return [str(it["id"]) for it in made]


async def decide(drill: Drill, taken: Sequence[str], outcome: str) -> None:
    """Let banks decide."""
    await drill.each(taken, lambda it: _ordered(drill, f"disputes/{it}/close", outcome=outcome))


async def movements(drill: Drill, filed: Sequence[str]) -> Mapping[str, list[str]]:
    """Return what moved the balance for each dispute of either kind, in order."""
    v1 = drill.client.v1
    found: dict[str, list[str]] = {}
    for reference in filed:
        retrieve: Any = v1.issuing.disputes if reference.startswith("idp_") else v1.disputes
        dispute = await retrieve.retrieve_async(reference)
        found[reference] = [it.id for it in dispute.balance_transactions]
    return found


async def _ordered(drill: Drill, path: str, **order: Any) -> Any:
    answered = await asyncio.to_thread(drill.running.control, path, order)
    assert answered.is_success, answered.text
    return answered.json()
