"""Payment methods: test tokens, each a card with a fate of its own; attached to customers and detached."""

from dataclasses import dataclass
from typing import Literal

from simulator.objects import JsonObject
from simulator.stripe import customers
from simulator.stripe.account import StripeAccount
from simulator.stripe.errors import StripeError, card_error, missing_resource
from simulator.stripe.events import emit
from simulator.stripe.lists import ListParams, page
from simulator.stripe.operations import Call, Operation, Operations
from simulator.stripe.params import RequestParams, Text

KIND = "payment_method"
FATE_KIND = "stripe.payment_method_fate"
_PATH = "/v1/payment_methods"


@dataclass(frozen=True, slots=True)
class Fate:
    """What happens to a charge of the card behind a token, to its refund, and afterwards.

    `setup_exempts` says that a card which was set up needs no authentication any more; `declines_setup` that
    it is refused when it is to be kept already.
    """

    last4: str
    needs_authentication: bool = False
    setup_exempts: bool = False
    decline_code: str | None = None
    message: str = ""
    declines_setup: bool = True
    refund: Literal["succeeds", "pends", "fails"] = "succeeds"
    dispute: Literal["fraudulent", "product_not_received", "inquiry"] | None = None


_DECLINED = "Your card was declined."
FATES: dict[str, Fate] = {
    "pm_card_visa": Fate("4242"),
    "pm_card_mastercard": Fate("4444"),
    "pm_card_chargeDeclined": Fate("0002", decline_code="generic_decline", message=_DECLINED),
    "pm_card_chargeDeclinedInsufficientFunds": Fate(
        "9995", decline_code="insufficient_funds", message="Your card has insufficient funds."
    ),
    "pm_card_chargeDeclinedFraudulent": Fate("0019", decline_code="fraudulent", message=_DECLINED),
    "pm_card_chargeCustomerFail": Fate(
        "0341", decline_code="generic_decline", message=_DECLINED, declines_setup=False
    ),
    "pm_card_authenticationRequired": Fate("3184", needs_authentication=True),
    "pm_card_threeDSecure2Required": Fate("3220", needs_authentication=True),
    "pm_card_authenticationRequiredOnSetup": Fate("3155", needs_authentication=True, setup_exempts=True),
    "pm_card_pendingRefund": Fate("7726", refund="pends"),
    "pm_card_refundFail": Fate("5126", refund="fails"),
    "pm_card_createDispute": Fate("0259", dispute="fraudulent"),
    "pm_card_createDisputeProductNotReceived": Fate("2685", dispute="product_not_received"),
    "pm_card_createDisputeInquiry": Fate("1976", dispute="inquiry"),
}


class OfCustomer(RequestParams):
    """To whom a method is attached."""

    customer: Text


class ListMethods(ListParams):
    """The filters of the list."""

    customer: Text | None = None
    type: Literal["card"] | None = None


def take(account: StripeAccount, token_or_id: str) -> str:
    """Return the id of a payment method: a new one for a test token; StripeError 400 for an unknown one."""
    if account.objects.get(KIND, token_or_id) is not None:
        if _kept_fate(account, token_or_id).get("is_spent"):
            raise StripeError(
                "This PaymentMethod was detached from a Customer. It may not be used again.",
                param="payment_method",
            )
        return token_or_id
    if token_or_id not in FATES:
        raise missing_resource("PaymentMethod", token_or_id, param="payment_method", status=400)
    method_id = account.objects.new_id("pm")
    account.objects.put(KIND, _payment_method(account, method_id, FATES[token_or_id]))
    account.objects.put(FATE_KIND, {"id": method_id, "token": token_or_id})
    return method_id


def ensure_of_customer(account: StripeAccount, method_id: str, customer_id: str | None) -> None:
    """Raise StripeError when a method that is attached is used for anybody but its customer."""
    owner = get_method(account, method_id)["customer"]
    if owner is not None and owner != customer_id:
        raise StripeError(
            f"The PaymentMethod {method_id} belongs to the Customer {owner}. Please include the Customer in"
            " the `customer` parameter.",
            param="payment_method",
        )


def fate_of(account: StripeAccount, method_id: str) -> Fate:
    """Return the fate of a payment method that exists."""
    return FATES[_kept_fate(account, method_id)["token"]]


