"""What the authentication routes read and answer."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints

from cardwright.authentication.domain import MAX_EMAIL_LENGTH, AuthSession
from cardwright.authentication.passwords import MAX_LENGTH, MIN_LENGTH
from cardwright.authentication.sessions import TokenPair
from cardwright.http.strict import Id, Input, Output

EmailText = Annotated[
    str,
    StringConstraints(min_length=3, max_length=MAX_EMAIL_LENGTH),
    Field(examples=["ada@example.com"], json_schema_extra={"format": "email"}),
]
# Longer than any acceptable password, as composing its characters may shorten it.
PasswordText = Annotated[
    str,
    StringConstraints(min_length=1, max_length=4 * MAX_LENGTH),
    Field(
        description=f"{MIN_LENGTH} to {MAX_LENGTH} characters of any kind.",
        examples=["correct horse battery staple"],
    ),
]
RegistrationId = Annotated[
    Id,
    Field(
        description="What `POST /v1/auth/register` answered; keep it until the address is proven.",
        examples=["reg_01kb3x9p4fe8s8b9xkq5n2r7vt"],
    ),
]
CodeText = Annotated[
    str,
    StringConstraints(pattern="^[0-9]{6}$"),
    Field(description="The six digits from the e-mail.", examples=["042917"]),
]
RefreshTokenText = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200),
    Field(examples=["Zk3v0Yb1TtQm5o7uXr9wAaCcEeGgIiKkMmOoQqSsUuW"]),
]


class RegistrationInput(Input):
    """Somebody who wants to sign up."""

    email: EmailText
    password: PasswordText


class RegistrationOutput(Output):
    """The same for every address, whether it was known before or not."""

    registration_id: RegistrationId


class VerificationInput(Input):
    """A registration, its address and the code that was sent there for it."""

    registration_id: RegistrationId
    email: EmailText
    code: CodeText


class ResendInput(Input):
    """A registration that waits for its code, and its address."""

    registration_id: RegistrationId
    email: EmailText


class SignInInput(Input):
    """What somebody signs in with."""

    email: EmailText
    password: PasswordText


class RefreshInput(Input):
    """The refresh token that was handed out last."""

    refresh_token: RefreshTokenText


class TokensOutput(Output):
    """An access token for the Authorization header, and the one-time token that gets the next pair."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a kind of token, not a token
    expires_in: int = Field(description="Seconds until the access token expires.", examples=[600])
    refresh_token: RefreshTokenText

    @classmethod
    def of(cls, pair: TokenPair) -> Self:
        """Show a pair as OAuth 2 writes it."""
        return cls(
            access_token=pair.access.text,
            expires_in=pair.access.expires_in_seconds,
            refresh_token=pair.refresh_token,
        )


class SessionOutput(Output):
    """One sign-in on one device."""

    id: str = Field(examples=["ses_01kb3x9p4fe8s8b9xkq5n2r7vt"])
    user_agent: str | None
    created_at: datetime
    last_refreshed_at: datetime | None
    expires_at: datetime
    is_current: bool = Field(description="Whether it is the session that asks.")

    @classmethod
    def of(cls, session: AuthSession, *, current_session_id: str | None) -> Self:
        """Show a session to its owner."""
        return cls(
            id=session.id,
            user_agent=session.user_agent,
            created_at=session.created_at,
            last_refreshed_at=session.rotated_at,
            expires_at=session.expires_at,
            is_current=session.id == current_session_id,
        )


class KeySetOutput(Output):
    """A JSON Web Key Set (RFC 7517)."""

    keys: list[dict[str, Any]]
