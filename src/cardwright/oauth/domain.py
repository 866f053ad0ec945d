"""Clients, grants and their refresh tokens, and when each of them still counts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

ACCESS_LIFETIME: Final = timedelta(minutes=10)
CODE_LIFETIME: Final = timedelta(seconds=60)
PUSHED_LIFETIME: Final = timedelta(minutes=5)
INTERACTION_LIFETIME: Final = timedelta(minutes=10)
REFRESH_IDLE_LIFETIME: Final = timedelta(days=14)
GRANT_LIFETIME: Final = timedelta(days=90)
LOST_RESPONSE_WINDOW: Final = timedelta(seconds=30)

ONE_FACTOR: Final = "aal1"
TWO_FACTORS: Final = "aal2"
_STRONG_METHODS: Final = frozenset({"otp", "hwk"})
OFFLINE: Final = "offline_access"


class AuthMethod(StrEnum):
    """How a client proves itself at the token endpoint; NONE makes it a public client."""

    NONE = "none"
    SECRET = "client_secret_basic"  # noqa: S105 - a method's registered name
    PRIVATE_KEY = "private_key_jwt"


class GrantType(StrEnum):
    """What a client may exchange for tokens."""

    AUTHORIZATION_CODE = "authorization_code"
    REFRESH_TOKEN = "refresh_token"  # noqa: S105 - a grant's registered name
    CLIENT_CREDENTIALS = "client_credentials"


class Rotation(StrEnum):
    """What presenting a refresh token means."""

    ROTATED = "rotated"
    REPEATED = "repeated"
    REUSED = "reused"


@dataclass(frozen=True, slots=True)
class Client:
    """An application that asks for tokens. `key_set` is the JWK Set that verifies its assertions.

    A first-party client is the program's own: nobody is asked whether it may act for them. One that
    `requires_push` sends every authorization request from its server beforehand (RFC 9126).
    """

    id: str
    program_id: str
    name: str
    auth_method: AuthMethod
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    grant_types: frozenset[GrantType]
    scopes: frozenset[str]
    is_first_party: bool
    requires_push: bool
    created_at: datetime
    key_set: Mapping[str, Any] | None = None
    secret_hash: str | None = field(default=None, repr=False)
    disabled_at: datetime | None = None

    @property
    def is_public(self) -> bool:
        """Whether it runs where it can keep no secret, such as on a phone."""
        return self.auth_method is AuthMethod.NONE


@dataclass(frozen=True, slots=True)
class Grant:
    """What somebody let a client do: the family that all tokens of one authorization belong to.

    `user_id` is the client's own id when it acts for itself. `key_thumbprint` is the DPoP key that its tokens
    are bound to. `authenticated_at`, `methods` and `factor_used_at` are those of the sign-in at the moment of
    the authorization, never later ones. `generation` is the newest generation of refresh tokens that was
    presented, 0 before the first; `rotated_at` is when that generation was first presented.
    """

    id: str
    program_id: str
    client_id: str
    user_id: str
    session_id: str | None
    scopes: frozenset[str]
    methods: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    key_thumbprint: str | None = None
    authenticated_at: datetime | None = None
    factor_used_at: datetime | None = None
    generation: int = 0
    rotated_at: datetime | None = None
    revoked_at: datetime | None = None

    def is_alive(self, at: datetime) -> bool:
        """Answer whether tokens of this grant still count, as far as the grant itself knows."""
        return self.revoked_at is None and at < self.expires_at

    @property
    def is_offline(self) -> bool:
        """Whether it was given for longer than one access token."""
        return OFFLINE in self.scopes


def judge_refresh(grant: Grant, generation: int, at: datetime) -> Rotation:
    """Judge a refresh token of `generation` that is presented at `at` in a living grant.

    A newer generation than was ever presented rotates. The one presented last is accepted again during
    LOST_RESPONSE_WINDOW, because its answer may never have arrived, and another token of the next generation
    is handed out. Whichever of those is presented first closes their generation, so that a thief and an owner
    cannot both go on unnoticed.
    """
    if generation > grant.generation:
        return Rotation.ROTATED
    if generation < grant.generation or grant.rotated_at is None:
        return Rotation.REUSED
    return Rotation.REPEATED if at - grant.rotated_at <= LOST_RESPONSE_WINDOW else Rotation.REUSED


def assurance(methods: tuple[str, ...]) -> str:
    """Return the authentication context class of a sign-in by its RFC 8176 methods.

    >>> assurance(("pwd", "otp"))
    'aal2'
    """
    return TWO_FACTORS if _STRONG_METHODS & set(methods) else ONE_FACTOR
