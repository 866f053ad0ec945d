"""The decision on an authorization: first the account's own checks, then the real-time webhook."""

import json
from dataclasses import dataclass, field

from simulator.objects import JsonObject
from simulator.stripe import authorizations, balances, cardholders, cards, controls
from simulator.stripe.account import StripeAccount
from simulator.stripe.card_numbers import is_expired
from simulator.stripe.events import KIND as EVENT_KIND
from simulator.stripe.events import new_event
from simulator.stripe.realtime import TOPIC, Answered, Decision, Late


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for on top of what is held: minor units of the card's and of the merchant's currency."""

    amount: int
    merchant_amount: int
    is_amount_controllable: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided: `amount` is what is approved, or refused, in the card's currency."""

    approved: bool
    amount: int
    reason: str
    requested_at: int
    message: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)


async def decide(account: StripeAccount, kept: JsonObject, asked: Asked) -> Verdict:
    """Decide on a kept authorization; the webhook is asked only about what the account itself would allow."""
    now = account.clock.timestamp()
    refusal = _refusal(account, kept, asked.amount)
    if refusal is not None:
        return Verdict(approved=False, amount=asked.amount, reason=refusal, requested_at=now)
    configuration = account.realtime.configuration()
    if configuration is None:
        return Verdict(approved=True, amount=asked.amount, reason="card_active", requested_at=now)
    body = _question(account, kept, asked)
    answer = await account.realtime.ask(body, configuration)
    if isinstance(answer, Answered):
        return _verdict_from(answer.decision, asked, now)
    if isinstance(answer, Late):
        return Verdict(answer.approved, asked.amount, "webhook_timeout", now)
    return Verdict(
        approved=False, amount=asked.amount, reason="webhook_error", requested_at=now, message=answer.problem
    )


def _refusal(account: StripeAccount, kept: JsonObject, amount: int) -> str | None:
    """Return the reason for which the account itself refuses, or None."""
    card = cards.get_card(account, kept["card"])
    cardholder = cardholders.get_cardholder(account, kept["cardholder"])
    checks = (
        (card["status"] == "active", f"card_{card['status']}"),
        (not is_expired(card, account.clock.now()), "card_expired"),
        (cardholder["status"] == "active", f"cardholder_{cardholder['status']}"),
        (not cardholder["requirements"]["past_due"], "cardholder_verification_required"),
        (balances.available(account, "issuing", kept["currency"]) >= amount, "insufficient_funds"),
        (controls.is_allowed(account, kept, amount), "spending_controls"),
    )
    return next((reason for has_passed, reason in checks if not has_passed), None)


def _question(account: StripeAccount, kept: JsonObject, asked: Asked) -> str:
    """Put the pending request on the authorization and write the event that asks about it."""
    kept["pending_request"] = {
        "amount": asked.amount,
        "amount_details": kept["amount_details"],
        "currency": kept["currency"],
        "is_amount_controllable": asked.is_amount_controllable,
        "merchant_amount": asked.merchant_amount,
        "merchant_currency": kept["merchant_currency"],
        "network_risk_score": None,
    }
    account.objects.put(authorizations.KIND, kept)
    event = new_event(account, TOPIC, authorizations.render(account, kept))
    account.objects.put(EVENT_KIND, event)
    return json.dumps(event)


def _verdict_from(decision: Decision, asked: Asked, requested_at: int) -> Verdict:
    """Take the endpoint's decision; its amount counts only when the merchant can take less."""
    amount = asked.amount
    if decision.approved and asked.is_amount_controllable and decision.amount is not None:
        if decision.amount > asked.amount:
            problem = "The answer approves more than was asked for."
            return Verdict(False, amount, "webhook_error", requested_at, message=problem)
        amount = decision.amount
    reason = "webhook_approved" if decision.approved else "webhook_declined"
    return Verdict(decision.approved, amount, reason, requested_at, metadata=decision.metadata)
