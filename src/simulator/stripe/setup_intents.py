"""Setup intents: a payment method is made ready to be charged later, with its owner's consent."""

import secrets
from typing import Annotated, Any, Literal

from pydantic import Field

from simulator.objects import JsonObject
from simulator.stripe import customers, payment_methods
from simulator.stripe.account import StripeAccount
from simulator.stripe.errors import StripeError, card_error, parameter_missing
from simulator.stripe.events import emit
from simulator.stripe.lists import CreatedListParams, is_match, page
from simulator.stripe.operations import Call, Operation, Operations
from simulator.stripe.params import Flag, Metadata, Params, RequestParams, Text, merged_metadata

KIND = "setup_intent"
_PATH = "/v1/setup_intents"
_OPEN = {"requires_payment_method", "requires_confirmation", "requires_action"}


class AutomaticPaymentMethods(Params):
    """Whether the account's settings choose the ways to pay."""

    allow_redirects: Literal["always", "never"] = "always"
    enabled: Flag


class CreateSetup(RequestParams):
    """The parameters of a new setup intent."""

    automatic_payment_methods: AutomaticPaymentMethods | None = None
    confirm: Flag = False
    customer: Text | None = None
    description: Annotated[Text, Field(max_length=1000)] | None = None
    metadata: Metadata = Field(default_factory=dict)
    payment_method: Text | None = None
    return_url: Text | None = None
    usage: Literal["off_session", "on_session"] = "off_session"


class ConfirmSetup(RequestParams):
    """The parameters of a confirmation."""

    payment_method: Text | None = None
    return_url: Text | None = None


class CancelSetup(RequestParams):
    """The parameters of a cancellation."""

    cancellation_reason: Literal["abandoned", "duplicate", "requested_by_customer"] | None = None


class ListSetups(CreatedListParams):
    """The filters of the list."""

    customer: Text | None = None


def create(call: Call, params: CreateSetup) -> JsonObject:
    """Make a setup intent, and confirm it when asked to."""
    account = call.account
    if params.confirm and params.payment_method is None:
        raise parameter_missing("payment_method")
    if params.customer is not None:
        customers.get_customer(account, params.customer, "customer")
    setup = _new_setup(account, params)
    if params.payment_method is not None:
        _give_method(account, setup, params.payment_method)
    account.objects.put(KIND, setup)
    emit(account, "setup_intent.created", setup)
    return _confirm(account, setup, params.return_url) if params.confirm else setup


def get_setup(account: StripeAccount, setup_id: str) -> JsonObject:
    """Return a setup intent; StripeError when there is none."""
    return account.get(KIND, setup_id, noun="setupintent")


def render(account: StripeAccount, setup: JsonObject) -> JsonObject:  # noqa: ARG001 - a Render's shape
    """Show a setup intent, which is kept as it is shown."""
    return setup


def retrieve(call: Call, params: RequestParams) -> JsonObject:  # noqa: ARG001 - an operation's shape
    """Show one setup intent."""
    return get_setup(call.account, call.ids["intent"])


def confirm(call: Call, params: ConfirmSetup) -> JsonObject:
    """Try to make the method ready."""
    account = call.account
    setup = get_setup(account, call.ids["intent"])
    if setup["status"] not in _OPEN:
        raise _unexpected_state(setup, "confirmed")
    if params.payment_method is not None:
        _give_method(account, setup, params.payment_method)
    if setup["payment_method"] is None:
        raise parameter_missing("payment_method")
    return _confirm(account, setup, params.return_url)


def cancel(call: Call, params: CancelSetup) -> JsonObject:
    """Give a setup intent up before it succeeded."""
    account = call.account
    setup = get_setup(account, call.ids["intent"])
    if setup["status"] not in _OPEN:
        raise _unexpected_state(setup, "canceled")
    setup |= {
        "status": "canceled",
        "cancellation_reason": params.cancellation_reason,
        "next_action": None,
    }
    return _told(account, setup, "setup_intent.canceled")


def list_all(call: Call, params: ListSetups) -> JsonObject:
    """List setup intents."""
    found = call.account.objects.list(KIND, where=lambda it: is_match(it, params, "customer"))
    return page(found, params, call.path)


