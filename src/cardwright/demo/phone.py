"""Ada's phone: the program's own application, which signs in by OAuth and holds its tokens to its own key."""

import base64
import json
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey

from cardwright.core.clock import SystemClock
from cardwright.demo.people import Person, StoryFailed

_CLIENT_ID: Final = "client_mobile"
_CALLBACK: Final = "app.cardwright.mobile:/signed-in"
_SCOPES: Final = "openid offline_access account.read wallet.read cards.read"


@dataclass(slots=True)
class Phone:
    """An application with a key pair of its own, without which its tokens are worth nothing (RFC 9449)."""

    api: httpx.AsyncClient
    access_token: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"), repr=False)

    async def sign_in(self, person: Person) -> None:
        """Get tokens for somebody whose browser is signed in: a code with PKCE, then an exchange."""
        verifier = token_urlsafe(48)
        asked = {
            "client_id": _CLIENT_ID, "redirect_uri": _CALLBACK, "response_type": "code", "scope": _SCOPES,
            "state": token_urlsafe(12), "code_challenge": _digest(verifier), "code_challenge_method": "S256",
        }  # fmt: skip
        visited = await self.api.get("/oauth/authorize", params=asked, headers=person.cookie)
        said_yes = await self.api.post(
            visited.headers.get("location", ""), data={"decision": "approved"}, headers=person.from_our_page
        )
        came_back = parse_qs(urlsplit(said_yes.headers.get("location", "")).query)
        if came_back.get("state") != [asked["state"]] or "code" not in came_back:
            raise StoryFailed(f"the phone got no code: {said_yes.status_code} {said_yes.text}")
        await self._ask_for_tokens(
            grant_type="authorization_code", code=came_back["code"][0], redirect_uri=_CALLBACK,
            code_verifier=verifier,
        )  # fmt: skip

    async def refresh(self) -> None:
        """Exchange the refresh token for new tokens; the one that was used is worth nothing afterwards."""
        await self._ask_for_tokens(grant_type="refresh_token", refresh_token=self.refresh_token)

    async def get(self, path: str) -> httpx.Response:
        """Read something with the access token and a proof of the key."""
        proof = self._proof("GET", path, ath=_digest(self.access_token))
        return await self.api.get(path, headers={"Authorization": f"DPoP {self.access_token}", "DPoP": proof})

    @property
    def claims(self) -> dict[str, Any]:
        """What the access token says."""
        payload = self.access_token.split(".")[1]
        found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return found

    async def _ask_for_tokens(self, **form: str) -> None:
        headers = {"DPoP": self._proof("POST", "/oauth/token")}
        answer = await self.api.post("/oauth/token", data={"client_id": _CLIENT_ID, **form}, headers=headers)
        if not answer.is_success:
            raise StoryFailed(f"the phone got no tokens: {answer.status_code} {answer.text}")
        tokens = answer.json()
        self.access_token, self.refresh_token = tokens["access_token"], tokens["refresh_token"]

    def _proof(self, method: str, path: str, **claims: str) -> str:
        said = {
            "jti": token_urlsafe(12), "htm": method, "htu": str(self.api.base_url.join(path)),
            "iat": int(SystemClock().now().timestamp()), **claims,
        }  # fmt: skip
        head = {"typ": "dpop+jwt", "alg": "ES256", "jwk": self.key.as_dict(private=False)}
        return jwt.encode(head, said, self.key, algorithms=["ES256"])


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(sha256(text.encode()).digest()).decode().rstrip("=")
