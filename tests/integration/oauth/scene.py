"""Clients for tests: registered through the face, and holding their own keys."""

import base64
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OKPKey
from sqlalchemy.ext.asyncio import AsyncEngine

from builders import ISSUER
from cardwright.access import Role
from cardwright.core.clock import Clock
from cardwright.db.session import transaction
from cardwright.oauth import AuthMethod, GrantType, NewClient, ensure_first_party_client, register_client
from cardwright.oauth.clients import Registered
from integration.kyc.people import the_program
from staff import grant_role

CALLBACK: Final = "https://partner.example/connected"
PHONE_CALLBACK: Final = "https://app.cardwright.test/signed-in"
CODE_GRANTS: Final = (GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN)
SCOPES: Final = (
    "openid",
    "profile",
    "email",
    "phone",
    "address",
    "offline_access",
    "account.read",
    "cards.read",
)
PHONE: Final = "client_phone"


def challenge_of(verifier: str) -> str:
    digest = sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def query_of(location: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


async def registered(engine: AsyncEngine, clock: Clock, **wishes: Any) -> Registered:
    """Register a client of a partner: with a secret, for codes, unless it is wished otherwise."""
    wanted = {
        "name": "Tally Accounting", "auth_method": AuthMethod.SECRET, "grant_types": CODE_GRANTS,
        "scopes": SCOPES, "redirect_uris": (CALLBACK,), **wishes,
    }  # fmt: skip
    async with transaction(engine) as session:
        program = await the_program(session)
        return await register_client(
            session, NewClient(**wanted), program_id=program.id, by="user_staff", at=clock.now()
        )


async def a_phone_client(
    engine: AsyncEngine, clock: Clock, redirect_uris: Sequence[str] = (PHONE_CALLBACK,)
) -> str:
    """Settle the program's own application for phones, and return its id."""
    new = NewClient("Phone", AuthMethod.NONE, CODE_GRANTS, SCOPES, redirect_uris, redirect_uris)
    async with transaction(engine) as session:
        program = await the_program(session)
        await ensure_first_party_client(session, PHONE, new, program_id=program.id, at=clock.now())
    return PHONE


async def a_machine(
    engine: AsyncEngine, clock: Clock, roles: Collection[Role] = (Role.SUPPORT,), **wishes: Any
) -> Registered:
    """Register a client that acts for itself in some roles."""
    wanted = {
        "grant_types": (GrantType.CLIENT_CREDENTIALS,), "scopes": ("users.read", "ledger.read"),
        "redirect_uris": (), **wishes,
    }  # fmt: skip
    made = await registered(engine, clock, **wanted)
    async with transaction(engine) as session:
        for role in roles:
            await grant_role(session, made.client.id, role, "system", clock.now())
    return made


def credentials(text: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(text.encode()).decode()}"}


def basic(made: Registered) -> dict[str, str]:
    """Return the header by which a client with a secret proves itself."""
    return credentials(f"{made.client.id}:{made.secret}")


@dataclass
class Application:
    """A client at work: a public one with a DPoP key, or one whose `credentials` are a header."""

    http: httpx.AsyncClient
    clock: Clock
    client_id: str
    redirect_uri: str
    credentials: Mapping[str, str] = field(default_factory=dict)
    key: Key = field(default_factory=lambda: ECKey.generate_key("P-256"))
    verifier: str = field(default_factory=lambda: token_urlsafe(48))

    @property
    def is_public(self) -> bool:
        return not self.credentials

    def proof(
        self, method: str, url: str, access_token: str | None = None, *, key: Key | None = None,
        header: Mapping[str, Any] = {}, without: str = "", **changes: Any,
    ) -> str:  # fmt: skip
        """Sign a DPoP proof, with some of it changed or left out."""
        signer = key or self.key
        claims: dict[str, Any] = {
            "jti": token_urlsafe(12), "htm": method, "htu": url, "iat": int(self.clock.now().timestamp()),
        }  # fmt: skip
        if access_token is not None:
            claims["ath"] = challenge_of(access_token)
        claims = {name: value for name, value in (claims | changes).items() if name != without}
        algorithm = "Ed25519" if isinstance(signer, OKPKey) else "ES256"
        head = {"typ": "dpop+jwt", "alg": algorithm, "jwk": signer.as_dict(private=False), **header}
        return jwt.encode(head, claims, signer, algorithms=[str(head["alg"])])

    def query(self, **changes: str | None) -> dict[str, str]:
        """Return an authorization request, with some of it changed, or left out where it is None."""
        asked: dict[str, str | None] = {
            "client_id": self.client_id, "redirect_uri": self.redirect_uri, "response_type": "code",
            "scope": " ".join(SCOPES), "state": "state-1", "nonce": "nonce-1",
            "code_challenge": challenge_of(self.verifier), "code_challenge_method": "S256", **changes,
        }  # fmt: skip
        return {name: value for name, value in asked.items() if value is not None}

    async def authorize(self, browser: Mapping[str, str], **changes: str | None) -> httpx.Response:
        """Bring a request to the authorization endpoint, as somebody's browser does."""
        return await self.http.get("/oauth/authorize", params=self.query(**changes), headers=browser)

    async def code(self, browser: Mapping[str, str], **changes: str | None) -> str:
        """Get a code, saying yes where the person is asked."""
        location = (await self.authorize(browser, **changes)).headers["location"]
        if "/oauth/consent/" in location:
            decided = await self.http.post(location, data={"decision": "approved"}, headers=browser)
            location = decided.headers["location"]
        return query_of(location)["code"]

    async def token(self, *, proof: str | None = None, **form: str) -> httpx.Response:
        """Ask the token endpoint for something."""
        headers = dict(self.credentials)
        if self.is_public:
            form = {"client_id": self.client_id, **form}
            headers["DPoP"] = proof or self.proof("POST", f"{ISSUER}/oauth/token")
        return await self.http.post("/oauth/token", data=form, headers=headers)

    async def exchange(self, code: str, /, **changes: str) -> httpx.Response:
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri,
            "code_verifier": self.verifier, **changes,
        }  # fmt: skip
        return await self.token(**form)

    async def tokens(self, browser: Mapping[str, str], **changes: str | None) -> dict[str, Any]:
        """Go all the way to tokens."""
        answer = await self.exchange(await self.code(browser, **changes))
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def refresh(self, refresh_token: str, /, **changes: Any) -> httpx.Response:
        return await self.token(grant_type="refresh_token", refresh_token=refresh_token, **changes)

    async def get(self, path: str, access_token: str, *, proof: str | None = None) -> httpx.Response:
        """Use an access token as it has to be used."""
        if not self.is_public:
            return await self.http.get(path, headers={"Authorization": f"Bearer {access_token}"})
        made = proof or self.proof("GET", f"{ISSUER}{path}", access_token)
        return await self.http.get(path, headers={"Authorization": f"DPoP {access_token}", "DPoP": made})


def claims_in(token: str) -> dict[str, Any]:
    """Return what a token says, without asking who signed it."""
    payload = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return found


def assertion(
    made: Registered, key: Key, at: datetime, *, header: Mapping[str, Any] = {}, **changes: Any
) -> dict[str, str]:
    """Return the form fields by which a client with a key proves itself."""
    now = int(at.timestamp())
    claims = {
        "iss": made.client.id, "sub": made.client.id, "aud": ISSUER, "jti": token_urlsafe(12), "iat": now,
        "exp": now + 60, **changes,
    }  # fmt: skip
    claims = {name: value for name, value in claims.items() if value is not None}
    head = {"alg": "ES256", **header}
    return {
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": jwt.encode(head, claims, key, algorithms=[head["alg"]]),
    }


def as_query(parameters: Mapping[str, str]) -> str:
    return urlencode(parameters)
