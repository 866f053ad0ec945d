"""Links that end messages or bring an address back, for one person and a time, without signing in.

A token names the person, what it does and until when, and is signed with the key of codes. It changes nothing
by being opened: mail programs open links by themselves.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, TypeAlias, cast

from cardwright.authentication import AccountLinks, EmailCodes
from cardwright.db.jobs import Work
from cardwright.notifications.catalogue import Entry, Group
from cardwright.notifications.domain import Notification
from cardwright.notifications.signed_facts import link_invalid, sign, signed_facts

Purpose: TypeAlias = Literal["unsubscribe", "confirm_address"]
_USE: Final = "message_link"
UNSUBSCRIBE_PATH: Final = "/v1/unsubscribe"
CONFIRMATION_PATH: Final = "/v1/address-confirmations"
SECRET_PATHS: Final = (UNSUBSCRIBE_PATH, CONFIRMATION_PATH)
"""What comes after these in an address proves something: no log may hold it."""
_LIFETIMES: Final = {"unsubscribe": timedelta(days=90), "confirm_address": timedelta(days=1)}


@dataclass(frozen=True, slots=True)
class Permit:
    """What a token allows: to switch off a group (`subject`), or to confirm an address (by its digest)."""

    purpose: Purpose
    user_id: str
    subject: str
    expires_at: datetime

    @property
    def group(self) -> Group:
        """Which group of choices a link ends."""
        return cast("Group", self.subject)


def issue(codes: EmailCodes, permit: Permit) -> str:
    """Return the token of a permit."""
    expires = int(permit.expires_at.timestamp())
    return sign(codes, _USE, (permit.purpose, permit.user_id, permit.subject, expires))


def read(codes: EmailCodes, token: str, purpose: Purpose, at: datetime) -> Permit:
    """Return what a token allows; NotFound `link_invalid` for one that is forged, expired or another's."""
    try:
        named, user_id, subject, expires = signed_facts(codes, _USE, token)
        permit = Permit(named, user_id, subject, datetime.fromtimestamp(expires, UTC))
    except (ValueError, TypeError):
        raise link_invalid() from None
    if permit.purpose != purpose or permit.expires_at <= at:
        raise link_invalid()
    return permit


def link(work: Work, user_id: str, entry: Entry, at: datetime) -> str:
    """Return where a person ends the e-mails of an entry's group."""
    permit = Permit("unsubscribe", user_id, entry.group, at + _LIFETIMES["unsubscribe"])
    return f"{_base(work)}{UNSUBSCRIBE_PATH}/{issue(work.get(EmailCodes), permit)}"


def confirmation_link(work: Work, notification: Notification) -> str:
    """Return where the address that a message goes to is confirmed."""
    digest = str(notification.facts["address_digest"])
    expires_at = notification.created_at + _LIFETIMES["confirm_address"]
    permit = Permit("confirm_address", notification.user_id, digest, expires_at)
    return f"{_base(work)}{CONFIRMATION_PATH}/{issue(work.get(EmailCodes), permit)}"


def preferences_link(work: Work) -> str:
    """Return where a person chooses what to be told."""
    return f"{_base(work)}/notification-preferences"


def _base(work: Work) -> str:
    return work.get(AccountLinks).public_url.rstrip("/")
