"""Issuing cardholders: the people and companies that cards are issued to."""

from typing import Annotated, Any, Literal

from pydantic import Field

from simulator.objects import JsonObject
from simulator.stripe.account import StripeAccount
from simulator.stripe.events import emit, emit_change
from simulator.stripe.lists import CreatedListParams, is_match, page
from simulator.stripe.operations import Call, Operation, Operations
from simulator.stripe.params import (
    ClearableMetadata,
    ClearableText,
    Integer,
    ListOf,
    Metadata,
    Params,
    RequestParams,
    Text,
    merged_metadata,
)
from simulator.stripe.spending import CardholderSpendingControls, Country, applied_controls

KIND = "issuing.cardholder"
MAX_NAME_LENGTH = 24
Name = Annotated[Text, Field(max_length=MAX_NAME_LENGTH)]
Status = Literal["active", "inactive"]
Kind = Literal["individual", "company"]
Locale = Literal["de", "en", "es", "fr", "it"]


class Address(Params):
    """A postal address."""

    city: Text
    country: Country
    line1: Text
    line2: ClearableText = None
    postal_code: Text
    state: ClearableText = None


class Billing(Params):
    """Where bills go."""

    address: Address


class Company(Params):
    """What a company tells beside its name."""

    tax_id: Text | None = None


class BirthDate(Params):
    """A date of birth."""

    day: Annotated[Integer, Field(ge=1, le=31)]
    month: Annotated[Integer, Field(ge=1, le=12)]
    year: Annotated[Integer, Field(ge=1900, le=2100)]


class TermsAcceptance(Params):
    """When and from where the terms were accepted."""

    date: Integer | None = None
    ip: Text | None = None
    user_agent: ClearableText = None


class CardIssuing(Params):
    """What issuing itself asks of a person."""

    user_terms_acceptance: TermsAcceptance | None = None


class Individual(Params):
    """What a person tells beside their name on the card."""

    card_issuing: CardIssuing | None = None
    dob: BirthDate | None = None
    first_name: Text | None = None
    last_name: Text | None = None


class CardholderFields(RequestParams):
    """What may be said at creation and later."""

    company: Company | None = None
    email: Annotated[Text, Field(pattern=r"^[^@\s]+@[^@\s]+$")] | None = None
    individual: Individual | None = None
    phone_number: Annotated[Text, Field(pattern=r"^\+?[0-9 ().-]{6,20}$")] | None = None
    preferred_locales: ListOf[Locale] | None = None
    spending_controls: CardholderSpendingControls | None = None
    status: Status = "active"


class CreateCardholder(CardholderFields):
    """The parameters of a new cardholder."""

    billing: Billing
    metadata: Metadata = Field(default_factory=dict)
    name: Name
    type: Kind = "individual"


class UpdateCardholder(CardholderFields):
    """The parameters of a change."""

    billing: Billing | None = None
    metadata: ClearableMetadata = None


class ListCardholders(CreatedListParams):
    """The filters of the list."""

    email: Text | None = None
    phone_number: Text | None = None
    status: Literal["active", "blocked", "inactive"] | None = None
    type: Kind | None = None


def create(call: Call, params: CreateCardholder) -> JsonObject:
    """Take a new cardholder in."""
    account = call.account
    cardholder: JsonObject = {
        "id": account.objects.new_id("ich"),
        "object": KIND,
        "billing": {"address": params.billing.address.model_dump()},
        "company": {"tax_id_provided": bool(params.company.tax_id)} if params.company else None,
        "created": account.clock.timestamp(),
        "email": params.email,
        "individual": _individual(None, params.individual),
        "livemode": False,
        "metadata": merged_metadata({}, params),
        "name": params.name,
        "phone_number": params.phone_number,
        "preferred_locales": params.preferred_locales,
        "spending_controls": applied_controls(None, params.spending_controls, None),
        "status": params.status,
        "type": params.type,
    }
    cardholder["requirements"] = _requirements(cardholder)
    account.objects.put(KIND, cardholder)
    emit(account, "issuing_cardholder.created", cardholder)
    return cardholder


def get_cardholder(account: StripeAccount, cardholder_id: str, param: str | None = None) -> JsonObject:
    """Return a cardholder; StripeError when there is none."""
    return account.get(KIND, cardholder_id, noun="issuing cardholder", param=param)


def render(account: StripeAccount, cardholder: JsonObject) -> JsonObject:  # noqa: ARG001 - a Render's shape
    """Show a cardholder, which is kept as it is shown."""
    return cardholder


def retrieve(call: Call, params: RequestParams) -> JsonObject:  # noqa: ARG001 - an operation's shape
    """Show one cardholder."""
    return get_cardholder(call.account, call.ids["cardholder"])


def update(call: Call, params: UpdateCardholder) -> JsonObject:
    """Change what the request gives and leave the rest."""
    account = call.account
    before = get_cardholder(account, call.ids["cardholder"])
    after = before | {name: getattr(params, name) for name in params.model_fields_set & _PLAIN_FIELDS}
    if params.billing is not None:
        after["billing"] = {"address": params.billing.address.model_dump()}
    if params.company is not None:
        after["company"] = {"tax_id_provided": bool(params.company.tax_id)}
    after["individual"] = _individual(before["individual"], params.individual)
    after["metadata"] = merged_metadata(before["metadata"], params)
    after["spending_controls"] = applied_controls(before["spending_controls"], params.spending_controls, None)
    after["requirements"] = _requirements(after)
    account.objects.put(KIND, after)
    emit_change(account, "issuing_cardholder.updated", before, after)
    return after


def list_all(call: Call, params: ListCardholders) -> JsonObject:
    """List cardholders."""
    found = call.account.objects.list(
        KIND, where=lambda it: is_match(it, params, "email", "phone_number", "status", "type")
    )
    return page(found, params, call.path)


_PLAIN_FIELDS = {"email", "phone_number", "preferred_locales", "status"}


def _individual(current: JsonObject | None, params: Individual | None) -> JsonObject | None:
    if params is None:
        return current
    shown: dict[str, Any] = current or {
        "card_issuing": None,
        "dob": None,
        "first_name": None,
        "last_name": None,
        "verification": {"document": None},
    }
    return shown | params.given()


def _requirements(cardholder: JsonObject) -> JsonObject:
    """Say what a person still owes: issuing wants their first and last name."""
    individual = cardholder["individual"] or {}
    past_due = [
        f"individual.{name}"
        for name in ("first_name", "last_name")
        if cardholder["type"] == "individual" and not individual.get(name)
    ]
    return {"disabled_reason": "requirements.past_due" if past_due else None, "past_due": past_due}


OPERATIONS: Operations = (
    Operation("POST", "/v1/issuing/cardholders", CreateCardholder, create),
    Operation("GET", "/v1/issuing/cardholders", ListCardholders, list_all),
    Operation("GET", "/v1/issuing/cardholders/{cardholder}", RequestParams, retrieve),
    Operation("POST", "/v1/issuing/cardholders/{cardholder}", UpdateCardholder, update),
)
