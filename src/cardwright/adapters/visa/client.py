"""The transport: two certificates, a password, a signed token and a message sealed both ways."""

import hashlib
import hmac
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from cardwright.core.clock import Clock
from cardwright.core.errors import Unavailable
from cardwright.core.sensitive import Sensitive
from cardwright.measures import provider_call

CONNECT_TIMEOUT_SECONDS: Final = 2.0
READ_TIMEOUT_SECONDS: Final = 10.0
SUCCESS: Final = "00"
_ALGORITHMS: Final = ["RSA-OAEP-256", "A128GCM", "A256GCM"]
_TOO_MANY_REQUESTS: Final = 429
_SERVER_ERROR: Final = 500


@dataclass(frozen=True, slots=True)
class VisaAccess:
    """What a project at Visa consists of: secrets, files and the names it is known by."""

    base_url: str
    user_id: str
    password: Sensitive
    api_key: Sensitive
    shared_secret: Sensitive
    client_certificate: Path
    client_key: Path
    authority: Path | None
    message_key_id: str
    message_certificate: Path
    message_key: Path
    client_id: str
    buyer_id: str
    proxy_pool_id: str


class RequestRefused(Exception):
    """Visa refuses the request, now and every time: a mistake in our code or settings."""

    def __init__(self, code: str, http_status: int, correlation_id: str | None) -> None:
        super().__init__(f"{code} (HTTP {http_status}, correlation {correlation_id})")
        self.code = code
        self.http_status = http_status
        self.correlation_id = correlation_id


class VisaClient:
    """Sends one message and returns the opened answer; connections are kept for the next."""

    def __init__(self, access: VisaAccess, clock: Clock) -> None:
        self.access = access
        self._clock = clock
        self._their_key = RSAKey.import_key(access.message_certificate.read_text())
        self._own_key = RSAKey.import_key(access.message_key.read_text())
        context = ssl.create_default_context(cafile=access.authority)
        context.load_cert_chain(access.client_certificate, access.client_key)
        self._http = httpx.AsyncClient(
            base_url=access.base_url,
            verify=context,
            auth=(access.user_id, access.password.reveal()),
            timeout=httpx.Timeout(READ_TIMEOUT_SECONDS, connect=CONNECT_TIMEOUT_SECONDS),
            trust_env=False,
        )

    async def call(self, path: str, message: Mapping[str, Any]) -> Mapping[str, Any]:
        """Post a message; RequestRefused with Visa's code, Unavailable without an answer."""
        body = json.dumps({"encData": self._seal(message)}).encode()
        query = f"apikey={self.access.api_key.reveal()}"
        headers = {
            "content-type": "application/json",
            "accept": "application/json",
            "keyId": self.access.message_key_id,
            "x-pay-token": self._token(path, query, body),
        }
        with provider_call("visa"):
            try:
                response = await self._http.post(f"{path}?{query}", content=body, headers=headers)
            except httpx.HTTPError as error:
                raise _unavailable() from error
            return self._answer(response)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    def _seal(self, message: Mapping[str, Any]) -> str:
        header = {
            "alg": "RSA-OAEP-256",
            "enc": "A256GCM",
            "kid": self.access.message_key_id,
            "iat": int(self._clock.now().timestamp() * 1000),
        }
        return jwe.encrypt_compact(header, json.dumps(message), self._their_key, registry=_registry())

    def _token(self, path: str, query: str, body: bytes) -> str:
        timestamp = int(self._clock.now().timestamp())
        signed = f"{timestamp}{path.lstrip('/')}{query}".encode() + body
        digest = hmac.new(self.access.shared_secret.reveal().encode(), signed, hashlib.sha256).hexdigest()
        return f"xv2:{timestamp}:{digest}"

    def _answer(self, response: httpx.Response) -> Mapping[str, Any]:
        status, correlation_id = response.status_code, response.headers.get("x-correlation-id")
        if status >= _SERVER_ERROR or status == _TOO_MANY_REQUESTS:
            raise _unavailable()
        if not response.is_success:
            raise RequestRefused(_gateway_code(response), status, correlation_id)
        try:
            opened = jwe.decrypt_compact(response.json()["encData"], self._own_key, registry=_registry())
            answer: dict[str, Any] = json.loads(opened.plaintext or b"")
            codes = [found["responseCode"] for found in answer["responses"]]
        except (JoseError, ValueError, KeyError, TypeError):
            # Without the cause: what was opened may be in its text.
            raise _unavailable() from None
        for code in codes:
            if code != SUCCESS:
                raise RequestRefused(code, status, correlation_id)
        return answer


def _gateway_code(response: httpx.Response) -> str:
    try:
        return str(response.json()["responseStatus"]["code"])
    except (ValueError, KeyError, TypeError):
        return "unknown"


def _registry() -> jwe.JWERegistry:
    # `iat` is no registered header of a JWE.
    return jwe.JWERegistry(algorithms=_ALGORITHMS, strict_check_header=False)


def _unavailable() -> Unavailable:
    return Unavailable("processor_unavailable", "The card processor does not answer; it is tried again.")
