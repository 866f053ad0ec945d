"""Routers that read JSON strictly and models that refuse what they do not know."""

import asyncio
import json
import re
from collections.abc import Callable, Coroutine
from datetime import UTC, date, datetime
from typing import Annotated, Any, ClassVar, Final

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)
from starlette.requests import ClientDisconnect

from cardwright.core.card_numbers import ensure_no_card_number
from cardwright.core.errors import Malformed
from cardwright.core.ids import ID_PATTERN
from cardwright.core.money import MAX_MINOR_UNITS
from cardwright.http.errors import BodyIncomplete, BodyTooSlow
from cardwright.http.routes import operation_id

Amount = Annotated[
    int,
    Field(
        strict=True,
        gt=0,
        le=MAX_MINOR_UNITS,
        description="Whole minor units, such as cents.",
        examples=[2500],
    ),
]
SignedAmount = Annotated[
    int,
    Field(
        strict=True, ge=-(10**18), le=10**18, description="Whole minor units; below zero for the other way."
    ),
]
CurrencyCode = Annotated[
    str,
    StringConstraints(strict=True, pattern="^[A-Z]{3}$"),
    Field(description="ISO 4217 code in upper case.", examples=["USD"]),
]
Id = Annotated[str, StringConstraints(strict=True, pattern=ID_PATTERN, max_length=40)]
BASE64: Final = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
_DAY: Final = r"\d{4}-\d{2}-\d{2}"
_TIME: Final = r"\d{2}:\d{2}:\d{2}(?:\.\d+)?"
_OFFSET: Final = r"[+-]\d{2}:\d{2}"
_INTEGER: Final = re.compile("-?(?:0|[1-9][0-9]{0,18})", re.ASCII)
_BODY_SECONDS: Final = 10
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)


def _ensure_on_calendar(instant: datetime) -> datetime:
    # At the edges of the calendar an instant exists in one zone and overflows in another.
    if not _EARLIEST <= instant < _LATEST:
        raise ValueError("an instant lies between the years 2000 and 2200")
    return instant


def _ensure_written(pattern: str) -> Callable[[Any], Any]:
    # Read leniently, as JSON has no type for it, a number would be taken for seconds since 1970.
    shape = re.compile(pattern, re.ASCII | re.IGNORECASE)

    def ensure(value: Any) -> Any:
        if not isinstance(value, date) and not (isinstance(value, str) and shape.fullmatch(value)):
            raise ValueError("dates and instants are written as RFC 3339 says")
        return value

    return ensure


def _ensure_printable(text: str) -> str:
    # No line breaks, no marks that turn the direction of what follows; nothing blank around it.
    line = text.strip(" ")
    if not line.isprintable():
        raise ValueError("a line of text has printable characters only")
    return line


def _ensure_integer(value: Any) -> Any:
    if isinstance(value, str) and not _INTEGER.fullmatch(value):
        raise ValueError("whole numbers are written in digits alone")
    return value


NetworkName = Annotated[str, AfterValidator(_ensure_printable)]
"""What a network calls something: of its ids of 15 digits every tenth could be a card number."""
Line = Annotated[str, AfterValidator(_ensure_printable), AfterValidator(ensure_no_card_number)]
"""What people write on one line: read without the blanks around it, and without a card number in it."""
IN_DIGITS: Final = BeforeValidator(_ensure_integer)
"""How a whole number is written in an address: as in JSON, without blanks, signs of plus or underscores.

It stands after the bounds: before them it would hide them from the description.
"""
Day = Annotated[date, BeforeValidator(_ensure_written(_DAY)), Field(strict=False)]
Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_ensure_written(rf"{_DAY}T{_TIME}(?:Z|{_OFFSET})")),
    AfterValidator(_ensure_on_calendar),
    Field(strict=False),
]


class Input(BaseModel):
    """A request body: no coercion, no unknown fields. Enums need `Field(strict=False)`."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, str_strip_whitespace=False)


class Output(BaseModel):
    """A response body, built from domain values by name."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)


class StrictRequest(Request):
    """A request whose JSON may not repeat a key nor contain NaN."""

    async def json(self) -> Any:
        """Parse the body; raise Malformed for anything two parsers could read in two ways."""
        body = await self.body()
        try:
            found = json.loads(body.decode(), object_pairs_hook=_unique_keys, parse_constant=_refuse_constant)
            ensure_storable(found)
        except json.JSONDecodeError as error:
            raise Malformed(
                "json_invalid", f"The body is not JSON: {error.msg}.", position=error.pos
            ) from error
        except (ValueError, RecursionError) as error:
            # Not UTF-8, half a surrogate pair, thousands of digits, or nested without end.
            raise Malformed("json_invalid", "The body is not JSON in UTF-8 of a sensible shape.") from error
        return found


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("json_duplicate_key", "The body has an object that names a key twice.")
    return found


def _refuse_constant(name: str) -> Any:
    raise Malformed("json_invalid", f"{name} is not JSON.")


def ensure_storable(value: Any) -> None:
    """Raise Malformed or UnicodeError for what JSON may carry and PostgreSQL's text may not."""
    match value:
        case str():
            if b"\0" in value.encode():
                raise Malformed("json_invalid", "The body has a string with the character U+0000.")
        case dict():
            for key, member in value.items():
                ensure_storable(key)
                ensure_storable(member)
        case list():
            for element in value:
                ensure_storable(element)


class StrictRoute(APIRoute):
    """A route that hands its function a StrictRequest; `most_body_bytes` when it takes more than others."""

    most_body_bytes: ClassVar[int | None] = None

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap FastAPI's handler."""
        handle = super().get_route_handler()

        async def strict(request: Request) -> Response:
            read = StrictRequest(request.scope, request.receive)
            if self.most_body_bytes is not None:
                read.scope["most_body_bytes"] = self.most_body_bytes
            # Before any dependency: whoever sends half a body must not hold a database connection meanwhile.
            try:
                async with asyncio.timeout(_BODY_SECONDS):
                    await read.body()
            except TimeoutError as error:
                raise BodyTooSlow(_BODY_SECONDS) from error
            except ClientDisconnect as error:
                raise BodyIncomplete from error
            return await handle(read)

        return strict


def router(prefix: str, tag: str, *, most_body_bytes: int | None = None) -> APIRouter:
    """Return a router whose bodies are read strictly, and may be larger than others' if it says so."""
    route_class = type("StrictRoute", (StrictRoute,), {"most_body_bytes": most_body_bytes})
    return APIRouter(
        prefix=prefix, tags=[tag], route_class=route_class, generate_unique_id_function=operation_id
    )
