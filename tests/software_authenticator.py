"""An authenticator made of software: a key, a counter, and the bytes that WebAuthn wants to see."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

PRESENT, VERIFIED, BACKUP_ELIGIBLE, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40
GOOD = PRESENT | VERIFIED


@dataclass
class SoftwareAuthenticator:
    """Holds one discoverable credential; every fact of an answer can be forged by keyword."""

    origin: str = "https://cardwright.test"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    sign_count: int = 0
    user_handle: str | None = None

    def make(self, options: Mapping[str, Any], **forged: Any) -> dict[str, Any]:
        """Answer creation options as a browser writes it."""
        self.user_handle = options["user"]["id"]
        public = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: public.x.to_bytes(32), -3: public.y.to_bytes(32)}
        flags = forged.get("flags", GOOD) | ATTESTED
        data = self._data(forged.get("rp_id", options["rp"]["id"]), flags, forged.get("sign_count", 0))
        data += bytes(16) + len(self.credential_id).to_bytes(2) + self.credential_id + cbor2.dumps(cose)
        statement = {
            "fmt": forged.get("fmt", "none"),
            "attStmt": forged.get("statement", {}),
            "authData": data,
        }
        response = {
            "clientDataJSON": self._client_data("webauthn.create", options, forged),
            "attestationObject": bytes_to_base64url(cbor2.dumps(statement)),
            "transports": ["internal", "hybrid", "telepathy"],
        }
        # A browser adds members that we do not read.
        return {
            **self._credential(response),
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
        }

    def use(self, options: Mapping[str, Any], **forged: Any) -> dict[str, Any]:
        """Answer request options; the counter goes up by one unless it is forged."""
        self.sign_count = forged.get("sign_count", self.sign_count + 1)
        data = self._data(forged.get("rp_id", options["rpId"]), forged.get("flags", GOOD), self.sign_count)
        client_data = self._client_data("webauthn.get", options, forged)
        signed = data + hashlib.sha256(base64url_to_bytes(client_data)).digest()
        signature = self.key.sign(signed, ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": client_data,
            "authenticatorData": bytes_to_base64url(data),
            "signature": bytes_to_base64url(forged.get("signature", signature)),
            "userHandle": forged.get("user_handle", self.user_handle),
        }
        return self._credential(response)

    def _credential(self, response: Mapping[str, Any]) -> dict[str, Any]:
        credential_id = bytes_to_base64url(self.credential_id)
        return {"id": credential_id, "rawId": credential_id, "type": "public-key", "response": dict(response)}

    def _client_data(self, kind: str, options: Mapping[str, Any], forged: Mapping[str, Any]) -> str:
        members = {
            "type": forged.get("type", kind),
            "challenge": forged.get("challenge", options["challenge"]),
            "origin": forged.get("origin", self.origin),
            "crossOrigin": forged.get("cross_origin", False),
        }
        return bytes_to_base64url(json.dumps(members).encode())

    def _data(self, rp_id: str, flags: int, sign_count: int) -> bytes:
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + sign_count.to_bytes(4)
