"""Spending controls as parameters: what a card or a cardholder may be used for, and how much."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from simulator.objects import JsonObject
from simulator.stripe.categories import ControlledCategory
from simulator.stripe.params import Currency, ListOf, NaturalInteger, Params, Text

Interval = Literal["per_authorization", "daily", "weekly", "monthly", "yearly", "all_time"]
CardPresence = Literal["present", "not_present"]
COUNTRY_LENGTH = 2
_LISTS = (
    "allowed_card_presences",
    "allowed_categories",
    "allowed_merchant_countries",
    "blocked_card_presences",
    "blocked_categories",
    "blocked_merchant_countries",
)


def _ensure_country(value: str) -> str:
    if len(value) != COUNTRY_LENGTH or not value.isalpha():
        raise PydanticCustomError("country_unknown", "must be a two-letter country code")
    return value.upper()


Country = Annotated[Text, AfterValidator(_ensure_country)]


class SpendingLimit(Params):
    """At most `amount` minor units per interval, at merchants of some categories or of all."""

    amount: NaturalInteger
    categories: ListOf[ControlledCategory] = Field(default_factory=list)
    interval: Interval


class SpendingControls(Params):
    """What is allowed or blocked; of each pair only one list may be given."""

    allowed_card_presences: ListOf[CardPresence] = Field(default_factory=list)
    allowed_categories: ListOf[ControlledCategory] = Field(default_factory=list)
    allowed_merchant_countries: ListOf[Country] = Field(default_factory=list)
    blocked_card_presences: ListOf[CardPresence] = Field(default_factory=list)
    blocked_categories: ListOf[ControlledCategory] = Field(default_factory=list)
    blocked_merchant_countries: ListOf[Country] = Field(default_factory=list)
    spending_limits: ListOf[SpendingLimit] = Field(default_factory=list)

    @model_validator(mode="after")
    def _ensure_one_of_each_pair(self) -> Self:
        for what in ("card_presences", "categories", "merchant_countries"):
            if getattr(self, f"allowed_{what}") and getattr(self, f"blocked_{what}"):
                raise PydanticCustomError(
                    "controls_conflict", "cannot both allow and block {what}", {"what": what}
                )
        return self


class CardholderSpendingControls(SpendingControls):
    """A cardholder's controls also name the currency of their limits."""

    spending_limits_currency: Currency | None = None


def applied_controls(
    current: JsonObject | None, params: SpendingControls | None, currency: str | None
) -> JsonObject:
    """Return the controls as an object shows them; lists that a request leaves out stay as they were."""
    shown: dict[str, Any] = dict(current or dict.fromkeys(_LISTS) | {"spending_limits": []})
    shown["spending_limits_currency"] = shown.get("spending_limits_currency") or currency
    if params is None:
        return shown
    given = params.model_dump()
    for name in params.model_fields_set - {"spending_limits", "spending_limits_currency"}:
        shown[name] = given[name] or None
        opposite = _opposite(name)
        if given[name]:
            shown[opposite] = None
    if "spending_limits" in params.model_fields_set:
        shown["spending_limits"] = given["spending_limits"]
    shown["spending_limits_currency"] = (
        given.get("spending_limits_currency") or shown["spending_limits_currency"]
    )
    return shown


def _opposite(name: str) -> str:
    side, _, what = name.partition("_")
    return f"{'blocked' if side == 'allowed' else 'allowed'}_{what}"
