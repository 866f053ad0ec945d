"""Judges traffic that the schema's subset leaves out against the types of Stripe's own SDK.

Those are generated from the same document: parameters are typed dictionaries, objects are annotated classes.
"""

import builtins
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, ClassVar, Final, Literal, Union, get_args, get_origin, get_type_hints

import stripe
import typing_extensions
from stripe import params

from running_stripe import Exchange
from simulator.stripe.forms import parse_form


@dataclass(frozen=True, slots=True)
class Described:
    """An operation as the SDK describes it: what may be asked, and what is answered, alone or in a list."""

    method: str
    pattern: re.Pattern[str]
    asked: Any
    answered: Any


def _one(method: str, path: str, asked: Any, answered: Any) -> Described:
    return Described(method, re.compile(re.sub(r"{\w+}", "[^/]+", path)), asked, answered)


DESCRIBED: Final = (
    _one("POST", "/v1/customers", params.CustomerCreateParams, stripe.Customer),
    _one("GET", "/v1/customers", params.CustomerListParams, stripe.Customer),
    _one("GET", "/v1/customers/{id}", params.CustomerRetrieveParams, stripe.Customer),
    _one("POST", "/v1/customers/{id}", params.CustomerUpdateParams, stripe.Customer),
    _one("GET", "/v1/payment_methods", params.PaymentMethodListParams, stripe.PaymentMethod),
    _one("GET", "/v1/payment_methods/{id}", params.PaymentMethodRetrieveParams, stripe.PaymentMethod),
    _one("POST", "/v1/payment_methods/{id}/attach", params.PaymentMethodAttachParams, stripe.PaymentMethod),
    _one("POST", "/v1/payment_methods/{id}/detach", params.PaymentMethodDetachParams, stripe.PaymentMethod),
    _one("POST", "/v1/setup_intents", params.SetupIntentCreateParams, stripe.SetupIntent),
    _one("GET", "/v1/setup_intents", params.SetupIntentListParams, stripe.SetupIntent),
    _one("GET", "/v1/setup_intents/{id}", params.SetupIntentRetrieveParams, stripe.SetupIntent),
    _one("POST", "/v1/setup_intents/{id}/confirm", params.SetupIntentConfirmParams, stripe.SetupIntent),
    _one("POST", "/v1/setup_intents/{id}/cancel", params.SetupIntentCancelParams, stripe.SetupIntent),
    _one("GET", "/v1/disputes", params.DisputeListParams, stripe.Dispute),
    _one("GET", "/v1/disputes/{id}", params.DisputeRetrieveParams, stripe.Dispute),
    _one("POST", "/v1/disputes/{id}", params.DisputeUpdateParams, stripe.Dispute),
    _one("POST", "/v1/disputes/{id}/close", params.DisputeCloseParams, stripe.Dispute),
)
OBJECTS: Final[Mapping[str, Any]] = {
    kind.OBJECT_NAME: kind
    for kind in (stripe.Customer, stripe.PaymentMethod, stripe.SetupIntent, stripe.Dispute, stripe.Charge)
}


def find(exchange: Exchange) -> Described | None:
    """Return how the SDK describes what was asked; None when it is not among those above."""
    return next(
        (it for it in DESCRIBED if it.method == exchange.method and it.pattern.fullmatch(exchange.path)), None
    )


def problems(exchange: Exchange, described: Described) -> list[str]:
    """Judge a request that was served, and its answer."""
    given = parse_form(exchange.form if exchange.method == "POST" else exchange.query)
    found = [f"request: {text}" for text in _differences(given, described.asked, "", is_form=True)]
    body = exchange.body
    answers = body["data"] if body["object"] == "list" else [body]
    return found + [f"answer: {text}" for it in answers for text in object_problems(it, described.answered)]


def object_problems(obj: Any, kind: Any) -> list[str]:
    """Judge an object: members the SDK does not know, members it relies on, values of another type."""
    return _differences(obj, kind, kind.__name__, is_form=False)


