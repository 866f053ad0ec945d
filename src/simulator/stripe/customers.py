"""Customers: whose payment methods are kept, so that they can be charged again."""

from typing import Annotated

from pydantic import Field

from simulator.objects import JsonObject
from simulator.stripe.account import StripeAccount
from simulator.stripe.events import emit, emit_change
from simulator.stripe.lists import CreatedListParams, is_match, page
from simulator.stripe.operations import Call, Operation, Operations
from simulator.stripe.params import (
    ClearableMetadata,
    ClearableText,
    Metadata,
    RequestParams,
    Text,
    merged_metadata,
)

KIND = "customer"
_PATH = "/v1/customers"
_TEXTS = ("description", "email", "name", "phone")


class CreateCustomer(RequestParams):
    """The parameters of a new customer."""

    description: Text | None = None
    email: Annotated[Text, Field(max_length=512)] | None = None
    metadata: Metadata = Field(default_factory=dict)
    name: Annotated[Text, Field(max_length=256)] | None = None
    phone: Annotated[Text, Field(max_length=20)] | None = None


class UpdateCustomer(RequestParams):
    """The parameters of a change."""

    description: ClearableText = None
    email: ClearableText = None
    metadata: ClearableMetadata = None
    name: ClearableText = None
    phone: ClearableText = None


class ListCustomers(CreatedListParams):
    """The filters of the list."""

    email: Text | None = None


def create(call: Call, params: CreateCustomer) -> JsonObject:
    """Make a customer."""
    account = call.account
    customer = {
        "id": account.objects.new_id("cus"),
        "object": KIND,
        "address": None,
        "balance": 0,
        "created": account.clock.timestamp(),
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "discount": None,
        "invoice_prefix": None,
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": merged_metadata({}, params),
        "next_invoice_sequence": 1,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
        **{name: getattr(params, name) for name in _TEXTS},
    }
    account.objects.put(KIND, customer)
    emit(account, "customer.created", customer)
    return customer


def get_customer(account: StripeAccount, customer_id: str, param: str | None = None) -> JsonObject:
    """Return a customer; StripeError when there is none."""
    return account.get(KIND, customer_id, noun="customer", param=param)


def render(account: StripeAccount, customer: JsonObject) -> JsonObject:  # noqa: ARG001 - a Render's shape
    """Show a customer, which is kept as it is shown."""
    return customer


def retrieve(call: Call, params: RequestParams) -> JsonObject:  # noqa: ARG001 - an operation's shape
    """Show one customer."""
    return get_customer(call.account, call.ids["customer"])


def update(call: Call, params: UpdateCustomer) -> JsonObject:
    """Change what is known of a customer."""
    account = call.account
    before = get_customer(account, call.ids["customer"])
    given = {name: value for name, value in params.given().items() if name in _TEXTS}
    after = before | given | {"metadata": merged_metadata(before["metadata"], params)}
    account.objects.put(KIND, after)
    emit_change(account, "customer.updated", before, after)
    return after


def list_all(call: Call, params: ListCustomers) -> JsonObject:
    """List customers."""
    found = call.account.objects.list(KIND, where=lambda it: is_match(it, params, "email"))
    return page(found, params, call.path)


OPERATIONS: Operations = (
    Operation("POST", _PATH, CreateCustomer, create),
    Operation("GET", _PATH, ListCustomers, list_all),
    Operation("GET", f"{_PATH}/{{customer}}", RequestParams, retrieve),
    Operation("POST", f"{_PATH}/{{customer}}", UpdateCustomer, update),
)
