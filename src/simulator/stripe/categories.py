"""Merchant categories: the API's names beside the four-digit codes that the networks use."""

from importlib.resources import files
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from simulator.stripe.params import Text

_TABLE = (files("simulator.stripe") / "categories.tsv").read_text(encoding="utf-8")
CODE_BY_CATEGORY: dict[str, str] = dict(line.split("\t") for line in _TABLE.splitlines())
DEFAULT_CATEGORY = "computer_software_stores"


CATCH_ALL = "miscellaneous"
"""A category that spending controls may name though no merchant is in it."""


def _ensure_category(value: str) -> str:
    if value not in CODE_BY_CATEGORY:
        raise PydanticCustomError("category_unknown", "must be one of the known merchant categories")
    return value


def _ensure_controllable(value: str) -> str:
    return value if value == CATCH_ALL else _ensure_category(value)


MerchantCategory = Annotated[Text, AfterValidator(_ensure_category)]
ControlledCategory = Annotated[Text, AfterValidator(_ensure_controllable)]