def authenticate(
    account: StripeAccount, setup: JsonObject, outcome: Literal["succeed", "fail"]
) -> JsonObject:
    """Let the person pass authentication or fail it; StripeError when none is waited for."""
    if setup["status"] != "requires_action":
        raise _unexpected_state(setup, "authenticated")
    if outcome == "succeed":
        return _succeed(account, setup)
    error = {
        "code": "setup_intent_authentication_failure",
        "message": "The person did not pass authentication.",
        "type": "invalid_request_error",
    }
    return _fail(account, setup, error)


def _give_method(account: StripeAccount, setup: JsonObject, token_or_id: str) -> None:
    method_id = payment_methods.take(account, token_or_id)
    payment_methods.ensure_of_customer(account, method_id, setup["customer"])
    setup |= {"payment_method": method_id, "status": "requires_confirmation"}


def _confirm(account: StripeAccount, setup: JsonObject, return_url: str | None) -> JsonObject:
    fate = payment_methods.fate_of(account, setup["payment_method"])
    if fate.decline_code is not None and fate.declines_setup:
        error = {
            "code": "card_declined",
            "decline_code": fate.decline_code,
            "message": fate.message,
            "type": "card_error",
        }
        failed = _fail(account, setup, error)
        raise card_error(
            fate.message,
            code="card_declined",
            decline_code=fate.decline_code,
            extra={"setup_intent": failed},
        )
    if payment_methods.needs_authentication(account, setup["payment_method"]):
        url = account.page_url(f"setup_intents/{setup['id']}")
        setup |= {
            "status": "requires_action",
            "next_action": {
                "type": "redirect_to_url",
                "redirect_to_url": {"url": url, "return_url": return_url},
            },
        }
        return _told(account, setup, "setup_intent.requires_action")
    return _succeed(account, setup)


def _succeed(account: StripeAccount, setup: JsonObject) -> JsonObject:
    if setup["customer"] is not None:
        payment_methods.attach(account, setup["payment_method"], setup["customer"], is_set_up=True)
    setup |= {"status": "succeeded", "next_action": None, "last_setup_error": None}
    return _told(account, setup, "setup_intent.succeeded")


def _fail(account: StripeAccount, setup: JsonObject, error: JsonObject) -> JsonObject:
    method = payment_methods.get_method(account, setup["payment_method"])
    setup |= {
        "status": "requires_payment_method",
        "last_setup_error": error | {"payment_method": method},
        "next_action": None,
        "payment_method": None,
    }
    return _told(account, setup, "setup_intent.setup_failed")


def _told(account: StripeAccount, setup: JsonObject, event_type: str) -> JsonObject:
    account.objects.put(KIND, setup)
    emit(account, event_type, setup)
    return setup


def _unexpected_state(setup: JsonObject, verb: str) -> StripeError:
    return StripeError(
        f"A setup intent that is {setup['status']} cannot be {verb}.",
        code="setup_intent_unexpected_state",
        extra={"setup_intent": setup},
    )


def _new_setup(account: StripeAccount, params: CreateSetup) -> JsonObject:
    setup_id = account.objects.new_id("seti")
    automatic = params.automatic_payment_methods
    setup: dict[str, Any] = {
        "id": setup_id,
        "object": KIND,
        "application": None,
        "automatic_payment_methods": automatic and automatic.model_dump(),
        "cancellation_reason": None,
        "client_secret": f"{setup_id}_secret_{secrets.token_urlsafe(18)}",
        "created": account.clock.timestamp(),
        "customer": params.customer,
        "description": params.description,
        "flow_directions": None,
        "last_setup_error": None,
        "latest_attempt": None,
        "livemode": False,
        "mandate": None,
        "metadata": merged_metadata({}, params),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "single_use_mandate": None,
        "status": "requires_payment_method",
        "usage": params.usage,
    }
    return setup


OPERATIONS: Operations = (
    Operation("POST", _PATH, CreateSetup, create),
    Operation("GET", _PATH, ListSetups, list_all),
    Operation("GET", f"{_PATH}/{{intent}}", RequestParams, retrieve),
    Operation("POST", f"{_PATH}/{{intent}}/confirm", ConfirmSetup, confirm),
    Operation("POST", f"{_PATH}/{{intent}}/cancel", CancelSetup, cancel),
)
