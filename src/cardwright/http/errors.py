"""Every error leaves as application/problem+json (RFC 9457) with a stable code and no internals."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, Final

import structlog
from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from cardwright.core.errors import CardwrightError
from cardwright.db.session import AWAY, is_away
from cardwright.http.credentials import challenge
from cardwright.http.routes import methods_at

_STATUS: Final[Mapping[str, int]] = {
    "malformed": 400,
    "unauthenticated": 401,
    "forbidden": 403,
    "not_found": 404,
    "conflict": 409,
    "gone": 410,
    "invalid": 422,
    "too_many": 429,
    "unavailable": 503,
}
_CODES: Final[Mapping[int, str]] = {
    404: "route_unknown",
    405: "method_not_allowed",
    408: "body_too_slow",
    413: "body_too_large",
}
_METHOD_NOT_ALLOWED: Final = 405
_LONGEST_PART: Final = 60
_MOST_SHOWN: Final = 50
_log = structlog.get_logger()


def status_of(error: CardwrightError) -> int:
    """Return the status that an error is answered with."""
    return _STATUS.get(error.kind, 500)


class BodyTooLarge(HTTPException):
    """A body has more bytes than allowed; only an HTTPException gets past whoever reads the body."""

    def __init__(self, most_bytes: int) -> None:
        super().__init__(413, f"A request body may have at most {most_bytes} bytes.")


class BodyIncomplete(HTTPException):
    """The client left before its body was whole; nobody reads this answer, but it is no failure of ours."""

    def __init__(self) -> None:
        super().__init__(400, "The request body ended early.")


class BodyTooSlow(HTTPException):
    """A body did not arrive in time."""

    def __init__(self, seconds: int) -> None:
        super().__init__(408, f"A request body has {seconds} seconds to arrive.")


def problem(
    status: int, code: str, detail: str, *, request: Request, extra: Mapping[str, Any] | None = None
) -> Response:
    """Return a problem document; `extra` adds members beside the standard ones."""
    body = {
        "type": f"urn:cardwright:problem:{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": request.scope.get("request_id"),
        **(extra or {}),
    }
    return JSONResponse(body, status, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Register the handlers that turn whatever is raised into a problem document."""
    app.add_exception_handler(CardwrightError, _ours)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    for gone in (PoolTimeout, *AWAY):
        app.add_exception_handler(gone, _unavailable)
    app.add_exception_handler(DBAPIError, _unexpected)
    app.add_exception_handler(Exception, _unexpected)


async def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, CardwrightError)  # noqa: S101 - registered for this class only
    return _answer(request, error)


def _refusal(request: Request) -> Callable[[CardwrightError], Response]:
    return partial(_answer, request)


RefusalDep = Annotated[Callable[[CardwrightError], Response], Depends(_refusal)]
"""Turns an error into an answer to return: raised, it would undo what the route has to keep of a refusal."""


def _answer(request: Request, error: CardwrightError) -> Response:
    response = problem(
        _STATUS.get(error.kind, 500), error.code, error.message, request=request, extra=error.details
    )
    if error.kind == "unauthenticated":
        response.headers["WWW-Authenticate"] = challenge(request)
    if "retry_after_seconds" in error.details:
        response.headers["Retry-After"] = str(error.details["retry_after_seconds"])
    return response


async def _validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class only
    if request.method not in methods_at(request.app.routes, request.scope["path"]):
        # An address of its own was read as the id of something, by a route whose method it has not.
        return await _http(request, HTTPException(_METHOD_NOT_ALLOWED))
    return problem(
        422, "validation_failed", "The request has fields that are not valid.", request=request,
        extra={"errors": _fields(error.errors())},
    )  # fmt: skip


def _fields(errors: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    # The input is left out: it may be a password. One may send very many fields that are not known.
    return [
        {
            "pointer": "".join(f"/{_escaped(str(part))}" for part in error["loc"]),
            "code": str(error["type"]),
            "message": str(error["msg"]),
        }
        for error in errors[:_MOST_SHOWN]
    ]


def _escaped(part: str) -> str:
    return part[:_LONGEST_PART].replace("~", "~0").replace("/", "~1")


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class only
    if isinstance(error.__cause__, CardwrightError):
        # FastAPI hides what reading the body raised behind an error of its own.
        return await _ours(request, error.__cause__)
    code = _CODES.get(error.status_code, "request_refused")
    response = problem(error.status_code, code, str(error.detail), request=request)
    response.headers.update(error.headers or {})
    if error.status_code == _METHOD_NOT_ALLOWED:
        # The router tells of the first route at the address only.
        response.headers["Allow"] = ", ".join(methods_at(request.app.routes, request.scope["path"]))
    return response


async def _unavailable(request: Request, error: Exception) -> Response:
    _log.error("database_unavailable", path=request.url.path, error=type(error).__name__)
    detail = "The database does not answer; nothing was changed, try again."
    return problem(503, "database_unavailable", detail, request=request)


async def _unexpected(request: Request, error: Exception) -> Response:
    if is_away(error):
        return await _unavailable(request, error)
    _log.error("request_failed", path=request.url.path, error=type(error).__name__, exc_info=error)
    return problem(500, "internal_error", "Something went wrong here; it has been logged.", request=request)
