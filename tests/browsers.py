"""What a browser on our pages sends: its session's cookie, where it is, and the header of our pages."""

from collections.abc import Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.authentication import OpenedSession, find_identity, open_session
from cardwright.core.clock import Clock
from cardwright.db.session import transaction

COOKIE: Final = "__Host-cardwright"
OUR_PAGE: Final = {"Sec-Fetch-Site": "same-origin", "X-CSRF-Protection": "1"}


def headers_of(secret: str) -> Mapping[str, str]:
    """Return the headers of the requests that our own pages make with a session's cookie."""
    return {"Cookie": f"{COOKIE}={secret}", **OUR_PAGE}


def cookie_set_by(response: httpx.Response) -> str:
    """Return the secret that an answer put into the session's cookie."""
    name, _, rest = response.headers["set-cookie"].partition("=")
    assert name == COOKIE
    return str(rest.partition(";")[0])


def browser_of(response: httpx.Response) -> Mapping[str, str]:
    """Return the headers of whoever just signed in."""
    return headers_of(cookie_set_by(response))


async def opened_for(
    engine: AsyncEngine, clock: Clock, user_id: str, *, has_used_factor: bool = False
) -> OpenedSession:
    """Open a session for somebody who exists, without asking for anything."""
    now = clock.now()
    async with transaction(engine) as session:
        identity = await find_identity(session, user_id)
        assert identity is not None
        return await open_session(
            session, identity, methods=["pwd", "otp"] if has_used_factor else ["pwd"], user_agent=None,
            at=now, factor_used_at=now if has_used_factor else None,
        )  # fmt: skip


async def sign_in(
    engine: AsyncEngine, clock: Clock, user_id: str, *, has_used_factor: bool = False
) -> Mapping[str, str]:
    """Return the headers of the requests of somebody who exists."""
    opened = await opened_for(engine, clock, user_id, has_used_factor=has_used_factor)
    return headers_of(opened.secret.reveal())


def forgetful_jar() -> CookieJar:
    """Return a jar that keeps nothing: each request says itself whose cookie it carries."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=[]))
