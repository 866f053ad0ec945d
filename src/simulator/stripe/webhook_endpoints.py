"""Webhook endpoints and the events sent to them."""

from fnmatch import fnmatchcase
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from simulator.objects import JsonObject
from simulator.stripe.account import StripeAccount
from simulator.stripe.events import ENDPOINT_KIND, TYPES
from simulator.stripe.events import KIND as EVENT_KIND
from simulator.stripe.lists import CreatedListParams, ListParams, is_match, page
from simulator.stripe.operations import Call, Operation, Operations
from simulator.stripe.params import (
    ClearableMetadata,
    ClearableText,
    Flag,
    ListOf,
    Metadata,
    RequestParams,
    Text,
    merged_metadata,
)
from simulator.stripe.signatures import new_signing_secret

_PATH = "/v1/webhook_endpoints"


def _ensure_http(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise PydanticCustomError("url_invalid", "must be an http or https URL")
    return value


def _ensure_event_pattern(value: str) -> str:
    if not any(fnmatchcase(event_type, value) for event_type in TYPES):
        raise PydanticCustomError(
            "event_unknown", "names no event type known here: {value}", {"value": value}
        )
    return value


Url = Annotated[Text, AfterValidator(_ensure_http)]
EventPattern = Annotated[Text, AfterValidator(_ensure_event_pattern)]


class CreateEndpoint(RequestParams):
    """The parameters of a new endpoint."""

    api_version: Text | None = None
    connect: Flag = False
    description: ClearableText = None
    enabled_events: ListOf[EventPattern]
    metadata: Metadata = Field(default_factory=dict)
    url: Url


class UpdateEndpoint(RequestParams):
    """The parameters of a change."""

    description: ClearableText = None
    disabled: Flag | None = None
    enabled_events: ListOf[EventPattern] | None = None
    metadata: ClearableMetadata = None
    url: Url | None = None


class ListEvents(CreatedListParams):
    """The filters of the list of events."""

    delivery_success: Flag | None = None
    type: Text | None = None
    types: ListOf[Text] | None = None


def create(call: Call, params: CreateEndpoint) -> JsonObject:
    """Register an endpoint; its signing secret is shown this once."""
    account = call.account
    endpoint = {
        "id": account.objects.new_id("we"),
        "object": ENDPOINT_KIND,
        "api_version": params.api_version,
        "application": None,
        "created": account.clock.timestamp(),
        "description": params.description,
        "enabled_events": params.enabled_events,
        "livemode": False,
        "metadata": merged_metadata({}, params),
        "secret": new_signing_secret(),
        "status": "enabled",
        "url": params.url,
    }
    account.objects.put(ENDPOINT_KIND, endpoint)
    return endpoint


def retrieve(call: Call, params: RequestParams) -> JsonObject:  # noqa: ARG001 - an operation's shape
    """Show one endpoint."""
    return _without_secret(_get_endpoint(call))


def update(call: Call, params: UpdateEndpoint) -> JsonObject:
    """Change what the request gives."""
    endpoint = _get_endpoint(call)
    changed: dict[str, Any] = {"metadata": merged_metadata(endpoint["metadata"], params)}
    if "description" in params.model_fields_set:
        changed["description"] = params.description
    if params.disabled is not None:
        changed["status"] = "disabled" if params.disabled else "enabled"
    if params.enabled_events is not None:
        changed["enabled_events"] = params.enabled_events
    if params.url is not None:
        changed["url"] = params.url
    call.account.objects.put(ENDPOINT_KIND, endpoint | changed)
    return _without_secret(endpoint | changed)


def delete(call: Call, params: RequestParams) -> JsonObject:  # noqa: ARG001 - an operation's shape
    """Forget an endpoint and what was still on its way to it."""
    endpoint = _get_endpoint(call)
    call.account.objects.delete(ENDPOINT_KIND, endpoint["id"])
    call.account.dispatcher.abandon(endpoint["id"])
    return {"id": endpoint["id"], "object": ENDPOINT_KIND, "deleted": True}


def list_all(call: Call, params: ListParams) -> JsonObject:
    """List endpoints."""
    return page(call.account.objects.list(ENDPOINT_KIND), params, call.path, _without_secret)


def retrieve_event(call: Call, params: RequestParams) -> JsonObject:  # noqa: ARG001 - an operation's shape
    """Show one event."""
    return render_event(call.account, call.account.get(EVENT_KIND, call.ids["event"], noun="event"))


def render_event(account: StripeAccount, event: JsonObject) -> JsonObject:
    """Show an event with the number of endpoints that have not confirmed it yet."""
    open_deliveries = [it for it in account.dispatcher.deliveries(event["id"]) if it["status"] != "delivered"]
    return event | {"pending_webhooks": len(open_deliveries)}


def list_events(call: Call, params: ListEvents) -> JsonObject:
    """List events."""

    def is_wanted(event: JsonObject) -> bool:
        if not is_match(event, params, "type"):
            return False
        return params.types is None or event["type"] in params.types

    found = call.account.objects.list(EVENT_KIND, where=is_wanted)
    if params.delivery_success is not None:
        found = [
            event
            for event in found
            if (render_event(call.account, event)["pending_webhooks"] == 0) is params.delivery_success
        ]
    return page(found, params, call.path, lambda event: render_event(call.account, event))


def _get_endpoint(call: Call) -> JsonObject:
    return call.account.get(ENDPOINT_KIND, call.ids["endpoint"], noun="webhook endpoint")


def _without_secret(endpoint: JsonObject) -> JsonObject:
    return {name: value for name, value in endpoint.items() if name != "secret"}


OPERATIONS: Operations = (
    Operation("POST", _PATH, CreateEndpoint, create),
    Operation("GET", _PATH, ListParams, list_all),
    Operation("GET", f"{_PATH}/{{endpoint}}", RequestParams, retrieve),
    Operation("POST", f"{_PATH}/{{endpoint}}", UpdateEndpoint, update),
    Operation("DELETE", f"{_PATH}/{{endpoint}}", RequestParams, delete),
    Operation("GET", "/v1/events", ListEvents, list_events),
    Operation("GET", "/v1/events/{event}", RequestParams, retrieve_event),
)
