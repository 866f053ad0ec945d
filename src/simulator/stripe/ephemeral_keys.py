"""Ephemeral keys: with one of them, the elements in a page show one card for a quarter of an hour."""

import secrets
from typing import Final

from simulator.objects import JsonObject
from simulator.stripe import cards
from simulator.stripe.account import StripeAccount
from simulator.stripe.errors import StripeError, missing_resource, parameter_missing
from simulator.stripe.operations import Call, Operation, Operations
from simulator.stripe.params import RequestParams, Text

KIND: Final = "ephemeral_key"
NONCE_KIND: Final = "stripe.ephemeral_key_nonce"
LIFETIME_SECONDS: Final = 900
_SECRET_BYTES: Final = 24


class CreateEphemeralKey(RequestParams):
    """Parameters of POST /v1/ephemeral_keys; only issuing cards have keys here."""

    issuing_card: Text | None = None
    nonce: Text | None = None


def create(call: Call, params: CreateEphemeralKey) -> JsonObject:
    """Make a key for one card and the page that made the nonce; a nonce serves once."""
    if call.version is None:
        raise StripeError("Name the API version of the key in the Stripe-Version header.")
    if params.issuing_card is None:
        raise parameter_missing("issuing_card")
    if params.nonce is None:
        raise parameter_missing("nonce")
    card = cards.get_card(call.account, params.issuing_card, "issuing_card")
    _use_up(call.account, params.nonce)
    now = call.account.clock.timestamp()
    key = {
        "id": call.account.objects.new_id("ephkey"),
        "object": KIND,
        "associated_objects": [{"id": card["id"], "type": cards.KIND}],
        "created": now,
        "expires": now + LIFETIME_SECONDS,
        "livemode": False,
    }
    call.account.objects.put(KIND, key)
    return key | {"secret": f"ek_test_{secrets.token_urlsafe(_SECRET_BYTES)}"}


def delete(call: Call, params: RequestParams) -> JsonObject:  # noqa: ARG001 - an operation's shape
    """End a key before its time."""
    key = call.account.objects.get(KIND, call.ids["key"])
    if key is None or key["expires"] <= call.account.clock.timestamp():
        raise missing_resource("ephemeral key", call.ids["key"])
    ended = key | {"expires": call.account.clock.timestamp()}
    call.account.objects.put(KIND, ended)
    return ended


def _use_up(account: StripeAccount, nonce: str) -> None:
    if account.objects.get(NONCE_KIND, nonce) is not None:
        raise StripeError("This nonce was used already.", param="nonce")
    account.objects.put(NONCE_KIND, {"id": nonce})


OPERATIONS: Operations = (
    Operation("POST", "/v1/ephemeral_keys", CreateEphemeralKey, create),
    Operation("DELETE", "/v1/ephemeral_keys/{key}", RequestParams, delete),
)
