"""The authorization server of one program: who it is, and what all its endpoints share."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Final

from fastapi import Depends, Request

from cardwright.db.session import Session, transaction
from cardwright.http.deps import provided
from cardwright.http.rate_limits import RateLimiter
from cardwright.oauth.store.spent import UsedProofs

PUSHED_PREFIX: Final = "urn:ietf:params:oauth:request_uri:"


@dataclass(frozen=True, slots=True)
class OAuthLimits:
    """How often one client at one address may use an endpoint; the defaults are meant for production."""

    token: str = "120/minute"  # noqa: S105 - a limit
    push: str = "60/minute"
    introspect: str = "600/minute"
    revoke: str = "120/minute"


@dataclass(frozen=True, slots=True)
class AuthorizationServer:
    """`issuer` is the public https address without a closing slash; it is also the audience of its tokens.

    `sign_in_page` is where people are sent who have to sign in first, with `return_to`; None shows a page
    that says so.
    """

    issuer: str
    program_id: str
    used_proofs: UsedProofs
    limits: OAuthLimits = field(default_factory=OAuthLimits)
    sign_in_page: str | None = None

    def url(self, path: str) -> str:
        """Return the public address of a path."""
        return f"{self.issuer}{path}"


async def admit(request: Request, limiter: RateLimiter, limit: str, endpoint: str, client_id: str) -> None:
    """Count one use of an endpoint by a client at an address; raise TooMany beyond the limit."""
    # The address as well: one public client id is shared by all the phones that run the application.
    address = request.client.host if request.client else "unknown"
    await limiter.hit(limit, "oauth", endpoint, client_id[:64], address)


def _transactions(request: Request) -> Callable[[], AbstractAsyncContextManager[Session]]:
    return partial(transaction, request.app.state.engine)


# What ends a family is kept although the answer is a refusal: these routes open their own transactions.
TransactionsDep = Annotated[Callable[[], AbstractAsyncContextManager[Session]], Depends(_transactions)]
ServerDep = Annotated[AuthorizationServer, Depends(provided(AuthorizationServer))]
LimiterDep = Annotated[RateLimiter, Depends(provided(RateLimiter))]
