"""Sending a browser to an outside provider, and taking up what it comes back with, once."""

import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from cardwright.authentication.federation import store
from cardwright.authentication.federation.domain import (
    ATTEMPT_LIFETIME,
    Attempt,
    AuthorizationAnswer,
    AuthorizationAsk,
    Purpose,
    ask_of,
)
from cardwright.authentication.federation.ports import OpenIdProvider, OpenIdProviders, ProviderRefused
from cardwright.core.errors import Invalid, NotFound
from cardwright.core.sensitive import Sensitive
from cardwright.db.session import Session

_SECRET_BYTES: Final = 32
_LONGEST_PARAMETER: Final = 2048


@dataclass(frozen=True, slots=True)
class Departure:
    """Where to send a browser, and the secret that it keeps until it comes back."""

    url: str
    secret: Sensitive


def get_provider(providers: OpenIdProviders, provider_id: str) -> OpenIdProvider:
    """Return a provider of the deployment; NotFound `provider_unknown`."""
    found = providers.by_id.get(provider_id)
    if found is None:
        raise NotFound("provider_unknown", "There is no provider with this id.")
    return found


async def depart(providers: OpenIdProviders, provider_id: str) -> Departure:
    """Return where to send a browser; asks the provider, so call it with no transaction open."""
    secret = Sensitive(secrets.token_urlsafe(_SECRET_BYTES))
    ask = ask_of(secret, providers.redirect_uri(provider_id))
    return Departure(await get_provider(providers, provider_id).authorization_url(ask), secret)


async def keep(
    session: Session,
    departure: Departure,
    *,
    program_id: str,
    provider_id: str,
    purpose: Purpose,
    session_id: str | None = None,
    at: datetime,
) -> None:
    """Remember a visit until the browser comes back, or too long."""
    await store.sweep_attempts(session, at)
    attempt = Attempt(
        _hash(departure.secret), program_id, provider_id, purpose, session_id, at + ATTEMPT_LIFETIME
    )
    await store.add_attempt(session, attempt)


async def take_up(session: Session, secret: Sensitive | None, provider_id: str, at: datetime) -> Attempt:
    """End and return the visit that a browser comes back from.

    Raises Invalid `visit_unknown` when it is on none, with another provider, too late, or back already. The
    caller commits in any case: a visit that went wrong does not go on.
    """
    attempt = None if secret is None else await store.take_attempt(session, _hash(secret))
    if attempt is None or attempt.provider_id != provider_id or at >= attempt.expires_at:
        raise _unknown()
    return attempt


def read_answer(parameters: Mapping[str, Sequence[str]], ask: AuthorizationAsk) -> AuthorizationAnswer:
    """Read what a provider put into the address that it sent the browser back to.

    Raises Invalid `visit_unknown` unless the state is the browser's own, and ProviderRefused when the
    provider says no. A parameter that stands there twice counts as a wrong one.
    """
    known = {
        name: values[0]
        for name, values in parameters.items()
        if len(values) == 1 and len(values[0]) <= _LONGEST_PARAMETER
    }
    if not hmac.compare_digest(known.get("state", "").encode(), ask.state.encode()):
        raise _unknown()
    if "error" in parameters or "code" not in known:
        raise ProviderRefused("it answered with an error, or without a code")
    if "iss" in parameters and "iss" not in known:
        raise ProviderRefused("it names its issuer twice")
    return AuthorizationAnswer(known["code"], known.get("iss"))


def _hash(secret: Sensitive) -> str:
    return sha256(secret.reveal().encode()).hexdigest()


def _unknown() -> Invalid:
    return Invalid("visit_unknown", "This browser did not ask for it, or too long ago; try again.")