def needs_authentication(account: StripeAccount, method_id: str) -> bool:
    """Say whether a charge of the method has to be confirmed by the person."""
    fate = fate_of(account, method_id)
    is_exempt = fate.setup_exempts and bool(_kept_fate(account, method_id).get("is_set_up"))
    return fate.needs_authentication and not is_exempt


def attach(
    account: StripeAccount, method_id: str, customer_id: str, *, is_set_up: bool = False
) -> JsonObject:
    """Keep a method for a customer; doing it again changes nothing."""
    customers.get_customer(account, customer_id, "customer")
    method = get_method(account, method_id)
    if is_set_up:
        account.objects.put(FATE_KIND, _kept_fate(account, method_id) | {"is_set_up": True})
    if method["customer"] == customer_id:
        return method
    method["customer"] = customer_id
    account.objects.put(KIND, method)
    emit(account, "payment_method.attached", method)
    return method


def attach_by_request(call: Call, params: OfCustomer) -> JsonObject:
    """Attach a method without asking its bank for anything but whether the card is good."""
    account = call.account
    method_id = take(account, call.ids["payment_method"])
    ensure_of_customer(account, method_id, params.customer)
    fate = fate_of(account, method_id)
    if fate.decline_code is not None and fate.declines_setup:
        raise card_error(fate.message, code="card_declined", decline_code=fate.decline_code, extra={})
    return attach(account, method_id, params.customer)


def detach(call: Call, params: RequestParams) -> JsonObject:  # noqa: ARG001 - an operation's shape
    """Let a method go; it can never be used again."""
    account = call.account
    before = get_method(account, call.ids["payment_method"])
    if before["customer"] is None:
        raise StripeError(
            "The payment method you provided is not attached to a customer so detachment is impossible.",
            param="payment_method",
        )
    after = before | {"customer": None}
    account.objects.put(KIND, after)
    account.objects.put(FATE_KIND, _kept_fate(account, before["id"]) | {"is_spent": True})
    emit(account, "payment_method.detached", after, {"customer": before["customer"]})
    return after


def get_method(account: StripeAccount, method_id: str) -> JsonObject:
    """Return a method; StripeError when there is none."""
    return account.get(KIND, method_id, noun="PaymentMethod")


def retrieve(call: Call, params: RequestParams) -> JsonObject:  # noqa: ARG001 - an operation's shape
    """Show one method."""
    return get_method(call.account, call.ids["payment_method"])


def list_all(call: Call, params: ListMethods) -> JsonObject:
    """List the methods of a customer; without one there are none to list."""
    found = call.account.objects.list(
        KIND, where=lambda it: params.customer is not None and it["customer"] == params.customer
    )
    return page(found, params, call.path)


def render(account: StripeAccount, method: JsonObject) -> JsonObject:  # noqa: ARG001 - a Render's shape
    """Show a payment method, which is kept as it is shown."""
    return method


def _kept_fate(account: StripeAccount, method_id: str) -> JsonObject:
    kept = account.objects.get(FATE_KIND, method_id)
    if kept is None:
        raise LookupError(f"no token is known for {method_id}")
    return kept


def _payment_method(account: StripeAccount, method_id: str, fate: Fate) -> JsonObject:
    return {
        "id": method_id,
        "object": KIND,
        "allow_redisplay": "unspecified",
        "billing_details": {"address": None, "email": None, "name": None, "phone": None, "tax_id": None},
        "card": {
            "brand": "mastercard" if fate is FATES["pm_card_mastercard"] else "visa",
            "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
            "country": "US",
            "display_brand": "mastercard" if fate is FATES["pm_card_mastercard"] else "visa",
            "exp_month": 12,
            "exp_year": account.clock.now().year + 3,
            "fingerprint": None,
            "funding": "credit",
            "generated_from": None,
            "last4": fate.last4,
            "networks": None,
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "created": account.clock.timestamp(),
        "customer": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
    }


OPERATIONS: Operations = (
    Operation("GET", _PATH, ListMethods, list_all),
    Operation("GET", f"{_PATH}/{{payment_method}}", RequestParams, retrieve),
    Operation("POST", f"{_PATH}/{{payment_method}}/attach", OfCustomer, attach_by_request),
    Operation("POST", f"{_PATH}/{{payment_method}}/detach", RequestParams, detach),
)
