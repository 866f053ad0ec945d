"""The life of an authorization: authorized, incremented, captured, reversed, expired."""

import secrets

from simulator.objects import JsonObject
from simulator.stripe import authorizations, balances, cards, transactions
from simulator.stripe.account import StripeAccount
from simulator.stripe.authorizations import (
    PRIVATE,
    Purchase,
    captured_amount,
    get_authorization,
    render,
    save,
)
from simulator.stripe.engine import Asked, Verdict, decide
from simulator.stripe.errors import StripeError
from simulator.stripe.events import emit
from simulator.stripe.exchange import convert
from simulator.stripe.validity import validity_seconds


async def authorize(account: StripeAccount, purchase: Purchase) -> JsonObject:
    """Ask for a new authorization and return it as it is shown, approved or not."""
    card = cards.get_card(account, purchase.card_id, "card")
    kept = authorizations.new_authorization(account, card, purchase)
    account.objects.put(authorizations.KIND, kept)
    asked = Asked(purchase.amount, purchase.merchant_amount, purchase.is_amount_controllable)
    verdict = await decide(account, kept, asked)
    # Read again: while the endpoint thought, somebody may have changed the authorization's metadata.
    kept = get_authorization(account, kept["id"])
    _record(account, kept, verdict)
    if verdict.approved:
        kept["approved"] = True
        kept[PRIVATE]["expires_at"] = kept["created"] + validity_seconds(
            kept["merchant_data"], verdict.amount
        )
        _hold(account, kept, verdict.amount)
    else:
        kept["status"] = "closed"
        _set_amount(kept, verdict.amount)
    account.objects.put(authorizations.KIND, kept)
    shown = render(account, kept)
    emit(account, "issuing_authorization.created", shown)
    if verdict.approved:
        _cancel_used_up_card(account, kept["card"])
    return shown


async def increment(
    account: StripeAccount, authorization_id: str, amount: int, *, is_amount_controllable: bool
) -> JsonObject:
    """Ask for more on a pending authorization; a refusal leaves what is held as it was."""
    kept = get_authorization(account, authorization_id)
    _ensure_status(kept, {"pending"})
    asked = Asked(amount, _in_merchant_currency(kept, amount), is_amount_controllable)
    verdict = await decide(account, kept, asked)
    kept = get_authorization(account, authorization_id) | {"pending_request": None}
    _ensure_status(kept, {"pending"})
    before = render(account, kept)
    _record(account, kept, verdict)
    if verdict.approved:
        _hold(account, kept, verdict.amount)
    save(account, before, kept)
    return render(account, kept)


def capture(
    account: StripeAccount,
    authorization_id: str,
    amount: int | None,
    *,
    is_closing: bool,
    purchase_details: JsonObject | None,
) -> JsonObject:
    """Capture any amount (None: all that is, or was, held); never refused for state, controls or balance."""
    kept = get_authorization(account, authorization_id)
    _ensure_status(kept, {"pending", "expired"})
    before = render(account, kept)
    captured = (kept["amount"] or kept[PRIVATE]["expired_amount"]) if amount is None else amount
    if captured < 1:
        raise StripeError("There is nothing to capture.", param="capture_amount")
    if kept["amount"]:
        _release(account, kept, kept["amount"] if is_closing else min(kept["amount"], captured))
    kept[PRIVATE]["expired_amount"] = max(0, kept[PRIVATE]["expired_amount"] - captured)
    if is_closing:
        kept["status"] = "closed"
    transaction = transactions.book(
        account,
        "capture",
        amount=-captured,
        merchant_amount=-_in_merchant_currency(kept, captured),
        origin=kept,
        authorization_id=kept["id"],
        purchase_details=purchase_details,
    )
    kept["transactions"].append(transaction["id"])
    save(account, before, kept)
    transactions.announce(account, transaction)
    return render(account, kept)


