"""A browser is back from a provider: what it brings is checked, exchanged, and acted upon."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from cardwright.authentication.domain import AuthSession
from cardwright.authentication.federation import linking, visits
from cardwright.authentication.federation.domain import Attempt, Outcome, OutsidePerson, Purpose, ask_of
from cardwright.authentication.federation.ports import OpenIdProviders
from cardwright.authentication.sessions import OpenedSession, end_replaced_session, session_ended
from cardwright.core.sensitive import Sensitive
from cardwright.db.session import Session

Transactions: TypeAlias = Callable[[], AbstractAsyncContextManager[Session]]


@dataclass(frozen=True, slots=True)
class Returning:
    """A browser that comes back: what its address and its cookies hold, none of it trusted yet."""

    provider_id: str
    secret: Sensitive | None
    parameters: Mapping[str, Sequence[str]] = field(repr=False)
    session_secret: str | None = field(repr=False)
    find_session: Callable[[Session], Awaitable[AuthSession | None]]
    user_agent: str | None


async def come_back(
    begin: Transactions, providers: OpenIdProviders, returning: Returning, at: datetime
) -> tuple[Outcome, OpenedSession | None]:
    """Finish a visit: sign in, with the session that was opened, or link. Raises what its parts raise."""
    provider = visits.get_provider(providers, returning.provider_id)
    async with begin() as session:
        attempt = await visits.take_up(session, returning.secret, returning.provider_id, at)
    assert returning.secret is not None  # noqa: S101 - a visit was found by it
    ask = ask_of(returning.secret, providers.redirect_uri(returning.provider_id))
    answer = visits.read_answer(returning.parameters, ask)
    # Spoken to with no transaction open: a provider may be slow.
    person = await provider.person_of(answer, ask, at)
    async with begin() as session:
        if attempt.purpose is Purpose.LINK:
            await _link(session, attempt, person, returning, at)
            return Outcome.LINKED, None
        opened = await linking.sign_in(
            session, person, provider_id=attempt.provider_id, program_id=attempt.program_id,
            user_agent=returning.user_agent, at=at,
        )  # fmt: skip
        await end_replaced_session(session, returning.session_secret, at)
    return Outcome.FACTOR_REQUIRED if opened.session.awaits_factor else Outcome.SIGNED_IN, opened


async def _link(
    session: Session, attempt: Attempt, person: OutsidePerson, returning: Returning, at: datetime
) -> None:
    asking = await returning.find_session(session)
    # Somebody else may have signed in meanwhile, in the same browser.
    if asking is None or asking.id != attempt.session_id or asking.awaits_factor:
        raise session_ended()
    await linking.link_person(session, person, asking, provider_id=attempt.provider_id, at=at)
