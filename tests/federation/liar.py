"""An OpenID provider that answers whatever a test tells it to."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from running_provider import CLIENT_ID

Key = RSAKey | ECKey | OKPKey | OctKey
Forge = Callable[["Liar", dict[str, Any]], str | None]


def now() -> int:
    return int(datetime.now(tz=UTC).timestamp())


def encoded(value: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@dataclass
class Liar:
    """What it publishes, and what it makes of the claims that would be right."""

    issuer: str
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}))
    forge: Forge = field(default=lambda liar, claims: liar.signed(claims))
    metadata: dict[str, Any] = field(default_factory=dict)
    published: list[dict[str, Any]] | None = None
    broken: dict[str, Response] = field(default_factory=dict)
    asked: dict[str, Any] = field(default_factory=dict)

    def signed(self, claims: Mapping[str, Any], **header: Any) -> str:
        return sign(self.key, claims, {"alg": "RS256", "kid": "one", **header})

    def answer_to(self, authorization_url: str) -> str:
        """Return where it would send the browser back to, without asking anybody anything."""
        query = parse_qs(urlsplit(authorization_url).query)
        self.asked = {name: values[0] for name, values in query.items()}
        return f"{self.asked['redirect_uri']}?code=any&state={self.asked['state']}"

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._discovery),
                Route("/jwks", self._keys),
                Route("/token", self._token, methods=["POST"]),
            ]
        )

    async def _discovery(self, _request: Request) -> Response:
        document = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            **self.metadata,
        }
        return self.broken.get("discovery") or JSONResponse(document)

    async def _keys(self, _request: Request) -> Response:
        keys = [self.key.as_dict(private=False)] if self.published is None else self.published
        return self.broken.get("keys") or JSONResponse({"keys": keys})

    async def _token(self, _request: Request) -> Response:
        claims = {
            "iss": self.issuer, "sub": "ada", "aud": CLIENT_ID, "iat": now(), "exp": now() + 300,
            "nonce": self.asked["nonce"], "email": "ada@example.com", "email_verified": True,
        }  # fmt: skip
        tokens = {"access_token": "any", "token_type": "Bearer", "id_token": self.forge(self, claims)}
        return self.broken.get("token") or JSONResponse(tokens)


def sign(key: Key, claims: Mapping[str, Any], header: Mapping[str, Any]) -> str:
    return jwt.encode(dict(header), dict(claims), key, algorithms=[header["alg"]])
