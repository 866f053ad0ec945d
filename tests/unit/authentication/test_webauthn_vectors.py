"""The test vectors of WebAuthn Level 3 (section 16), made anew by the recipe that it prints beside them.

Every random value is derived from the vector's name; what is signed is signed deterministically, so that a
signature equal to the published one proves that every byte before it is the published one, too.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import cbor2
import webauthn
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from webauthn.helpers import bytes_to_base64url

from cardwright.authentication import RelyingParty
from cardwright.core.errors import Invalid

PARTY = RelyingParty.of("https://example.org", "Examples")
RP_ID_HASH = hashlib.sha256(b"example.org").digest()
PUBLISHED = {
    "none.ES256": (
        "3046022100f50a4e2e4409249c4a853ba361282f09841df4dd4547a13a87780218deffcd38"
        "0221008480ac0f0b93538174f575bf11a1dd5d78c6e486013f937295ea13653e331e87"
    ),
    "packed-self.ES256": (
        "304402203310b9431903c401f1be2bdc8d23a4007682dbbddcf846994947b7f465daf840"
        "02204e94dd00047b316061b3b99772b7efd95994a83ef584b3b6b825ea3550251b66"
    ),
}
PUBLISHED_ATTESTATION = (
    "30440220067a20754ab925005dbf378097c92120031581c73228d1fb4f5b881bcd7da983"
    "02207fc7b147558c7c0eba3af18bd9d121fa3d3a26d17fe3f220272178f473b6006d"
)


@dataclass
class Vector:
    """One registration and one authentication, as section 16 has them."""

    name: str
    is_cross_origin: bool = False
    is_attested: bool = False
    challenge: bytes = b""
    attestation: bytes = b""
    public_key: bytes = b""
    registered_flags: int = 0
    credential_id: bytes = b""
    _turn: Any = field(default_factory=count)

    def __post_init__(self) -> None:
        self.challenge = self._next(32)
        self.key = ec.derive_private_key(int.from_bytes(self._next(32)), ec.SECP256R1())

    def registration(self) -> dict[str, Any]:
        client_data = self._client_data("webauthn.create")
        aaguid, self.credential_id = self._next(16), self._next(32)
        flags = self._next(1)[0] & 0x1C
        self.registered_flags = 0x41 | (flags if flags & 0x08 else flags & 0x04)
        public = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: public.x.to_bytes(32), -3: public.y.to_bytes(32)}
        self.public_key = cbor2.dumps(cose)
        data = RP_ID_HASH + bytes([self.registered_flags, 0, 0, 0, 0]) + aaguid
        data += (32).to_bytes(2) + self.credential_id + self.public_key
        statement: dict[str, Any] = {}
        if self.is_attested:
            self.attestation = self._sign(data, client_data)
            statement = {"alg": -7, "sig": self.attestation}
        made = {"fmt": "packed" if self.is_attested else "none", "attStmt": statement, "authData": data}
        return self._credential(clientDataJSON=client_data, attestationObject=cbor2.dumps(made))

    def authentication(self) -> tuple[bytes, dict[str, Any], str]:
        """Return the challenge, the answer and its signature in hexadecimal."""
        challenge = self.challenge = self._next(32)
        client_data = self._client_data("webauthn.get")
        flags = 0x01 | (self.registered_flags & 0x08)
        chosen = self._next(1)[0] & 0x14
        data = RP_ID_HASH + bytes([flags | (chosen if flags & 0x08 else chosen & 0x04), 0, 0, 0, 0])
        signature = self._sign(data, client_data)
        answer = self._credential(clientDataJSON=client_data, authenticatorData=data, signature=signature)
        return challenge, answer, signature.hex()

    def _next(self, length: int) -> bytes:
        salt = bytes([next(self._turn)])
        derived = HKDF(hashes.SHA256(), length, salt, self.name.encode())
        return derived.derive(b"WebAuthn test vectors")

    def _client_data(self, kind: str) -> bytes:
        members: dict[str, Any] = {
            "type": kind, "challenge": bytes_to_base64url(self.challenge), "origin": "https://example.org",
            "crossOrigin": self.is_cross_origin,
        }  # fmt: skip
        if self._next(1)[0] & 0x01:
            more = bytes_to_base64url(self._next(16))
            said = "clientDataJSON may be extended with additional fields in the future, such as this: "
            members["extraData"] = said + more
        return json.dumps(members, separators=(",", ":")).encode()

    def _sign(self, data: bytes, client_data: bytes) -> bytes:
        how = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
        return self.key.sign(data + hashlib.sha256(client_data).digest(), how)

    def _credential(self, **response: bytes) -> dict[str, Any]:
        credential_id = bytes_to_base64url(self.credential_id)
        written = {name: bytes_to_base64url(value) for name, value in response.items()}
        return {"id": credential_id, "rawId": credential_id, "type": "public-key", "response": written}


def accepts(credential: Mapping[str, Any], challenge: bytes) -> bool:
    try:
        PARTY.read_registration(credential, challenge)
    except Invalid:
        return False
    return True


def is_genuine(vector: Vector, challenge: bytes, answer: dict[str, Any]) -> bool:
    """Answer what the standard says of an answer when nobody asks for user verification."""
    found = webauthn.verify_authentication_response(
        credential=answer,
        expected_challenge=challenge,
        expected_rp_id="example.org",
        expected_origin="https://example.org",
        credential_public_key=vector.public_key,
        credential_current_sign_count=0,
    )
    return not found.user_verified


def test_a_self_attested_registration_that_verified_the_person_is_accepted() -> None:
    vector = Vector("packed-self.ES256", is_attested=True)
    registration = vector.registration()
    assert vector.attestation.hex() == PUBLISHED_ATTESTATION
    assert accepts(registration, vector.challenge)
    made = PARTY.read_registration(registration, vector.challenge)
    assert made.public_key == vector.public_key
    assert (made.is_backup_eligible, made.is_backed_up) == (True, True)


def test_a_registration_that_did_not_verify_the_person_is_refused() -> None:
    vector = Vector("none.ES256")
    registration = vector.registration()
    assert not vector.registered_flags & 0x04
    assert not accepts(registration, vector.challenge)


def test_a_registration_in_a_frame_of_another_site_is_refused() -> None:
    vector = Vector("none.ES256.crossOrigin", is_cross_origin=True)
    registration = vector.registration()
    assert vector.registered_flags & 0x04
    assert not accepts(registration, vector.challenge)


def test_genuine_answers_that_did_not_verify_the_person_are_refused_for_that_alone() -> None:
    for name, is_attested in (("none.ES256", False), ("packed-self.ES256", True)):
        vector = Vector(name, is_attested=is_attested)
        vector.registration()
        challenge, answer, signature = vector.authentication()
        assert signature == PUBLISHED[name]
        assert is_genuine(vector, challenge, answer)
        assert PARTY.read_assertion(answer, challenge, vector.public_key) is None
