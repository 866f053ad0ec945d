"""Why something was approved or declined, for whoever knows only the id of a payment or of a decision."""

from collections.abc import Sequence
from dataclasses import dataclass

from cardwright.core.errors import NotFound
from cardwright.db.session import Session
from cardwright.payments import queries, store
from cardwright.payments.domain import Payment
from cardwright.payments.store import Decision
from cardwright.rules import RuleHit, evaluate, get_rulebook_by_hash


@dataclass(frozen=True, slots=True)
class Explained:
    """Decisions in the order they were taken, and their payment; None where the card was not known."""

    program_id: str
    payment: Payment | None
    decisions: Sequence[Decision]


async def explain(session: Session, subject_id: str) -> Explained:
    """Return the decisions of a payment, or one decision; raises NotFound `decision_unknown`."""
    payment = await store.find_payment_by_id(session, subject_id)
    if payment is not None:
        ids = [element.decision_id for element in payment.elements if element.decision_id]
        found = await queries.decisions_by_id(session, ids)
        return Explained(payment.program_id, payment, [found[it] for it in ids])
    decision = (await queries.decisions_by_id(session, [subject_id])).get(subject_id)
    if decision is None:
        raise NotFound("decision_unknown", "There is no payment and no decision of this id.")
    payment_id = await queries.payment_id_of(session, decision.id)
    payment = None if payment_id is None else await store.find_payment_by_id(session, payment_id)
    return Explained(decision.program_id, payment, [decision])


async def hits_of(session: Session, decision: Decision) -> Sequence[RuleHit]:
    """Return what the rules said in a decision, computed again from its facts: those that flag as well.

    Raises NotFound `rulebook_unknown` when its rules are not here.
    """
    facts = decision.facts
    rulebook = await get_rulebook_by_hash(session, decision.program_id, facts.rulebook_hash)
    lists = {name: frozenset(entries) for name, entries in facts.lists.items()}
    return evaluate(rulebook, facts.fields, lists, draw=facts.draw)