def _differences(value: Any, hint: Any, where: str, *, is_form: bool) -> list[str]:
    choices = _choices(hint)
    if any(choice in (Any, _Anything) for choice in choices):
        return []
    found = [_by_type(value, choice, where, is_form=is_form) for choice in choices]
    # The nearest of the choices tells what is wrong.
    return min(found, key=len, default=[])


def _by_type(value: Any, hint: Any, where: str, *, is_form: bool) -> list[str]:
    origin = get_origin(hint)
    if isinstance(hint, type) and _is_described(hint):
        return _members(value, hint, where, is_form=is_form)
    if origin is list or (isinstance(hint, type) and issubclass(hint, stripe.ListObject)):
        return _elements(value, hint, where, is_form=is_form)
    if origin in (dict, Mapping) or (isinstance(origin, type) and issubclass(origin, Mapping)):
        return [] if isinstance(value, dict) else [f"{where}: no mapping"]
    if origin is Literal:
        return [] if value in get_args(hint) else [f"{where}: {value!r} is none of {get_args(hint)[:6]}"]
    if origin is not None:
        # Maps of texts, such as metadata, and what has no more structure than being an object.
        return [] if isinstance(value, dict) else [f"{where}: no object"]
    return [] if _is_of(value, hint, is_form=is_form) else [f"{where}: {value!r} is no {hint}"]


def _is_of(value: Any, kind: Any, *, is_form: bool) -> bool:
    if is_form and kind in (int, bool):
        return value in ("true", "false") if kind is bool else re.fullmatch(r"-?\d+", str(value)) is not None
    if kind in (int, float):
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, kind) if isinstance(kind, type) else False


def _members(value: Any, kind: type, where: str, *, is_form: bool) -> list[str]:
    if not isinstance(value, dict):
        return [f"{where}: no object"]
    hints = _hints(kind)
    found = [f"{where}.{name}: unknown to the SDK" for name in value if name not in hints]
    required = getattr(kind, "__required_keys__", None)
    if required is None:
        # What the SDK calls optional may be null or, with its own objects, left out.
        required = [name for name, hint in hints.items() if NoneType not in _choices(hint)]
    found += [f"{where}.{name}: missing" for name in required if name not in value]
    for name, member in value.items():
        if name in hints:
            found += _differences(member, hints[name], f"{where}.{name}", is_form=is_form)
    return found


def _elements(value: Any, hint: Any, where: str, *, is_form: bool) -> list[str]:
    elements = list(value.values()) if is_form and isinstance(value, dict) else value
    if not isinstance(elements, list):
        return [f"{where}: no list"]
    (kind,) = get_args(hint) or (Any,)
    return [text for it in elements for text in _differences(it, kind, f"{where}[]", is_form=is_form)]


def _is_described(kind: type) -> bool:
    return typing_extensions.is_typeddict(kind) or issubclass(kind, stripe.StripeObject)


def _choices(hint: Any) -> list[Any]:
    origin = get_origin(hint)
    if origin in (typing_extensions.NotRequired, typing_extensions.Required, ClassVar):
        return _choices(get_args(hint)[0])
    if origin in (Union, UnionType):
        flat = [choice for member in get_args(hint) for choice in _choices(member)]
        # Enumerations are open in the SDK (`Literal[...] | str`); what it names is what is real today.
        return [it for it in flat if it is not str] if any(get_origin(it) is Literal for it in flat) else flat
    return [hint]


class _Anything:
    """Stands for a class that only type checkers see."""

    def __class_getitem__(cls, _of: object) -> type["_Anything"]:
        return cls


class _Names(dict[str, Any]):
    """What annotations mean."""

    def __missing__(self, name: str) -> Any:
        return getattr(stripe, name, _Anything)


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    names = _Names({**vars(builtins), **vars(stripe), **vars(params), **vars(sys.modules[kind.__module__])})
    for scope in kind.__mro__:
        names.update(vars(scope))
    # Without what it inherits: that is the SDK's machinery.
    own = type(kind.__name__, (), {"__annotations__": dict(kind.__annotations__)})
    found = get_type_hints(own, globalns={}, localns=names, include_extras=True)
    return {
        name: hint
        for name, hint in found.items()
        if not name.startswith("_") and not name.isupper() and get_origin(hint) is not ClassVar
    }
