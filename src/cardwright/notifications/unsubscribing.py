"""Links that end messages or bring an address back, for one person and a time, without signing in.

A token names the person, what it does and until when, and is signed with the key of codes. It changes nothing
by being opened: mail programs open links by themselves.
"""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, TypeAlias

from cardwright.authentication import AccountLinks, EmailCodes
from cardwright.core.errors import NotFound
from cardwright.db.jobs import Work
from cardwright.notifications.catalogue import Entry
from cardwright.notifications.domain import Notification

Purpose: TypeAlias = Literal["unsubscribe", "confirm_address"]
UNSUBSCRIBE_PATH: Final = "/v1/unsubscribe"
CONFIRMATION_PATH: Final = "/v1/address-confirmations"
_LIFETIMES: Final = {"unsubscribe": timedelta(days=90), "confirm_address": timedelta(days=1)}


@dataclass(frozen=True, slots=True)
class Permit:
    """What a token allows: to switch off a group (`subject`), or to confirm an address (by its digest)."""

    purpose: Purpose
    user_id: str
    subject: str
    expires_at: datetime


def issue(codes: EmailCodes, permit: Permit) -> str:
    """Return the token of a permit."""
    expires = int(permit.expires_at.timestamp())
    named = json.dumps([permit.purpose, permit.user_id, permit.subject, expires], separators=(",", ":"))
    body = urlsafe_b64encode(named.encode()).rstrip(b"=").decode()
    return f"{body}.{codes.token('message_link', body)}"


def read(codes: EmailCodes, token: str, purpose: Purpose, at: datetime) -> Permit:
    """Return what a token allows; NotFound `link_invalid` for one that is forged, expired or another's."""
    body, _, proof = token.partition(".")
    if not codes.is_token("message_link", body, proof):
        raise _invalid()
    try:
        named = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        permit = Permit(named[0], named[1], named[2], datetime.fromtimestamp(named[3], UTC))
    except (ValueError, IndexError, TypeError, binascii.Error):
        raise _invalid() from None
    if permit.purpose != purpose or permit.expires_at <= at:
        raise _invalid()
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


def _invalid() -> NotFound:
    return NotFound("link_invalid", "This link is not valid, or not any more.")
