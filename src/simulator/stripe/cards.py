"""Issuing cards: virtual ones, whose number and code only an expanding retrieval shows."""

from typing import Annotated, Any, Literal

from pydantic import Field

from simulator.objects import JsonObject
from simulator.stripe import cardholders
from simulator.stripe.account import StripeAccount
from simulator.stripe.card_numbers import default_expiry, get_card_secret, is_expired, new_card_secret
from simulator.stripe.errors import StripeError, parameter_missing
from simulator.stripe.events import emit, emit_change
from simulator.stripe.lists import CreatedListParams, is_match, page
from simulator.stripe.operations import Call, Operation, Operations
from simulator.stripe.params import (
    ClearableMetadata,
    ClearableText,
    Currency,
    Integer,
    Metadata,
    Params,
    PositiveInteger,
    RequestParams,
    Text,
    merged_metadata,
)
from simulator.stripe.spending import SpendingControls, applied_controls

KIND = "issuing.card"
HIDDEN = frozenset({"number", "cvc"})
Month = Annotated[Integer, Field(ge=1, le=12)]
Year = Annotated[Integer, Field(ge=2000, le=2100)]


class CancelAfter(Params):
    """After how many payments a card cancels itself."""

    payment_count: PositiveInteger


class LifecycleControls(Params):
    """How long a card lives."""

    cancel_after: CancelAfter


class CreateCard(RequestParams):
    """The parameters of a new card."""

    cardholder: Text | None = None
    currency: Currency
    exp_month: Month | None = None
    exp_year: Year | None = None
    lifecycle_controls: LifecycleControls | None = None
    metadata: Metadata = Field(default_factory=dict)
    replacement_for: Text | None = None
    replacement_reason: Literal["damaged", "expired", "lost", "stolen"] | None = None
    second_line: ClearableText = None
    spending_controls: SpendingControls | None = None
    status: Literal["active", "inactive"] = "inactive"
    type: Literal["virtual", "physical"]


class UpdateCard(RequestParams):
    """The parameters of a change."""

    cancellation_reason: Literal["lost", "stolen"] | None = None
    metadata: ClearableMetadata = None
    spending_controls: SpendingControls | None = None
    status: Literal["active", "canceled", "inactive"] | None = None


class ListCards(CreatedListParams):
    """The filters of the list."""

    cardholder: Text | None = None
    exp_month: Month | None = None
    exp_year: Year | None = None
    last4: Text | None = None
    status: Literal["active", "canceled", "inactive"] | None = None
    type: Literal["virtual", "physical"] | None = None


def create(call: Call, params: CreateCard) -> JsonObject:
    """Issue a card to a cardholder."""
    account = call.account
    if params.type == "physical":
        raise StripeError("This account issues virtual cards only.", param="type")
    cardholder_id = _cardholder_id(account, params)
    if params.status == "active":
        _ensure_may_be_active(account, cardholder_id)
    card_id = account.objects.new_id("ic")
    secret = new_card_secret(account, card_id)
    card = _new_card(account, params, card_id, cardholder_id, last4=secret["number"][-4:])
    account.objects.put(KIND, card)
    if params.replacement_for is not None:
        _mark_replaced(account, params.replacement_for, card_id)
    shown = render(account, card)
    emit(account, "issuing_card.created", shown)
    return shown


def get_card(account: StripeAccount, card_id: str, param: str | None = None) -> JsonObject:
    """Return a card as it is kept, its cardholder as an id; StripeError when there is none."""
    return account.get(KIND, card_id, noun="issuing card", param=param)


def render(account: StripeAccount, card: JsonObject) -> JsonObject:
    """Show a kept card: its cardholder is embedded whole."""
    return card | {"cardholder": cardholders.get_cardholder(account, card["cardholder"])}


def retrieve(call: Call, params: RequestParams) -> JsonObject:
    """Show one card, with its number and code when the request expands them."""
    card = render(call.account, get_card(call.account, call.ids["card"]))
    secret = get_card_secret(call.account, card["id"])
    return card | {name: secret[name] for name in HIDDEN & set(params.expand)}


