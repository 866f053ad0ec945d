"""Signing in at the server's own page: authorization code with PKCE, then tokens that are renewed in turn."""

import json
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from secrets import token_urlsafe
from time import time
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from cardwright_mobile.api.problems import Refused, SignedOut, Unreachable, refusal_of
from cardwright_mobile.api.proofs import DeviceKey, encoded

CLIENT_ID: Final = "client_mobile"
SCOPES: Final = (
    "openid", "offline_access", "account.read", "wallet.read", "cards.read", "cards.write", "payments.read",
    "card_templates.read", "challenges.read", "challenges.decide", "payment_questions.read",
    "payment_questions.answer", "disputes.read", "disputes.write", "notifications.read",
    "notifications.write", "account.write", "profile.write", "cards.reveal", "merchants.read", "top_ups.read",
    "top_ups.write", "payment_methods.read", "kyc.read", "kyc.submit",
)  # fmt: skip
"""What the screens use, and nothing beyond."""
_EARLY_SECONDS: Final = 30
_TWO_FACTORS: Final = "aal2"
_FACTOR_AGE_SECONDS: Final = 240
"""How long ago a factor may have been used when it is asked for; the server counts it for five minutes."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What stands for somebody who signed in, and the key that it is bound to.

    `expires_at` is in seconds since 1970.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: float
    key: DeviceKey = field(repr=False)

    @property
    def is_stale(self) -> bool:
        """Whether the access token is at its end, or about to be."""
        return time() > self.expires_at - _EARLY_SECONDS

    def written(self) -> str:
        """Return the tokens as text, for the device's safe place."""
        return json.dumps([self.access_token, self.refresh_token, self.expires_at, self.key.written()])

    @classmethod
    def read(cls, text: str) -> "Tokens | None":
        """Return tokens that were written; None where the text is none of ours."""
        try:
            access_token, refresh_token, expires_at, key = json.loads(text)
            return cls(access_token, refresh_token, expires_at, DeviceKey.read(key))
        except (TypeError, ValueError):
            return None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way to the sign-in page and back; it outlives the page, which in a browser is left for it.

    `place` is where the app goes on afterwards and `deed` what it then does. With `is_step_up` a strong
    factor has to be used now (RFC 9470).
    """

    redirect_uri: str
    place: str = "/"
    deed: str = ""
    is_step_up: bool = False
    state: str = field(default_factory=lambda: token_urlsafe(16))
    verifier: str = field(default_factory=lambda: token_urlsafe(48), repr=False)

    def address(self, server: str) -> str:
        """Return where the browser has to go."""
        challenge = encoded(sha256(self.verifier.encode()).digest())
        asked = {
            "client_id": CLIENT_ID, "redirect_uri": self.redirect_uri, "response_type": "code",
            "scope": " ".join(SCOPES), "state": self.state, "code_challenge": challenge,
            "code_challenge_method": "S256",
        }  # fmt: skip
        if self.is_step_up:
            asked |= {"acr_values": _TWO_FACTORS, "max_age": str(_FACTOR_AGE_SECONDS)}
        return f"{server}/oauth/authorize?{urlencode(asked)}"

    def code_in(self, came_back_to: str) -> str:
        """Return the code that came back; raise Refused where none did, or to another attempt."""
        told = parse_qs(urlsplit(came_back_to).query)
        if told.get("state") != [self.state] or "code" not in told:
            raise Refused(told.get("error", ["no_code"])[0], told.get("error_description", [""])[0])
        return told["code"][0]

    def written(self) -> str:
        """Return the attempt as text, to be found again when the browser comes back."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> "Attempt | None":
        """Return an attempt that was written; None where the text is none of ours."""
        try:
            return cls(**json.loads(text))
        except (TypeError, ValueError):
            return None


async def exchange(http: httpx.AsyncClient, attempt: Attempt, code: str) -> Tokens:
    """Return tokens for a code; raise Refused or Unreachable."""
    return await _ask(
        http, DeviceKey(), grant_type="authorization_code", code=code, redirect_uri=attempt.redirect_uri,
        code_verifier=attempt.verifier,
    )  # fmt: skip


async def renew(http: httpx.AsyncClient, tokens: Tokens) -> Tokens:
    """Return the next tokens, with which the ones before end; raise SignedOut or Unreachable."""
    try:
        return await _ask(http, tokens.key, grant_type="refresh_token", refresh_token=tokens.refresh_token)
    except Refused as error:
        if error.code == "invalid_grant":
            raise SignedOut from error
        raise


async def give_back(http: httpx.AsyncClient, tokens: Tokens) -> None:
    """End what was granted; where the server cannot be reached it ends by itself."""
    try:
        await http.post("/oauth/revoke", data={"client_id": CLIENT_ID, "token": tokens.refresh_token})
    except httpx.TransportError:
        return


async def _ask(http: httpx.AsyncClient, key: DeviceKey, **form: str) -> Tokens:
    proof = key.proof("POST", str(http.base_url.join("/oauth/token")))
    try:
        response = await http.post(
            "/oauth/token", data={"client_id": CLIENT_ID, **form}, headers={"DPoP": proof}
        )
    except httpx.TransportError as error:
        raise Unreachable from error
    if not response.is_success:
        raise refusal_of(response)
    told: Any = response.json()
    return Tokens(told["access_token"], told["refresh_token"], time() + int(told["expires_in"]), key)