def reverse(account: StripeAccount, authorization_id: str, amount: int | None) -> JsonObject:
    """Release a part of what is held, or all of it (None)."""
    kept = get_authorization(account, authorization_id)
    _ensure_status(kept, {"pending"})
    released = kept["amount"] if amount is None else amount
    if released > kept["amount"]:
        raise StripeError("This is more than the authorization holds.", param="reverse_amount")
    before = render(account, kept)
    _release(account, kept, released)
    if kept["amount"] == 0:
        kept["status"] = "closed" if captured_amount(account, kept) else "reversed"
    save(account, before, kept)
    return render(account, kept)


def expire(account: StripeAccount, authorization_id: str) -> JsonObject:
    """Release all that is held because no capture came in time; one may still come later."""
    kept = get_authorization(account, authorization_id)
    _ensure_status(kept, {"pending"})
    before = render(account, kept)
    kept[PRIVATE]["expired_amount"] = kept["amount"]
    _release(account, kept, kept["amount"])
    kept["status"] = "closed" if captured_amount(account, kept) else "expired"
    save(account, before, kept)
    return render(account, kept)


def expire_due(account: StripeAccount) -> None:
    """Expire every authorization whose time is over by the virtual clock, oldest first."""
    now = account.clock.timestamp()

    due = [
        it["id"]
        for it in account.objects.scan(authorizations.KIND)
        if it["approved"] and it["status"] == "pending" and it[PRIVATE]["expires_at"] <= now
    ]
    for authorization_id in due:
        expire(account, authorization_id)


def _ensure_status(kept: JsonObject, statuses: set[str]) -> None:
    if not kept["approved"] or kept["status"] not in statuses:
        outcome = kept["status"] if kept["approved"] else "declined"
        raise StripeError(
            f"This is not possible on an authorization that is {outcome}.", param="authorization"
        )


def _record(account: StripeAccount, kept: JsonObject, verdict: Verdict) -> None:
    """Note a decision in the authorization's history."""
    kept["pending_request"] = None
    kept["metadata"] |= verdict.metadata
    entry = {
        "amount": verdict.amount,
        "amount_details": kept["amount_details"],
        "approved": verdict.approved,
        "authorization_code": f"S{secrets.randbelow(10**6):06d}" if verdict.approved else None,
        "created": account.clock.timestamp(),
        "currency": kept["currency"],
        "merchant_amount": _in_merchant_currency(kept, verdict.amount),
        "merchant_currency": kept["merchant_currency"],
        "network_risk_score": None,
        "reason": verdict.reason,
        "reason_message": verdict.message,
        "requested_at": verdict.requested_at,
    }
    kept["request_history"].append(entry)


def _hold(account: StripeAccount, kept: JsonObject, amount: int) -> None:
    if amount:
        entry = balances.post(account, "issuing", balances.HOLD, -amount, kept["currency"], kept["id"])
        kept["balance_transactions"].append(entry["id"])
    _set_amount(kept, kept["amount"] + amount)


def _release(account: StripeAccount, kept: JsonObject, amount: int) -> None:
    if amount:
        entry = balances.post(account, "issuing", balances.RELEASE, amount, kept["currency"], kept["id"])
        kept["balance_transactions"].append(entry["id"])
    _set_amount(kept, kept["amount"] - amount)


def _set_amount(kept: JsonObject, amount: int) -> None:
    kept["amount"] = amount
    kept["merchant_amount"] = _in_merchant_currency(kept, amount)


def _in_merchant_currency(kept: JsonObject, amount: int) -> int:
    if kept["currency"] == kept["merchant_currency"]:
        return amount
    return convert(amount, kept["currency"], kept["merchant_currency"])


def _cancel_used_up_card(account: StripeAccount, card_id: str) -> None:
    """Cancel a card that was made for a number of payments once they are approved."""
    card = cards.get_card(account, card_id)
    if card["lifecycle_controls"] is None:
        return
    approved = sum(
        it["card"] == card_id and it["approved"] for it in account.objects.scan(authorizations.KIND)
    )
    if approved >= card["lifecycle_controls"]["cancel_after"]["payment_count"]:
        cards.save(account, card, card | {"status": "canceled"})
