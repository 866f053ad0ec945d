"""Parameters of OAuth requests, from a body or a query, read strictly: each of them at most once."""

from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import parse_qsl

from fastapi import Request

from cardwright.oauth.errors import invalid_request

_MOST_FIELDS: Final = 50
_LONGEST_BODY: Final = 32_768
_FORM: Final = "application/x-www-form-urlencoded"


async def form_of(request: Request) -> Mapping[str, str]:
    """Return the fields of a form; raise OAuthError `invalid_request` for anything else."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise invalid_request(f"Send the parameters as {_FORM}.")
    return parameters_of(await request.body())


def parameters_of(encoded: bytes) -> Mapping[str, str]:
    """Return parameters by name, without the empty ones; a repeated one is refused (RFC 6749, 3.1)."""
    if len(encoded) > _LONGEST_BODY:
        raise invalid_request("The request is too long.")
    try:
        pairs = parse_qsl(
            encoded.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS
        )
    except ValueError as error:
        raise invalid_request("The parameters are not UTF-8, or too many.") from error
    return _unique(pairs)


def _unique(pairs: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            raise invalid_request("A parameter is given more than once.")
        if "\0" in name or "\0" in value:
            raise invalid_request("A parameter has the character U+0000.")
        found[name] = value
    return {name: value for name, value in found.items() if value}


def needed(form: Mapping[str, str], name: str) -> str:
    """Return a parameter; raise OAuthError `invalid_request` when it is missing."""
    if name not in form:
        raise invalid_request(f"The parameter {name} is missing.")
    return form[name]
