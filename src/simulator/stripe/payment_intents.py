"""Payment intents: money coming in by card, at once, after authentication, or not at all."""

import secrets
from typing import Annotated, Any, Literal

from pydantic import Field

from simulator.objects import JsonObject
from simulator.stripe import confirmation, customers, misreporting
from simulator.stripe.account import StripeAccount
from simulator.stripe.confirmation import KIND
from simulator.stripe.errors import StripeError, missing_resource, parameter_missing
from simulator.stripe.events import emit
from simulator.stripe.lists import CreatedListParams, is_match, page
from simulator.stripe.operations import Call, Operation, Operations
from simulator.stripe.params import (
    Currency,
    Flag,
    Integer,
    ListOf,
    Metadata,
    Params,
    RequestParams,
    Text,
    merged_metadata,
)

MIN_AMOUNT = 50
MAX_AMOUNT = 999_999_99
_PATH = "/v1/payment_intents"


class AutomaticPaymentMethods(Params):
    """Whether the account's settings choose the ways to pay."""

    allow_redirects: Literal["always", "never"] = "always"
    enabled: Flag


class CreateIntent(RequestParams):
    """The parameters of a new intent."""

    allowed_payment_method_types: ListOf[Literal["card"]] | None = None
    amount: Integer
    automatic_payment_methods: AutomaticPaymentMethods | None = None
    capture_method: Text = "automatic"
    confirm: Flag = False
    currency: Currency
    customer: Text | None = None
    description: Annotated[Text, Field(max_length=1000)] | None = None
    metadata: Metadata = Field(default_factory=dict)
    off_session: Flag = False
    payment_method: Text | None = None
    receipt_email: Text | None = None
    return_url: Text | None = None


class ConfirmIntent(RequestParams):
    """The parameters of a confirmation; a browser proves itself with the client secret."""

    client_secret: Text | None = None
    off_session: Flag = False
    payment_method: Text | None = None
    receipt_email: Text | None = None
    return_url: Text | None = None


class RetrieveIntent(RequestParams):
    """The parameters of a retrieval."""

    client_secret: Text | None = None


class CancelIntent(RequestParams):
    """The parameters of a cancellation."""

    cancellation_reason: Literal["abandoned", "duplicate", "fraudulent", "requested_by_customer"] | None = (
        None
    )


class ListIntents(CreatedListParams):
    """The filters of the list."""

    customer: Text | None = None


def create(call: Call, params: CreateIntent) -> JsonObject:
    """Make an intent, and confirm it when asked to."""
    account = call.account
    _ensure_possible(params)
    if params.customer is not None:
        customers.get_customer(account, params.customer, "customer")
    intent = _new_intent(account, params)
    if params.payment_method is not None:
        confirmation.give_method(account, intent, params.payment_method)
    account.objects.put(KIND, intent)
    emit(account, "payment_intent.created", intent)
    if not params.confirm:
        return intent
    return confirmation.confirm(
        account, intent, return_url=params.return_url, is_off_session=params.off_session
    )


def get_intent(account: StripeAccount, intent_id: str) -> JsonObject:
    """Return an intent; StripeError when there is none."""
    return account.get(KIND, intent_id, noun="payment_intent")


def render(account: StripeAccount, intent: JsonObject) -> JsonObject:  # noqa: ARG001 - a Render's shape
    """Show an intent, which is kept as it is shown."""
    return intent


def retrieve(call: Call, params: RetrieveIntent) -> JsonObject:
    """Show one intent."""
    intent = get_intent(call.account, call.ids["intent"])
    _ensure_known_to_browser(call, intent, params.client_secret)
    return intent


def confirm(call: Call, params: ConfirmIntent) -> JsonObject:
    """Try to take the money."""
    account = call.account
    intent = get_intent(account, call.ids["intent"])
    _ensure_known_to_browser(call, intent, params.client_secret)
    confirmation.ensure_confirmable(intent)
    if params.payment_method is not None:
        confirmation.give_method(account, intent, params.payment_method)
    if intent["payment_method"] is None:
        raise parameter_missing("payment_method")
    if params.receipt_email is not None:
        intent["receipt_email"] = params.receipt_email
    return confirmation.confirm(
        account, intent, return_url=params.return_url, is_off_session=params.off_session
    )


def cancel(call: Call, params: CancelIntent) -> JsonObject:
    """Give an intent up before it succeeded."""
    account = call.account
    intent = get_intent(account, call.ids["intent"])
    if intent["status"] in {"succeeded", "canceled"}:
        raise confirmation.unexpected_state(intent, "canceled")
    intent |= {
        "status": "canceled",
        "canceled_at": account.clock.timestamp(),
        "cancellation_reason": params.cancellation_reason,
        "next_action": None,
    }
    account.objects.put(KIND, intent)
    emit(account, "payment_intent.canceled", intent)
    return intent


def list_all(call: Call, params: ListIntents) -> JsonObject:
    """List intents."""
    found = call.account.objects.list(KIND, where=lambda it: is_match(it, params, "customer"))
    return page(misreporting.reported(call.account, found), params, call.path)


def _ensure_possible(params: CreateIntent) -> None:
    if params.confirm and params.payment_method is None:
        raise parameter_missing("payment_method")
    if params.capture_method not in {"automatic", "automatic_async"}:
        raise StripeError("This account captures automatically only.", param="capture_method")
    if params.amount < MIN_AMOUNT:
        raise StripeError(
            f"The amount must be at least {MIN_AMOUNT}.", code="amount_too_small", param="amount"
        )
    if params.amount > MAX_AMOUNT:
        raise StripeError(
            f"The amount must be at most {MAX_AMOUNT}.", code="amount_too_large", param="amount"
        )
    if params.automatic_payment_methods is not None and params.allowed_payment_method_types is not None:
        raise StripeError(
            "Either list payment method types or let them be chosen automatically.",
            param="allowed_payment_method_types",
        )


def _ensure_known_to_browser(call: Call, intent: JsonObject, client_secret: str | None) -> None:
    """Give away nothing to a public key that does not come with the intent's secret."""
    is_right = secrets.compare_digest(client_secret or "", intent["client_secret"])
    if (call.is_publishable or client_secret is not None) and not is_right:
        raise missing_resource("payment_intent", intent["id"], param="intent")


def _new_intent(account: StripeAccount, params: CreateIntent) -> JsonObject:
    intent_id = account.objects.new_id("pi")
    automatic = params.automatic_payment_methods
    intent: dict[str, Any] = {
        "id": intent_id,
        "object": KIND,
        "allowed_payment_method_types": params.allowed_payment_method_types,
        "amount": params.amount,
        "amount_capturable": 0,
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": automatic and automatic.model_dump(),
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": params.capture_method,
        "client_secret": f"{intent_id}_secret_{secrets.token_urlsafe(18)}",
        "confirmation_method": "automatic",
        "created": account.clock.timestamp(),
        "currency": params.currency,
        "customer": params.customer,
        "description": params.description,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": merged_metadata({}, params),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "processing": None,
        "receipt_email": params.receipt_email,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
    }
    return intent


OPERATIONS: Operations = (
    Operation("POST", _PATH, CreateIntent, create),
    Operation("GET", _PATH, ListIntents, list_all),
    Operation("GET", f"{_PATH}/{{intent}}", RetrieveIntent, retrieve, allows_publishable=True),
    Operation("POST", f"{_PATH}/{{intent}}/confirm", ConfirmIntent, confirm, allows_publishable=True),
    Operation("POST", f"{_PATH}/{{intent}}/cancel", CancelIntent, cancel),
)
