"""What the routes of passwords and e-mail addresses read and answer."""

from typing import Annotated

from pydantic import Field, StringConstraints

from cardwright.authentication.schemas import CodeText, EmailText, PasswordText
from cardwright.http.strict import Id, Input, Output

LinkToken = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9_.\-]+$"),
    Field(
        description="What stands behind the # of the link in the e-mail.",
        examples=["reset_01kb3x9p4fe8s8b9xkq5n2r7vt.2Yb1TtQm5o7uXr9wAaCcEeGgIiKkMmOoQqSsUuWyZk3"],
    ),
]
OldPassword = Annotated[
    str,
    StringConstraints(min_length=1, max_length=512),
    Field(description="Your password as it is now.", examples=["correct horse battery staple"]),
]
EmailChangeId = Annotated[Id, Field(examples=["emch_01kb3x9p4fe8s8b9xkq5n2r7vt"])]


class ForgottenInput(Input):
    """An address whose password somebody forgot."""

    email: EmailText


class ResetInput(Input):
    """The token from the link, and the password to have from now on."""

    token: LinkToken
    new_password: PasswordText


class PasswordChangeInput(Input):
    """The password to have from now on, and the one before."""

    password: OldPassword
    new_password: PasswordText


class EmailChangeInput(Input):
    """The address to have from now on."""

    password: OldPassword
    new_email: Annotated[EmailText, Field(examples=["ada@example.org"])]


class EmailChangeOutput(Output):
    """The same for every address, whether somebody has it already or not."""

    email_change_id: EmailChangeId


class EmailConfirmationInput(Input):
    """The code that was sent to the new address."""

    email_change_id: EmailChangeId
    code: CodeText


class VetoInput(Input):
    """The token from the link that the old address was sent."""

    token: LinkToken
