"""Signing in with an outside OpenID provider: what is asked for, and whose outside people are."""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final

from cardwright.core.sensitive import Sensitive

ATTEMPT_LIFETIME: Final = timedelta(minutes=10)


class Purpose(StrEnum):
    """What somebody goes to a provider for."""

    SIGN_IN = "sign_in"
    LINK = "link"


class Outcome(StrEnum):
    """How a visit to a provider ended; the page that the browser comes back to is told."""

    SIGNED_IN = "signed_in"
    FACTOR_REQUIRED = "factor_required"
    LINKED = "linked"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One visit of one browser to a provider; it is over when its answer is taken up, whatever it says.

    `secret_hash` is the SHA-256 of what the browser holds. `session_id` is the session that asked to link.
    """

    secret_hash: str = field(repr=False)
    program_id: str
    provider_id: str
    purpose: Purpose
    session_id: str | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OutsidePerson:
    """Somebody as a provider knows them: at `issuer`, `subject` never means anybody else."""

    issuer: str
    subject: str
    email: str | None = field(repr=False)
    is_email_verified: bool


@dataclass(frozen=True, slots=True)
class Link:
    """An outside person who is one of ours."""

    id: str
    program_id: str
    user_id: str
    provider_id: str
    issuer: str
    subject: str = field(repr=False)
    linked_at: datetime
    last_used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuthorizationAsk:
    """What a request to a provider carries so that its answer is good in one browser and once.

    All three are derived from what that browser's cookie holds and kept nowhere: whoever reads the database,
    or brings the code of another browser, has neither the nonce nor the verifier (RFC 7636) that fit.
    """

    redirect_uri: str
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    code_verifier: str = field(repr=False)

    @property
    def code_challenge(self) -> str:
        """The S256 challenge of the verifier."""
        return _text(sha256(self.code_verifier.encode()).digest())


@dataclass(frozen=True, slots=True)
class AuthorizationAnswer:
    """What a provider sent the browser back with; `issuer` where it says who it is (RFC 9207)."""

    code: str = field(repr=False)
    issuer: str | None


def ask_of(secret: Sensitive, redirect_uri: str) -> AuthorizationAsk:
    """Return what goes with a browser's secret.

    >>> ask_of(Sensitive("s"), "https://a.example/back") == ask_of(Sensitive("s"), "https://a.example/back")
    True
    """
    state, nonce, verifier = (_text(_derived(secret, use)) for use in ("state", "nonce", "verifier"))
    return AuthorizationAsk(redirect_uri, state, nonce, verifier)


def _derived(secret: Sensitive, use: str) -> bytes:
    return hmac.digest(secret.reveal().encode(), f"openid\0{use}".encode(), sha256)


def _text(digest: bytes) -> str:
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
