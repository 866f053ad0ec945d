"""What the authentication routes read and answer."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints

from cardwright.authentication.devices import device_name
from cardwright.authentication.domain import MAX_EMAIL_LENGTH, AuthSession
from cardwright.authentication.passwords import MAX_LENGTH, MIN_LENGTH
from cardwright.authentication.sessions import OpenedSession
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


class SignedInOutput(Output):
    """Who signed in; the session itself is in the cookie, where no script reads it."""

    user_id: str = Field(examples=["user_01kb3x9p4fe8s8b9xkq5n2r7vt"])
    session_id: str = Field(examples=["ses_01kb3x9p4fe8s8b9xkq5n2r7vt"])
    state: Literal["signed_in", "factor_required"] = Field(
        description="`factor_required`: the session counts for nothing until the second factor is given."
    )

    @classmethod
    def of(cls, opened: OpenedSession) -> Self:
        """Tell what a cookie that is being handed out stands for."""
        held = opened.session
        state: Literal["signed_in", "factor_required"] = (
            "factor_required" if held.awaits_factor else "signed_in"
        )
        return cls(user_id=held.user_id, session_id=held.id, state=state)


class SessionOutput(Output):
    """One sign-in in one browser."""

    id: str = Field(examples=["ses_01kb3x9p4fe8s8b9xkq5n2r7vt"])
    device: str = Field(description="What its browser says it is.", examples=["Firefox on Windows"])
    user_agent: str | None
    client_address: str | None = Field(description="Where it was opened from.", examples=["203.0.113.7"])
    methods: list[str] = Field(
        description="How the person proved who they are, in the words of RFC 8176.", examples=[["pwd", "otp"]]
    )
    created_at: datetime
    last_seen_at: datetime = Field(description="When it was last used, to the minute.")
    expires_at: datetime
    is_current: bool = Field(description="Whether it is the session that asks.")

    @classmethod
    def of(cls, session: AuthSession, *, current_session_id: str | None) -> Self:
        """Show a session to its owner."""
        return cls(
            id=session.id,
            device=device_name(session.user_agent),
            user_agent=session.user_agent,
            client_address=session.client_address,
            methods=list(session.methods),
            created_at=session.created_at,
            last_seen_at=session.last_seen_at,
            expires_at=session.expires_at,
            is_current=session.id == current_session_id,
        )
