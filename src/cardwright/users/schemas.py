"""What the routes of users read and answer."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from cardwright.access import Role, permissions_of
from cardwright.approvals import Reason
from cardwright.http.strict import CurrencyCode, Day, Id, Input, Output
from cardwright.users.domain import (
    LOCALE_PATTERN,
    MAX_TEXT_LENGTH,
    PHONE_PATTERN,
    Address,
    Profile,
    ProfileDetails,
)
from cardwright.users.masking import mask_email, mask_phone
from cardwright.users.service import Person

Line = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT_LENGTH)]
Phone = Annotated[
    str,
    StringConstraints(pattern=f"^{PHONE_PATTERN}$"),
    Field(description="E.164.", examples=["+16175551234"]),
]
Country = Annotated[
    str,
    StringConstraints(pattern="^[A-Z]{2}$"),
    Field(description="ISO 3166-1 alpha-2.", examples=["DE"]),
]
Locale = Annotated[
    str, StringConstraints(pattern=f"^{LOCALE_PATTERN}$"), Field(description="BCP 47.", examples=["en-GB"])
]
TimeZone = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64),
    Field(description="A name of the IANA time zone database.", examples=["Europe/Berlin"]),
]
BirthDate = Annotated[Day, Field(examples=["1985-12-10"])]


class AddressInput(Input):
    """Where somebody lives."""

    line1: Line = Field(examples=["12 St James's Square"])
    city: Line = Field(examples=["London"])
    postal_code: Line = Field(examples=["SW1Y 4JH"])
    country: Country


class AddressOutput(Output):
    """Where somebody lives."""

    line1: str
    city: str
    postal_code: str
    country: str


class ProfileInput(Input):
    """A whole profile; what is left out is removed."""

    full_name: Line = Field(examples=["Ada Lovelace"])
    date_of_birth: BirthDate
    locale: Locale
    time_zone: TimeZone
    phone: Phone | None = None
    address: AddressInput | None = None
    currency: CurrencyCode | None = Field(
        default=None, description="What amounts are shown in where there is a choice."
    )

    def details(self) -> ProfileDetails:
        """Return the domain's value."""
        return ProfileDetails(
            full_name=self.full_name,
            date_of_birth=self.date_of_birth,
            locale=self.locale,
            time_zone=self.time_zone,
            phone=self.phone,
            address=Address(**self.address.model_dump()) if self.address else None,
            currency=self.currency,
        )


class ProfileOutput(Output):
    """What a person said about themselves."""

    full_name: str
    date_of_birth: date
    locale: str
    time_zone: str
    phone: str | None
    phone_verified_at: datetime | None = Field(
        description="When the number was proven; nothing is sent to it before."
    )
    address: AddressOutput | None
    currency: str | None

    @classmethod
    def of(cls, profile: Profile) -> Self:
        """Show a profile; who it belongs to is told around it."""
        return cls(
            full_name=profile.full_name,
            date_of_birth=profile.date_of_birth,
            locale=profile.locale,
            time_zone=profile.time_zone,
            phone=profile.phone,
            phone_verified_at=profile.phone_verified_at,
            address=AddressOutput.model_validate(profile.address) if profile.address else None,
            currency=profile.currency,
        )


class UserOutput(Output):
    """Somebody who registered; `profile` is null until they have filled it in."""

    id: str = Field(examples=["user_01kb3x9p4fe8s8b9xkq5n2r7vt"])
    email: str
    email_verified_at: datetime | None
    created_at: datetime
    profile: ProfileOutput | None
    roles: list[Role]
    permissions: list[str]

    @classmethod
    def of(cls, person: Person) -> Self:
        """Show a person."""
        return cls(
            id=person.identity.user_id,
            email=person.identity.email,
            email_verified_at=person.identity.verified_at,
            created_at=person.identity.created_at,
            profile=None if person.profile is None else ProfileOutput.of(person.profile),
            roles=sorted(person.roles),
            permissions=sorted(permissions_of(person.roles)),
        )


class MaskedAddressOutput(Output):
    """Where somebody lives, roughly."""

    city: str
    country: str


class MaskedProfileOutput(Output):
    """What staff see of what a person said about themselves."""

    full_name: str
    birth_year: int
    locale: str
    time_zone: str
    phone: str | None = Field(examples=["•••67"])
    address: MaskedAddressOutput | None

    @classmethod
    def of(cls, profile: Profile) -> Self:
        """Show what is needed to recognise somebody."""
        return cls(
            full_name=profile.full_name,
            birth_year=profile.date_of_birth.year,
            locale=profile.locale,
            time_zone=profile.time_zone,
            phone=mask_phone(profile.phone),
            address=MaskedAddressOutput.model_validate(profile.address) if profile.address else None,
        )


class MaskedUserOutput(Output):
    """Somebody who registered, as staff see them; `POST /v1/users/{user_id}/reveals` asks for the rest."""

    id: str = Field(examples=["user_01kb3x9p4fe8s8b9xkq5n2r7vt"])
    email: str = Field(examples=["a•••@p•••.example"])
    email_verified_at: datetime | None
    created_at: datetime
    profile: MaskedProfileOutput | None
    roles: list[Role]
    permissions: list[str]

    @classmethod
    def of(cls, person: Person) -> Self:
        """Show a person to staff."""
        return cls(
            id=person.identity.user_id,
            email=mask_email(person.identity.email),
            email_verified_at=person.identity.verified_at,
            created_at=person.identity.created_at,
            profile=None if person.profile is None else MaskedProfileOutput.of(person.profile),
            roles=sorted(person.roles),
            permissions=sorted(permissions_of(person.roles)),
        )


class RoleChangeInput(Input):
    """A role to give somebody, or to take away."""

    role: Role = Field(strict=False, examples=["fraud_analyst"])
    reason: Reason


class RevealInput(Input):
    """Why somebody's whole record has to be seen: a ticket, a complaint, a request of the police."""

    reason: Reason = Field(examples=["Ticket 4711: letter came back, read the address out to the caller"])


class PhoneInput(Input):
    """A number to prove."""

    phone: Phone


class PhoneVerificationOutput(Output):
    """A code is on its way to the number."""

    phone_verification_id: Id = Field(examples=["phver_01kb3x9p4fe8s8b9xkq5n2r7vt"])


class PhoneCodeInput(Input):
    """The code from the text message."""

    code: Annotated[str, StringConstraints(pattern="^[0-9]{6}$"), Field(examples=["042917"])]


class ClosingInput(Input):
    """What shows that it is you who closes the account."""

    password: Annotated[
        str,
        StringConstraints(min_length=1, max_length=512),
        Field(examples=["correct horse battery staple"]),
    ]
