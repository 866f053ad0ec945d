"""Which secret each kind of message carries, found anew when the message is sent."""

from collections.abc import Mapping
from typing import Any, Literal

from cardwright.authentication.codes import EmailCodes
from cardwright.authentication.email_changes import find_code_letter, find_veto_letter
from cardwright.authentication.letters import AccountLinks, Letter
from cardwright.authentication.registration import find_verification_letter
from cardwright.authentication.resets import find_reset_letter
from cardwright.db.session import Session

Secret = Literal["verification_code", "reset_link", "email_change_code", "email_change_veto"]


async def find_letter(
    session: Session, codes: EmailCodes, links: AccountLinks, secret: Secret, facts: Mapping[str, Any]
) -> Letter | None:
    """Return where to send a secret and the secret itself; None when it is good for nothing any more.

    `facts` are those of the event that the message tells: they name what the secret belongs to.
    """
    match secret:
        case "verification_code":
            return await find_verification_letter(session, codes, str(facts["verification_id"]))
        case "reset_link":
            return await find_reset_letter(session, codes, links, str(facts["reset_id"]))
        case "email_change_code":
            return await find_code_letter(session, codes, str(facts["email_change_id"]))
        case "email_change_veto":
            return await find_veto_letter(session, codes, links, str(facts["email_change_id"]))
