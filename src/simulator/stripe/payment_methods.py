"""Payment methods: test tokens, each a card with a fate of its own."""

from dataclasses import dataclass

from simulator.objects import JsonObject
from simulator.stripe.account import StripeAccount
from simulator.stripe.errors import missing_resource

KIND = "payment_method"
FATE_KIND = "stripe.payment_method_fate"


@dataclass(frozen=True, slots=True)
class Fate:
    """What happens to a charge of the card behind a token."""

    last4: str
    needs_authentication: bool = False
    decline_code: str | None = None
    message: str = ""


_DECLINED = "Your card was declined."
FATES: dict[str, Fate] = {
    "pm_card_visa": Fate("4242"),
    "pm_card_mastercard": Fate("4444"),
    "pm_card_chargeDeclined": Fate("0002", decline_code="generic_decline", message=_DECLINED),
    "pm_card_chargeDeclinedInsufficientFunds": Fate(
        "9995", decline_code="insufficient_funds", message="Your card has insufficient funds."
    ),
    "pm_card_chargeDeclinedFraudulent": Fate("0019", decline_code="fraudulent", message=_DECLINED),
    "pm_card_authenticationRequired": Fate("3184", needs_authentication=True),
    "pm_card_threeDSecure2Required": Fate("3220", needs_authentication=True),
}


def attach(account: StripeAccount, token_or_id: str) -> str:
    """Return the id of a payment method: a new one for a test token; StripeError 400 for an unknown one."""
    if account.objects.get(KIND, token_or_id) is not None:
        return token_or_id
    if token_or_id not in FATES:
        raise missing_resource("PaymentMethod", token_or_id, param="payment_method", status=400)
    method_id = account.objects.new_id("pm")
    account.objects.put(KIND, _payment_method(account, method_id, FATES[token_or_id]))
    account.objects.put(FATE_KIND, {"id": method_id, "token": token_or_id})
    return method_id


def fate_of(account: StripeAccount, method_id: str) -> Fate:
    """Return the fate of a payment method that exists."""
    kept = account.objects.get(FATE_KIND, method_id)
    if kept is None:
        raise LookupError(f"no token is known for {method_id}")
    return FATES[kept["token"]]


def render(account: StripeAccount, method: JsonObject) -> JsonObject:  # noqa: ARG001 - a Render's shape
    """Show a payment method, which is kept as it is shown."""
    return method


def _payment_method(account: StripeAccount, method_id: str, fate: Fate) -> JsonObject:
    return {
        "id": method_id,
        "object": KIND,
        "billing_details": {"address": None, "email": None, "name": None, "phone": None},
        "card": {
            "brand": "mastercard" if fate is FATES["pm_card_mastercard"] else "visa",
            "country": "US",
            "exp_month": 12,
            "exp_year": account.clock.now().year + 3,
            "funding": "credit",
            "last4": fate.last4,
        },
        "created": account.clock.timestamp(),
        "customer": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
    }
