"""Who is signed in where an authorization is asked for: a session of their own, never a token."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any, Self

from fastapi import Depends, Request

from cardwright.authentication import AuthSession, SessionCookies
from cardwright.core.errors import Unauthenticated
from cardwright.db.session import Session
from cardwright.http.deps import provided
from cardwright.oauth.domain import assurance

CookiesDep = Annotated[SessionCookies, Depends(provided(SessionCookies))]


@dataclass(frozen=True, slots=True)
class SignIn:
    """How and when somebody signed in, as grants remember it."""

    authenticated_at: datetime
    methods: tuple[str, ...]
    factor_used_at: datetime | None

    @classmethod
    def of(cls, held: AuthSession) -> Self:
        """Return what a session says of its sign-in; a factor that was used since is one, too."""
        last = max(held.created_at, held.factor_used_at or held.created_at)
        return cls(last, held.methods, held.factor_used_at)

    @classmethod
    def stored(cls, values: Mapping[str, Any]) -> Self:
        """Read what `as_json` gave."""
        used_at = values["factor_used_at"]
        return cls(
            datetime.fromisoformat(values["authenticated_at"]),
            tuple(values["methods"]),
            None if used_at is None else datetime.fromisoformat(used_at),
        )

    def as_json(self) -> Mapping[str, Any]:
        """Return what is stored beside a code."""
        return asdict(self)

    @property
    def assurance(self) -> str:
        """The authentication context class."""
        return assurance(self.methods)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a browser who is signed in."""

    user_id: str
    session_id: str
    sign_in: SignIn


async def find_person(
    request: Request, session: Session, cookies: SessionCookies, *, is_form: bool = False
) -> Person | None:
    """Return whose browser asks; None for nobody whose sign-in is finished.

    Raises Forbidden `cross_site_refused` when another site made the browser send what changes something.
    """
    # A session that ended is no reason to refuse: its owner is asked to sign in again.
    try:
        held = await cookies.find(request, session, is_form=is_form)
    except Unauthenticated:
        return None
    if held is None or held.awaits_factor:
        return None
    return Person(held.user_id, held.id, SignIn.of(held))


async def get_person(
    request: Request, session: Session, cookies: SessionCookies, *, is_form: bool = False
) -> Person:
    """Return the same; raise Unauthenticated `token_missing` for nobody."""
    person = await find_person(request, session, cookies, is_form=is_form)
    if person is None:
        raise Unauthenticated("token_missing", "Sign in first, in this browser.")
    return person
