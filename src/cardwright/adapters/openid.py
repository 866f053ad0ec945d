"""Outside OpenID providers: discovery, keys, and the exchange of a code for who signed in."""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import httpx
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from cardwright.adapters.openid_tokens import Expected, IdTokenRefused, KeyUnknown, verify_id_token
from cardwright.authentication import AuthorizationAnswer, AuthorizationAsk, OutsidePerson, ProviderRefused
from cardwright.core.errors import Unavailable
from cardwright.core.sensitive import Sensitive

_CONNECT_TIMEOUT_SECONDS: Final = 2.0
_TIMEOUT_SECONDS: Final = 10.0
_KEPT_SECONDS: Final = 3600.0
_SOONEST_REFETCH_SECONDS: Final = 60.0
_LARGEST_ANSWER_BYTES: Final = 262_144
_SCOPE: Final = "openid email"
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Metadata:
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    says_issuer: bool
    takes_basic: bool


@dataclass(slots=True)
class _Kept:
    """What a provider publishes, and since when we have it by the monotonic clock."""

    metadata: _Metadata
    keys: KeySet
    since: float = field(default_factory=time.monotonic)


class OpenIdConnectProvider:
    """One provider that this deployment is a confidential client of; ValueError for an issuer without TLS.

    `accepts_loopback` lets a demonstration's provider do without TLS, on this very machine only.
    """

    def __init__(
        self,
        name: str,
        issuer: str,
        client_id: str,
        client_secret: Sensitive,
        *,
        accepts_loopback: bool = False,
    ) -> None:
        self.name = name
        self._issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._accepts_loopback = accepts_loopback
        self._kept: _Kept | None = None
        self._fetching = asyncio.Lock()
        self._http = httpx.AsyncClient(
            timeout=httpx.Timeout(_TIMEOUT_SECONDS, connect=_CONNECT_TIMEOUT_SECONDS),
            follow_redirects=False,
            headers={"Accept": "application/json"},
        )
        if not self._is_secure(issuer):
            raise ValueError("the issuer of an OpenID provider is an https address")

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def authorization_url(self, ask: AuthorizationAsk) -> str:
        """Return where to send the browser for a code that PKCE (S256) and the nonce bind to the ask."""
        endpoint = (await self._published()).metadata.authorization_endpoint
        query = urlencode(
            {
                "response_type": "code",
                "client_id": self._client_id,
                "redirect_uri": ask.redirect_uri,
                "scope": _SCOPE,
                "state": ask.state,
                "nonce": ask.nonce,
                "code_challenge": ask.code_challenge,
                "code_challenge_method": "S256",
            }
        )
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{query}"

    async def person_of(
        self, answer: AuthorizationAnswer, ask: AuthorizationAsk, at: datetime
    ) -> OutsidePerson:
        """Exchange a code and verify the id token that comes for it; errors are those of the port."""
        published = await self._published()
        is_silent = answer.issuer is None and not published.metadata.says_issuer
        if not is_silent and answer.issuer != self._issuer:
            raise self._refused("the answer is another provider's")
        tokens = await self._exchange(published.metadata, answer.code, ask)
        expected = Expected(self._issuer, self._client_id, ask.nonce, at)
        claims = await self._verified(str(tokens.get("id_token", "")), expected)
        if "email" not in claims and published.metadata.userinfo_endpoint is not None:
            claims = {**claims, **await self._userinfo(published.metadata, tokens, str(claims["sub"]))}
        email = claims.get("email")
        return OutsidePerson(
            issuer=self._issuer,
            subject=str(claims["sub"]),
            email=email if isinstance(email, str) else None,
            is_email_verified=claims.get("email_verified") is True,
        )

    async def _exchange(self, metadata: _Metadata, code: str, ask: AuthorizationAsk) -> Mapping[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": ask.redirect_uri,
            "code_verifier": ask.code_verifier,
        }
        secret = self._client_secret.reveal()
        if metadata.takes_basic:
            # RFC 6749 2.3.1: both are form-encoded before they become Basic credentials.
            credentials = httpx.BasicAuth(_form_encoded(self._client_id), _form_encoded(secret))
            request = self._http.build_request("POST", metadata.token_endpoint, data=form)
            return await self._asked(request, credentials)
        form |= {"client_id": self._client_id, "client_secret": secret}
        return await self._asked(self._http.build_request("POST", metadata.token_endpoint, data=form))

    async def _verified(self, id_token: str, expected: Expected) -> Mapping[str, Any]:
        try:
            try:
                return verify_id_token(id_token, (await self._published()).keys, expected)
            except KeyUnknown:
                return verify_id_token(id_token, (await self._published(anew=True)).keys, expected)
        except (IdTokenRefused, KeyUnknown) as error:
            raise self._refused(f"the id token is not good: {error}") from error

    async def _userinfo(
        self, metadata: _Metadata, tokens: Mapping[str, Any], subject: str
    ) -> Mapping[str, Any]:
        headers = {"Authorization": f"Bearer {tokens.get('access_token', '')}"}
        request = self._http.build_request("GET", str(metadata.userinfo_endpoint), headers=headers)
        found = await self._asked(request)
        # Another access token would tell of somebody else.
        if found.get("sub") != subject:
            raise self._refused("the user information is about somebody else")
        return {name: found[name] for name in ("email", "email_verified") if name in found}

    async def _published(self, *, anew: bool = False) -> _Kept:
        async with self._fetching:
            age = float("inf") if self._kept is None else time.monotonic() - self._kept.since
            if self._kept is None or age > (_SOONEST_REFETCH_SECONDS if anew else _KEPT_SECONDS):
                metadata = await self._discover()
                self._kept = _Kept(metadata, await self._fetch_keys(metadata.jwks_uri))
            return self._kept

    async def _discover(self) -> _Metadata:
        url = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        found = await self._read(url)
        if found.get("issuer") != self._issuer:
            raise self._unavailable("its discovery document is another issuer's")
        try:
            metadata = _Metadata(
                authorization_endpoint=str(found["authorization_endpoint"]),
                token_endpoint=str(found["token_endpoint"]),
                jwks_uri=str(found["jwks_uri"]),
                userinfo_endpoint=found.get("userinfo_endpoint"),
                says_issuer=found.get("authorization_response_iss_parameter_supported") is True,
                takes_basic="client_secret_basic"
                in found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"]),
            )
        except KeyError as error:
            raise self._unavailable(f"its discovery document lacks {error}") from None
        endpoints = (metadata.authorization_endpoint, metadata.token_endpoint, metadata.jwks_uri)
        if not all(map(self._is_secure, (*endpoints, metadata.userinfo_endpoint or self._issuer))):
            raise self._unavailable("it is to be reached without TLS")
        return metadata

    async def _fetch_keys(self, url: str) -> KeySet:
        found = await self._read(url)
        try:
            usable = [key for key in found["keys"] if key.get("kty") in {"RSA", "EC", "OKP"}]
            return KeySet.import_key_set({"keys": usable})
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise self._unavailable("its keys cannot be read") from error

    async def _asked(self, request: httpx.Request, auth: httpx.BasicAuth | None = None) -> Mapping[str, Any]:
        """Return the answer to a request that is about somebody: here an error of ours is a refusal."""
        status, document = await self._send(request, auth)
        if httpx.codes.is_client_error(status):
            raise self._refused(f"it refused with {status}")
        return self._object(status, document)

    async def _read(self, url: str) -> Mapping[str, Any]:
        """Return what a provider publishes at an address."""
        return self._object(*await self._send(self._http.build_request("GET", url), None))

    def _object(self, status: int, document: Any) -> Mapping[str, Any]:
        if not httpx.codes.is_success(status) or not isinstance(document, dict):
            raise self._unavailable(f"it answered {status}")
        return document

    async def _send(self, request: httpx.Request, auth: httpx.BasicAuth | None) -> tuple[int, Any]:
        try:
            response = await self._http.send(request, auth=auth, stream=True)
            try:
                return response.status_code, json.loads(await self._body(response))
            finally:
                await response.aclose()
        except (httpx.HTTPError, ValueError, RecursionError) as error:
            raise self._unavailable(type(error).__name__) from None

    async def _body(self, response: httpx.Response) -> bytes:
        body = b""
        async for part in response.aiter_bytes():
            body += part
            if len(body) > _LARGEST_ANSWER_BYTES:
                raise self._unavailable("it answers without end")
        return body

    def _is_secure(self, url: str) -> bool:
        parts = urlsplit(url)
        is_loopback = parts.scheme == "http" and parts.hostname == "127.0.0.1"
        return parts.scheme == "https" or (is_loopback and self._accepts_loopback)

    def _refused(self, why: str) -> ProviderRefused:
        _log.warning("openid_provider_refused", provider=self.name, why=why)
        return ProviderRefused(why)

    def _unavailable(self, why: str) -> Unavailable:
        _log.warning("openid_provider_unavailable", provider=self.name, why=why)
        return Unavailable("provider_unavailable", "The provider does not answer as it should; try again.")


def _form_encoded(text: str) -> str:
    return urlencode({"": text})[1:]
