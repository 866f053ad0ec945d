"""Routers that read JSON strictly and models that refuse what they do not know."""

import json
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from cardwright.core.errors import Malformed
from cardwright.core.ids import ID_PATTERN
from cardwright.core.money import MAX_MINOR_UNITS

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


class Input(BaseModel):
    """A request body: no coercion, no unknown fields. Dates and enums need `Field(strict=False)`."""

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
            return json.loads(body, object_pairs_hook=_unique_keys, parse_constant=_refuse_constant)
        except (UnicodeDecodeError, RecursionError) as error:
            raise Malformed("json_invalid", "The body is not JSON in UTF-8.") from error
        except json.JSONDecodeError as error:
            raise Malformed(
                "json_invalid", f"The body is not JSON: {error.msg}.", position=error.pos
            ) from error


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("json_duplicate_key", "The body has an object that names a key twice.")
    return found


def _refuse_constant(name: str) -> Any:
    raise Malformed("json_invalid", f"{name} is not JSON.")


class StrictRoute(APIRoute):
    """A route that hands its function a StrictRequest."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap FastAPI's handler."""
        handle = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handle(StrictRequest(request.scope, request.receive))

        return strict


def router(prefix: str, tag: str) -> APIRouter:
    """Return a router whose bodies are read strictly."""
    return APIRouter(prefix=prefix, tags=[tag], route_class=StrictRoute)
