"""Who may call and how it is wrapped: HTTP Basic, x-pay-token, and JWE both ways."""

import hashlib
import hmac
import json
from base64 import b64encode
from typing import Any, Final

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from starlette.requests import Request

from simulator.clock import real_now
from simulator.settings import SimulatorSettings
from simulator.visa.certificates import Papers

TOKEN_TOLERANCE_SECONDS: Final = 300
_ALGORITHMS: Final = ["RSA-OAEP-256", "A128GCM", "A256GCM"]


class VisaError(Exception):
    """A call refused before it reaches the service, with its HTTP status."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class Gate:
    """Checks what arrives, unwraps it, and wraps what is answered."""

    def __init__(self, settings: SimulatorSettings, papers: Papers) -> None:
        self._settings = settings
        self._own_key = RSAKey.import_key(papers.key("mle-visa").read_text())
        self._their_key = RSAKey.import_key(papers.certificate("mle-client").read_text())

    def ensure_allowed(self, request: Request, body: bytes) -> None:
        """Check user, password and token."""
        settings = self._settings
        basic = b64encode(f"{settings.visa_user_id}:{settings.visa_password}".encode()).decode()
        if not hmac.compare_digest(request.headers.get("authorization", ""), f"Basic {basic}"):
            raise VisaError(401, "9124", "Authentication failed")
        if request.query_params.get("apikey") != settings.visa_api_key:
            raise VisaError(401, "9123", "API key missing or unknown")
        self._ensure_token(request, body)

    def _ensure_token(self, request: Request, body: bytes) -> None:
        version, _, rest = request.headers.get("x-pay-token", "").partition(":")
        timestamp, _, digest = rest.partition(":")
        if version != "xv2" or not timestamp.isdecimal():
            raise VisaError(401, "9159", "x-pay-token missing or malformed")
        if abs(real_now().timestamp() - int(timestamp)) > TOKEN_TOLERANCE_SECONDS:
            raise VisaError(401, "9203", "x-pay-token expired")
        signed = f"{timestamp}{request.url.path.lstrip('/')}{request.url.query}".encode() + body
        right = hmac.new(self._settings.visa_shared_secret.encode(), signed, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(digest, right):
            raise VisaError(401, "9160", "x-pay-token does not match the request")

    def open(self, request: Request, body: bytes) -> dict[str, Any]:
        """Decrypt the message."""
        if request.headers.get("keyid") != self._settings.visa_key_id:
            raise VisaError(400, "9501", "keyId missing or unknown")
        try:
            sealed = json.loads(body)["encData"]
            message = json.loads(
                jwe.decrypt_compact(sealed, self._own_key, registry=_registry()).plaintext or b""
            )
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise VisaError(400, "9502", "The message cannot be decrypted") from error
        if not isinstance(message, dict):
            raise VisaError(400, "9502", "The message is no object")
        return message

    def seal(self, answer: dict[str, Any]) -> dict[str, str]:
        """Encrypt an answer for the client."""
        header = {
            "alg": "RSA-OAEP-256",
            "enc": "A256GCM",
            "kid": self._settings.visa_key_id,
            "iat": int(real_now().timestamp() * 1000),
        }
        sealed = jwe.encrypt_compact(header, json.dumps(answer), self._their_key, registry=_registry())
        return {"encData": sealed}


def _registry() -> jwe.JWERegistry:
    # `iat` is no registered header of a JWE.
    return jwe.JWERegistry(algorithms=_ALGORITHMS, strict_check_header=False)
