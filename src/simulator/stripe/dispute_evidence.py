"""What a cardholder says and shows in a dispute: a group of parameters for each reason."""

from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from simulator.objects import JsonObject
from simulator.stripe import files, transactions
from simulator.stripe.account import StripeAccount
from simulator.stripe.errors import StripeError, missing_resource
from simulator.stripe.params import ClearableText, Params

Reason = Literal[
    "canceled",
    "duplicate",
    "fraudulent",
    "merchandise_not_as_described",
    "no_valid_authorization",
    "not_received",
    "other",
    "service_not_as_described",
]


def _none_if_empty(value: object) -> object:
    return None if value == "" else value


def _moment_from(value: object) -> int | None:
    if value == "":
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    raise PydanticCustomError(
        "parameter_invalid_integer", "Invalid timestamp: {value}", {"value": str(value)}
    )


def _flag_from(value: object) -> bool | None:
    flags = {"": None, "true": True, "false": False}
    if not isinstance(value, str) or value not in flags:
        raise PydanticCustomError("parameter_invalid_boolean", "Invalid boolean: {v}", {"v": str(value)})
    return flags[value]


Words = Annotated[Annotated[str, Field(max_length=1500)] | None, BeforeValidator(_none_if_empty)]
Moment = Annotated[int | None, BeforeValidator(_moment_from)]
ClearableFlag = Annotated[bool | None, BeforeValidator(_flag_from)]
ProductType = Annotated[Literal["merchandise", "service"] | None, BeforeValidator(_none_if_empty)]
ReturnStatus = Annotated[Literal["merchant_rejected", "successful"] | None, BeforeValidator(_none_if_empty)]


class Told(Params):
    """What every reason has."""

    additional_documentation: ClearableText = None
    explanation: Words = None


class Canceled(Told):
    """The cardholder canceled."""

    canceled_at: Moment = None
    cancellation_policy_provided: ClearableFlag = None
    cancellation_reason: Words = None
    expected_at: Moment = None
    product_description: Words = None
    product_type: ProductType = None
    return_status: ReturnStatus = None
    returned_at: Moment = None


class Duplicate(Told):
    """It was paid twice, or in another way."""

    card_statement: ClearableText = None
    cash_receipt: ClearableText = None
    check_image: ClearableText = None
    original_transaction: ClearableText = None


class MerchandiseNotAsDescribed(Told):
    """Another thing came, or a broken one."""

    received_at: Moment = None
    return_description: Words = None
    return_status: ReturnStatus = None
    returned_at: Moment = None


class Product(Told):
    """What was bought."""

    product_description: Words = None
    product_type: ProductType = None


class NotReceived(Product):
    """Nothing came."""

    expected_at: Moment = None


class ServiceNotAsDescribed(Told):
    """The service was another one."""

    canceled_at: Moment = None
    cancellation_reason: Words = None
    received_at: Moment = None


class Evidence(Params):
    """The reason, and the groups; the one named like the reason is what counts."""

    reason: Reason | None = None
    canceled: Annotated[Canceled | None, BeforeValidator(_none_if_empty)] = None
    duplicate: Annotated[Duplicate | None, BeforeValidator(_none_if_empty)] = None
    fraudulent: Annotated[Told | None, BeforeValidator(_none_if_empty)] = None
    merchandise_not_as_described: Annotated[
        MerchandiseNotAsDescribed | None, BeforeValidator(_none_if_empty)
    ] = None
    no_valid_authorization: Annotated[Told | None, BeforeValidator(_none_if_empty)] = None
    not_received: Annotated[NotReceived | None, BeforeValidator(_none_if_empty)] = None
    other: Annotated[Product | None, BeforeValidator(_none_if_empty)] = None
    service_not_as_described: Annotated[ServiceNotAsDescribed | None, BeforeValidator(_none_if_empty)] = None


NOTHING: Final[JsonObject] = {name: "other" if name == "reason" else None for name in Evidence.model_fields}
"""The evidence of a dispute of which nothing was said yet."""

_NEEDED: Final[dict[str, tuple[str, ...]]] = {
    "canceled": (
        "canceled_at", "cancellation_policy_provided", "cancellation_reason", "expected_at", "explanation",
        "product_description", "product_type",
    ),
    "duplicate": ("explanation", "original_transaction"),
    "fraudulent": ("explanation",),
    "merchandise_not_as_described": (
        "explanation", "received_at", "return_description", "return_status", "returned_at",
    ),
    "no_valid_authorization": ("explanation",),
    "not_received": ("expected_at", "explanation", "product_description", "product_type"),
    "other": ("explanation", "product_description", "product_type"),
    "service_not_as_described": ("canceled_at", "cancellation_reason", "explanation", "received_at"),
}  # fmt: skip
"""What must have been said, by the reason, before a dispute can be submitted."""
_FILES: Final = ("additional_documentation", "card_statement", "cash_receipt", "check_image")


def merged(account: StripeAccount, kept: JsonObject, given: Evidence | None) -> JsonObject:
    """Return evidence after a request: groups are merged member by member, an empty value removes one."""
    if given is None:
        return kept
    changed = dict(kept)
    for name in given.model_fields_set:
        group = getattr(given, name)
        if name == "reason":
            changed[name] = group or kept[name]
        elif group is None:
            changed[name] = None
        else:
            _ensure_known(account, name, group.given())
            blank = dict.fromkeys(type(group).model_fields)
            changed[name] = blank | (kept[name] or {}) | group.given()
    return changed


def ensure_complete(evidence: JsonObject) -> None:
    """Raise StripeError for the first thing that the network needs to be told and was not."""
    reason = evidence["reason"]
    told = evidence[reason] or {}
    for name in _NEEDED[reason]:
        if told.get(name) is None:
            raise StripeError(
                f"This dispute lacks evidence: {name}.",
                code="parameter_missing",
                param=f"evidence[{reason}][{name}]",
            )


def _ensure_known(account: StripeAccount, reason: str, given: JsonObject) -> None:
    for name in _FILES:
        file_id = given.get(name)
        if file_id is not None and account.objects.get(files.KIND, file_id) is None:
            raise missing_resource("file upload", file_id, param=f"evidence[{reason}][{name}]", status=400)
    original = given.get("original_transaction")
    if original is not None:
        account.get(transactions.KIND, original, noun="issuing transaction", param="original_transaction")
