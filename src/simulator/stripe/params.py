"""The types that parameters are made of: strict, and readable from the strings of a form."""

import re
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from simulator.stripe.exchange import is_supported

_INTEGER = re.compile(r"^-?\d{1,15}$")
MAX_METADATA_KEYS = 50
MAX_METADATA_KEY_LENGTH = 40
MAX_METADATA_VALUE_LENGTH = 500
T = TypeVar("T")


def _integer_from(value: object) -> int:
    if isinstance(value, str) and _INTEGER.match(value):
        return int(value)
    raise PydanticCustomError("parameter_invalid_integer", "Invalid integer: {value}", {"value": str(value)})


def _flag_from(value: object) -> bool:
    if value not in ("true", "false"):
        raise PydanticCustomError(
            "parameter_invalid_boolean", "Invalid boolean: {value}", {"value": str(value)}
        )
    return value == "true"


def _ensure_filled(value: str) -> str:
    if not value:
        raise PydanticCustomError(
            "parameter_invalid_empty", "An empty string would unset this parameter, which cannot be unset."
        )
    return value


def _none_if_empty(value: object) -> object:
    return None if value == "" else value


def _list_from(value: object) -> object:
    if value == "":
        return []
    if isinstance(value, dict) and all(str(key).isdigit() for key in value):
        return [value[key] for key in sorted(value, key=int)]
    raise PydanticCustomError("parameter_invalid_array", "Invalid array")


def _ensure_currency(value: str) -> str:
    currency = value.lower()
    if not is_supported(currency):
        raise PydanticCustomError("parameter_invalid_currency", "Invalid currency: {value}", {"value": value})
    return currency


def _ensure_metadata(value: object) -> object:
    if not isinstance(value, dict):
        raise PydanticCustomError("metadata_invalid", "Metadata must be a set of key-value pairs.")
    if len(value) > MAX_METADATA_KEYS:
        raise PydanticCustomError("metadata_too_many_keys", "Metadata can have up to 50 keys.")
    for key, text in value.items():
        if not isinstance(text, str) or len(key) > MAX_METADATA_KEY_LENGTH:
            raise PydanticCustomError(
                "metadata_invalid", "Metadata keys have up to 40 characters, its values are strings."
            )
        if len(text) > MAX_METADATA_VALUE_LENGTH:
            raise PydanticCustomError("metadata_value_too_long", "Metadata values have up to 500 characters.")
    return value


Integer = Annotated[int, BeforeValidator(_integer_from)]
PositiveInteger = Annotated[Integer, Field(ge=1)]
NaturalInteger = Annotated[Integer, Field(ge=0)]
Flag = Annotated[bool, BeforeValidator(_flag_from)]
Text = Annotated[str, Field(max_length=5000), AfterValidator(_ensure_filled)]
ClearableText = Annotated[Annotated[str, Field(max_length=5000)] | None, BeforeValidator(_none_if_empty)]
Currency = Annotated[Text, AfterValidator(_ensure_currency)]
Metadata = Annotated[dict[str, str], BeforeValidator(_ensure_metadata)]
ClearableMetadata = Annotated[Metadata | None, BeforeValidator(_none_if_empty)]
ListOf = Annotated[list[T], BeforeValidator(_list_from)]


class Params(BaseModel):
    """A group of parameters; a name it does not declare is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def given(self) -> dict[str, Any]:
        """Return what the caller sent, without what merely has a default."""
        return self.model_dump(exclude_unset=True)


class RequestParams(Params):
    """The parameters of a whole request; every request may ask for expansion."""

    expand: ListOf[Text] = Field(default_factory=list)


class MetadataParams(RequestParams):
    """The parameters of an update that touches nothing but metadata."""

    metadata: ClearableMetadata = None


def merged_metadata(current: dict[str, str], params: Params) -> dict[str, str]:
    """Return metadata after a request: keys are merged, an empty value removes one, an empty whole all."""
    if "metadata" not in params.model_fields_set:
        return current
    given: dict[str, str] | None = getattr(params, "metadata", None)
    if given is None:
        return {}
    return {key: text for key, text in {**current, **given}.items() if text}
