"""The cookie that a browser keeps while it is away at a provider."""

from typing import Final

from fastapi import Request, Response

from cardwright.authentication.federation.domain import ATTEMPT_LIFETIME
from cardwright.authentication.federation.visits import Departure
from cardwright.core.sensitive import Sensitive

COOKIE: Final = "__Host-cardwright-visit"


def attach(response: Response, departure: Departure) -> None:
    """Give a browser the secret of its visit; it comes back from another site, so Lax must do."""
    response.set_cookie(
        COOKIE,
        departure.secret.reveal(),
        max_age=int(ATTEMPT_LIFETIME.total_seconds()),
        path="/",
        secure=True,
        httponly=True,
        samesite="lax",
    )


def clear(response: Response) -> None:
    """Let the browser forget its visit."""
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")


def secret_of(request: Request) -> Sensitive | None:
    """Return the secret of the visit that a browser comes back from, good or not."""
    found = request.cookies.get(COOKIE)
    return None if found is None else Sensitive(found)
