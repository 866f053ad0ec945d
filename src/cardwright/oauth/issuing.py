"""The tokens that a grant gives."""

from dataclasses import dataclass, field
from datetime import datetime

from cardwright.db.session import Session
from cardwright.oauth.digests import new_secret, secret_hash
from cardwright.oauth.domain import ACCESS_LIFETIME, REFRESH_IDLE_LIFETIME, Client, Grant
from cardwright.oauth.scopes import scope_text
from cardwright.oauth.server import AuthorizationServer
from cardwright.oauth.store import grants as store
from cardwright.oauth.tokens import issue_access_token


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a client is given."""

    access_token: str = field(repr=False)
    token_type: str
    expires_in_seconds: int
    scope: str
    refresh_token: str | None = field(default=None, repr=False)
    id_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Asking:
    """A client that proved itself, the key that it proved to hold, and when."""

    client: Client
    key_thumbprint: str | None
    at: datetime


async def issue_tokens(
    session: Session, server: AuthorizationServer, grant: Grant, scopes: frozenset[str], at: datetime,
    refresh_token: str | None = None, id_token: str | None = None,
) -> Tokens:  # fmt: skip
    """Return an access token of a grant beside what else its client is given."""
    access_token = await issue_access_token(session, server, grant, scopes, at)
    kind = "Bearer" if grant.key_thumbprint is None else "DPoP"
    lifetime_seconds = int(ACCESS_LIFETIME.total_seconds())
    return Tokens(access_token, kind, lifetime_seconds, scope_text(scopes), refresh_token, id_token)


async def new_refresh_token(session: Session, grant: Grant, asking: Asking, *, generation: int) -> str:
    """Make and store a refresh token; that of a public client expires when it is not used for a while."""
    token = new_secret()
    idle_end = asking.at + REFRESH_IDLE_LIFETIME if asking.client.is_public else grant.expires_at
    await store.add_refresh_token(
        session, secret_hash(token), grant_id=grant.id, generation=generation,
        expires_at=min(idle_end, grant.expires_at),
    )  # fmt: skip
    return token