def update(call: Call, params: UpdateCard) -> JsonObject:
    """Change what the request gives; a canceled card stays canceled."""
    account = call.account
    before = get_card(account, call.ids["card"])
    if before["status"] == "canceled" and params.status not in {None, "canceled"}:
        raise StripeError("A canceled card cannot be used again.", param="status")
    if params.status == "active" and before["status"] != "active":
        _ensure_may_be_active(account, before["cardholder"])
    if params.cancellation_reason is not None and params.status != "canceled":
        raise StripeError("Only a card that is being canceled has this.", param="cancellation_reason")
    after = before | {
        "status": params.status or before["status"],
        "cancellation_reason": params.cancellation_reason or before["cancellation_reason"],
        "metadata": merged_metadata(before["metadata"], params),
        "spending_controls": applied_controls(
            before["spending_controls"], params.spending_controls, before["currency"]
        ),
    }
    return save(account, before, after)


def save(account: StripeAccount, before: JsonObject, after: JsonObject) -> JsonObject:
    """Keep a changed card, tell of the change, and show the card."""
    account.objects.put(KIND, after)
    shown = render(account, after)
    emit_change(account, "issuing_card.updated", render(account, before), shown)
    return shown


def list_all(call: Call, params: ListCards) -> JsonObject:
    """List cards."""
    found = call.account.objects.list(
        KIND,
        where=lambda it: is_match(
            it, params, "cardholder", "exp_month", "exp_year", "last4", "status", "type"
        ),
    )
    return page(found, params, call.path, lambda card: render(call.account, card))


def _cardholder_id(account: StripeAccount, params: CreateCard) -> str:
    if params.replacement_for is not None:
        replaced = get_card(account, params.replacement_for, "replacement_for")
        if params.replacement_reason is None:
            raise parameter_missing("replacement_reason")
        return str(replaced["cardholder"])
    if params.cardholder is None:
        raise parameter_missing("cardholder")
    return str(cardholders.get_cardholder(account, params.cardholder, "cardholder")["id"])


def _ensure_may_be_active(account: StripeAccount, cardholder_id: str) -> None:
    cardholder = cardholders.get_cardholder(account, cardholder_id)
    if cardholder["requirements"]["disabled_reason"] is not None:
        raise StripeError(
            "The cardholder has outstanding requirements: no card can be active.", param="status"
        )
    if cardholder["status"] != "active":
        raise StripeError(f"The cardholder is {cardholder['status']}: no card can be active.", param="status")


def _new_card(
    account: StripeAccount, params: CreateCard, card_id: str, cardholder_id: str, *, last4: str
) -> JsonObject:
    month, year = default_expiry(account.clock.now())
    card: dict[str, Any] = {
        "id": card_id,
        "object": KIND,
        "brand": "Visa",
        "cancellation_reason": None,
        "cardholder": cardholder_id,
        "created": account.clock.timestamp(),
        "currency": params.currency,
        "exp_month": params.exp_month or month,
        "exp_year": params.exp_year or year,
        "financial_account": None,
        "last4": last4,
        "latest_fraud_warning": None,
        "lifecycle_controls": params.lifecycle_controls and params.lifecycle_controls.model_dump(),
        "livemode": False,
        "metadata": merged_metadata({}, params),
        "personalization_design": None,
        "replaced_by": None,
        "replacement_for": params.replacement_for,
        "replacement_reason": params.replacement_reason,
        "second_line": params.second_line,
        "shipping": None,
        "spending_controls": applied_controls(None, params.spending_controls, params.currency),
        "status": params.status,
        "type": params.type,
        "wallets": _wallets(),
    }
    if is_expired(card, account.clock.now()):
        raise StripeError("The card would be expired already.", param="exp_year")
    return card


def _wallets() -> JsonObject:
    eligible = {"eligible": True, "ineligible_reason": None}
    return {"apple_pay": eligible, "google_pay": dict(eligible), "primary_account_identifier": None}


def _mark_replaced(account: StripeAccount, old_id: str, new_id: str) -> None:
    before = get_card(account, old_id)
    save(account, before, before | {"replaced_by": new_id})


OPERATIONS: Operations = (
    Operation("POST", "/v1/issuing/cards", CreateCard, create),
    Operation("GET", "/v1/issuing/cards", ListCards, list_all),
    Operation("GET", "/v1/issuing/cards/{card}", RequestParams, retrieve, expands_hidden=HIDDEN),
    Operation("POST", "/v1/issuing/cards/{card}", UpdateCard, update),
)
