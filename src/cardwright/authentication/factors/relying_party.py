"""What WebAuthn asks of the party that people sign in to, and reading what their authenticators answer."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json_dict
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from cardwright.authentication.factors.domain import CHALLENGE_LIFETIME, Passkey
from cardwright.core.errors import Invalid

_ALGORITHMS: Final = [
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
# Asked for none, authenticators may still sign about themselves with the new key; more is not asked for.
_ATTESTATIONS: Final = frozenset({"none", "packed"})
_TIMEOUT_MS: Final = int(CHALLENGE_LIFETIME.total_seconds()) * 1_000
_TRANSPORTS: Final = frozenset(known.value for known in AuthenticatorTransport)


@dataclass(frozen=True, slots=True)
class NewCredential:
    """The public half of a credential that an authenticator has just made."""

    credential_id: str
    public_key: bytes = field(repr=False)
    sign_count: int
    is_backup_eligible: bool
    is_backed_up: bool


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a genuine answer of an authenticator says; whether its counter is good is judged elsewhere."""

    sign_count: int
    is_backup_eligible: bool
    is_backed_up: bool


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Who credentials are made for: `id` is a domain, `origin` the one place ceremonies happen at."""

    id: str
    origin: str
    name: str

    @classmethod
    def of(cls, public_url: str, name: str) -> Self:
        """Return the party at an address.

        >>> RelyingParty.of("https://Cards.example:8443/app", "Cards")
        RelyingParty(id='cards.example', origin='https://cards.example:8443', name='Cards')
        """
        parts = urlsplit(public_url)
        host = parts.hostname or ""
        port = "" if parts.port is None else f":{parts.port}"
        return cls(host, f"{parts.scheme}://{host}{port}", name)

    def registration_options(
        self, *, handle: bytes, account: str, challenge: bytes, known: Sequence[Passkey]
    ) -> Mapping[str, Any]:
        """Return what a browser needs to make a credential, in the JSON form of WebAuthn."""
        options = webauthn.generate_registration_options(
            rp_id=self.id,
            rp_name=self.name,
            user_id=handle,
            user_name=account,
            challenge=challenge,
            timeout=_TIMEOUT_MS,
            attestation=AttestationConveyancePreference.NONE,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=_descriptors(known),
            supported_pub_key_algs=_ALGORITHMS,
        )
        return options_to_json_dict(options)

    def assertion_options(self, *, challenge: bytes, known: Sequence[Passkey]) -> Mapping[str, Any]:
        """Return what a browser needs to use a credential; with none known, any that it holds for us."""
        options = webauthn.generate_authentication_options(
            rp_id=self.id,
            challenge=challenge,
            timeout=_TIMEOUT_MS,
            allow_credentials=_descriptors(known),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return options_to_json_dict(options)

    def read_registration(self, credential: Mapping[str, Any], challenge: bytes) -> NewCredential:
        """Return the credential of a genuine registration; raise Invalid `passkey_refused` for any other."""
        try:
            found = webauthn.verify_registration_response(
                credential=dict(credential),
                expected_challenge=challenge,
                expected_rp_id=self.id,
                expected_origin=[self.origin],
                require_user_verification=True,
                supported_pub_key_algs=_ALGORITHMS,
            )
            _ensure_same_origin(credential)
        except Exception as error:  # whatever parsers of hostile bytes raise, it is no credential
            raise _refused() from error
        if found.fmt not in _ATTESTATIONS:
            raise _refused()
        return NewCredential(
            bytes_to_base64url(found.credential_id),
            found.credential_public_key,
            found.sign_count,
            is_backup_eligible=found.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
            is_backed_up=found.credential_backed_up,
        )

    def read_assertion(
        self, credential: Mapping[str, Any], challenge: bytes, public_key: bytes
    ) -> Assertion | None:
        """Return what an authenticator truly signed; None for anything else."""
        try:
            found = webauthn.verify_authentication_response(
                credential=dict(credential),
                expected_challenge=challenge,
                expected_rp_id=self.id,
                expected_origin=[self.origin],
                credential_public_key=public_key,
                # The library would judge the counter before the signature: anybody could feign a copy.
                credential_current_sign_count=0,
                require_user_verification=True,
            )
            _ensure_same_origin(credential)
        except Exception:  # noqa: BLE001 - as above
            return None
        return Assertion(
            found.new_sign_count,
            is_backup_eligible=found.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
            is_backed_up=found.credential_backed_up,
        )


def known_transports(words: Sequence[str]) -> tuple[str, ...]:
    """Return those of an authenticator's transports that browsers will understand again."""
    return tuple(word for word in words if word in _TRANSPORTS)


def _refused() -> Invalid:
    # Which of the checks failed is nobody's business.
    return Invalid("passkey_refused", "This passkey was not accepted. Begin again.")


def _descriptors(known: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=base64url_to_bytes(passkey.credential_id),
            transports=[AuthenticatorTransport(word) for word in passkey.transports],
        )
        for passkey in known
    ]


def _ensure_same_origin(credential: Mapping[str, Any]) -> None:
    # In a frame of somebody else's page, people do not see what they confirm.
    client_data = json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))
    if client_data.get("crossOrigin", False) is not False or "topOrigin" in client_data:
        raise ValueError("the ceremony happened inside another site's page")
