"""The way of a payment intent from its payment method to success, authentication, or refusal."""

from typing import Literal

from simulator.objects import JsonObject
from simulator.stripe import charge_disputes, charges, payment_methods
from simulator.stripe.account import StripeAccount
from simulator.stripe.errors import StripeError, card_error
from simulator.stripe.events import emit
from simulator.stripe.payment_methods import Fate

KIND = "payment_intent"
_CONFIRMABLE = {"requires_payment_method", "requires_confirmation", "requires_action"}


def give_method(account: StripeAccount, intent: JsonObject, token_or_id: str) -> None:
    """Put a payment method on an intent in place."""
    method_id = payment_methods.take(account, token_or_id)
    payment_methods.ensure_of_customer(account, method_id, intent["customer"])
    intent["payment_method"] = method_id
    intent["status"] = "requires_confirmation"
    account.objects.put(KIND, intent)


def ensure_confirmable(intent: JsonObject) -> None:
    """Raise StripeError when the intent is past confirmation."""
    if intent["status"] not in _CONFIRMABLE:
        raise unexpected_state(intent, "confirmed")


def unexpected_state(intent: JsonObject, verb: str) -> StripeError:
    """Say that the intent's status does not allow this."""
    return StripeError(
        f"A payment intent that is {intent['status']} cannot be {verb}.",
        code="payment_intent_unexpected_state",
        extra={"payment_intent": intent},
    )


def confirm(
    account: StripeAccount, intent: JsonObject, *, return_url: str | None, is_off_session: bool
) -> JsonObject:
    """Take the money, ask for authentication, or raise the card error of a refusal."""
    fate = payment_methods.fate_of(account, intent["payment_method"])
    needs_authentication = payment_methods.needs_authentication(account, intent["payment_method"])
    if needs_authentication and is_off_session:
        raise _refuse(account, intent, code="authentication_required", fate=_AUTHENTICATION_REQUIRED)
    if needs_authentication:
        return _require_action(account, intent, return_url)
    charge = charges.attempt(account, intent, fate)
    intent["latest_charge"] = charge["id"]
    if not charge["paid"]:
        raise _refuse(account, intent, code="card_declined", fate=fate)
    return _succeed(account, intent)


def authenticate(
    account: StripeAccount, intent: JsonObject, outcome: Literal["succeed", "fail"]
) -> JsonObject:
    """Let the person pass authentication or fail it; StripeError when none is waited for."""
    if intent["status"] != "requires_action":
        raise unexpected_state(intent, "authenticated")
    if outcome == "succeed":
        fate = payment_methods.fate_of(account, intent["payment_method"])
        intent["latest_charge"] = charges.attempt(account, intent, fate)["id"]
        return _succeed(account, intent)
    message = "The person did not pass authentication."
    _fail(account, intent, _error(account, intent, "payment_intent_authentication_failure", None, message))
    return intent


_AUTHENTICATION_REQUIRED = Fate(
    "0000", decline_code="authentication_required", message="This payment needs authentication."
)


def _require_action(account: StripeAccount, intent: JsonObject, return_url: str | None) -> JsonObject:
    url = account.page_url(f"payment_intents/{intent['id']}")
    intent |= {
        "status": "requires_action",
        "next_action": {
            "type": "redirect_to_url",
            "redirect_to_url": {"url": url, "return_url": return_url},
        },
    }
    account.objects.put(KIND, intent)
    emit(account, "payment_intent.requires_action", intent)
    return intent


def _succeed(account: StripeAccount, intent: JsonObject) -> JsonObject:
    intent |= {
        "status": "succeeded",
        "amount_received": intent["amount"],
        "last_payment_error": None,
        "next_action": None,
    }
    account.objects.put(KIND, intent)
    emit(account, "payment_intent.succeeded", intent)
    _dispute(account, intent)
    return intent


def _dispute(account: StripeAccount, intent: JsonObject) -> None:
    """Let those who dispute whatever they paid do so at once."""
    reason = payment_methods.fate_of(account, intent["payment_method"]).dispute
    if reason == "inquiry":
        charge_disputes.open_dispute(
            account, intent["latest_charge"], charge_disputes.NewDispute(is_inquiry=True)
        )
    elif reason is not None:
        charge_disputes.open_dispute(
            account, intent["latest_charge"], charge_disputes.NewDispute(reason=reason)
        )


def _refuse(account: StripeAccount, intent: JsonObject, *, code: str, fate: Fate) -> StripeError:
    error = _error(account, intent, code, fate.decline_code, fate.message)
    _fail(account, intent, error)
    extra = {name: error[name] for name in ("charge", "payment_method")} | {"payment_intent": intent}
    return card_error(fate.message, code=code, decline_code=fate.decline_code, extra=extra)


def _fail(account: StripeAccount, intent: JsonObject, error: JsonObject) -> None:
    intent |= {
        "status": "requires_payment_method",
        "last_payment_error": {name: value for name, value in error.items() if value is not None},
        "next_action": None,
        "payment_method": None,
    }
    account.objects.put(KIND, intent)
    emit(account, "payment_intent.payment_failed", intent)


def _error(
    account: StripeAccount, intent: JsonObject, code: str, decline_code: str | None, message: str
) -> JsonObject:
    kind = "card_error" if decline_code else "invalid_request_error"
    return {
        "charge": intent["latest_charge"] if code == "card_declined" else None,
        "code": code,
        "decline_code": decline_code,
        "message": message,
        "payment_method": account.objects.get(payment_methods.KIND, intent["payment_method"]),
        "type": kind,
    }
