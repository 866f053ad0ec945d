"""What the routes of factors read and answer."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from cardwright.authentication.factors.domain import Passkey
from cardwright.authentication.factors.totp import NewTotp
from cardwright.core.sensitive import Sensitive
from cardwright.http.strict import Id, Input, Line, Output

_BASE64URL = "^[A-Za-z0-9_-]+$"
_ShortBytes = Annotated[str, StringConstraints(pattern=_BASE64URL, max_length=1_500)]
_LongBytes = Annotated[str, StringConstraints(pattern=_BASE64URL, max_length=20_000)]
CeremonyId = Annotated[
    Id,
    Field(
        description="From the options that were answered.", examples=["ceremony_01kb3x9p4fe8s8b9xkq5n2r7vt"]
    ),
]
PasskeyName = Annotated[Line, StringConstraints(min_length=1, max_length=60), Field(examples=["My phone"])]
TotpText = Annotated[
    str,
    StringConstraints(pattern="^[0-9]{6}$"),
    Field(description="The six digits that the app shows.", examples=["042917"]),
]
RecoveryCodeText = Annotated[
    str, StringConstraints(min_length=16, max_length=40), Field(examples=["7k3m-q0d9-x4tz-1fhw"])
]


class _Browsers(BaseModel):
    # Browsers write these objects, and newer ones add members: what is not known is left out, not refused.
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class AttestationResponse(_Browsers):
    """The `response` of a credential that was just made."""

    client_data_json: _LongBytes = Field(alias="clientDataJSON")
    attestation_object: _LongBytes = Field(alias="attestationObject")
    transports: list[Annotated[str, StringConstraints(max_length=40)]] = Field(
        default_factory=list, max_length=20
    )


class AssertionResponse(_Browsers):
    """The `response` of a credential that was used."""

    client_data_json: _LongBytes = Field(alias="clientDataJSON")
    authenticator_data: _LongBytes = Field(alias="authenticatorData")
    signature: _LongBytes
    user_handle: _ShortBytes | None = Field(default=None, alias="userHandle")


class _Credential(_Browsers):
    id: _ShortBytes
    raw_id: _ShortBytes = Field(alias="rawId")
    type: Literal["public-key"]

    def as_json(self) -> Mapping[str, Any]:
        """Return it as the browser wrote it, without what is not known."""
        return self.model_dump(by_alias=True, exclude_none=True)


class MadeCredential(_Credential):
    """`toJSON()` of what `navigator.credentials.create` gave (RegistrationResponseJSON)."""

    response: AttestationResponse


class UsedCredential(_Credential):
    """`toJSON()` of what `navigator.credentials.get` gave (AuthenticationResponseJSON)."""

    response: AssertionResponse


class NewPasskeyInput(Input):
    """A passkey that a device has just made."""

    ceremony_id: CeremonyId
    name: PasskeyName
    credential: MadeCredential


class PasskeyAnswerInput(Input):
    """What a device answered with one of its passkeys."""

    ceremony_id: CeremonyId
    credential: UsedCredential


class PasskeyNameInput(Input):
    """Another name."""

    name: PasskeyName


class TotpInput(Input):
    """A code of an authenticator app; each is good once."""

    code: TotpText


class RecoveryCodeInput(Input):
    """One of the recovery codes; dashes and upper case do not matter."""

    code: RecoveryCodeText


class CeremonyOutput(Output):
    """What a browser needs for `navigator.credentials`, good for five minutes and one answer."""

    ceremony_id: CeremonyId
    public_key: Mapping[str, Any] = Field(
        description="For `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON`."
    )


class PasskeyOutput(Output):
    """A passkey; `is_suspended` is one that may have been copied, which is trusted no more."""

    id: Id
    name: str
    created_at: datetime
    last_used_at: datetime | None
    is_backed_up: bool = Field(description="Whether a password manager keeps it on several devices.")
    is_suspended: bool

    @classmethod
    def of(cls, passkey: Passkey) -> Self:
        """Show a passkey to its owner."""
        return cls(
            id=passkey.id, name=passkey.name, created_at=passkey.created_at,
            last_used_at=passkey.last_used_at, is_backed_up=passkey.is_backed_up,
            is_suspended=passkey.suspended_at is not None,
        )  # fmt: skip


class RecoveryCodesOutput(Output):
    """Codes that are never shown again; each is good once. Empty when the ones from before stay good."""

    recovery_codes: list[str] = Field(examples=[["7k3m-q0d9-x4tz-1fhw"]])

    @classmethod
    def of(cls, codes: Sequence[Sensitive]) -> Self:
        """Show codes this once."""
        return cls(recovery_codes=[code.reveal() for code in codes])


class NewPasskeyOutput(RecoveryCodesOutput):
    """A passkey that counts from now on, and recovery codes beside a first one."""

    passkey: PasskeyOutput


class NewTotpOutput(Output):
    """What an authenticator app reads; shown this once."""

    secret: str = Field(description="In base 32, for typing.", examples=["JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"])
    uri: str = Field(description="The same as an `otpauth:` address.")
    qr_code: str = Field(description="The address as an SVG image.")

    @classmethod
    def of(cls, new: NewTotp) -> Self:
        """Show it this once."""
        return cls(secret=new.secret.reveal(), uri=new.uri.reveal(), qr_code=new.qr_code())


class FactorsOutput(Output):
    """What you have beside a password."""

    passkeys: list[PasskeyOutput]
    totp_confirmed_at: datetime | None = Field(description="Since when an authenticator app counts.")
    recovery_codes_left: int = Field(examples=[10])
