"""What senders must offer, and how they say no. They return the provider's reference of the message."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from cardwright.core.errors import Unavailable
from cardwright.core.sensitive import Sensitive
from cardwright.notifications.domain import Channel, Platform, ReportedState


@dataclass(frozen=True, slots=True)
class EmailMessage:
    """An e-mail in both forms; its Message-ID is made of the notification's id, so that repeats collapse.

    `unsubscribe_url` ends messages of its kind with one POST (RFC 8058); None where they cannot be ended.
    """

    notification_id: str
    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)
    written_at: datetime
    unsubscribe_url: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class SmsMessage:
    """A text message; `to` is a phone number in E.164."""

    notification_id: str
    to: str = field(repr=False)
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PushAction:
    """A button of a push message; its token says the answer without anybody being signed in."""

    name: str
    title: str
    token: Sensitive


@dataclass(frozen=True, slots=True)
class PushMessage:
    """A push to one device, which shows a repeat of the same notification in place of the first."""

    notification_id: str
    event_type: str
    device_id: str
    platform: Platform
    push_token: str = field(repr=False)
    title: str = field(repr=False)
    body: str = field(repr=False)
    actions: tuple[PushAction, ...] = ()


@dataclass(frozen=True, slots=True)
class TakenText:
    """A text message that a provider took, as its list has it."""

    reference: str
    text: str = field(repr=False)
    state: ReportedState
    error_code: str | None
    created_at: datetime


class Refused(Exception):
    """The provider will never take this message; `code` is safe to store and to log."""

    def __init__(self, code: str, /) -> None:
        super().__init__(code)
        self.code = code


class AddressRefused(Refused):
    """The address does not exist, or does not take messages from us."""


class DeviceGone(Refused):
    """The app was removed from the device; its push token will never work again."""


class NoSuchAddress(AddressRefused):
    """There is nobody: the address bounces, today and later."""


class BlockedByRecipient(AddressRefused):
    """Who is there has told the provider to take nothing from us."""


class InDoubt(Unavailable):
    """A repeatable message may have been taken: it is tried again, but only at the same `provider`."""

    provider: str | None = None


class RecipientAway(Unavailable):
    """What stands between the provider and this one recipient is down: it says nothing of the provider."""


class OutcomeUnknown(Exception):
    """The message may have been taken or not, and sending it again could tell a person twice."""


class EmailSender(Protocol):
    """Sends e-mail. A repeat of the same notification at the same provider is harmless."""

    async def send(self, message: EmailMessage) -> str:
        """Hand over a message; raises AddressRefused, InDoubt, or Unavailable if surely not taken."""
        ...


class SmsSender(Protocol):
    """Sends text messages. A repeat reaches the person twice, so a doubt is looked up before one is sent."""

    async def send(self, message: SmsMessage) -> str:
        """Hand over a message; raises AddressRefused, OutcomeUnknown, or Unavailable if surely not taken."""
        ...

    async def list_taken(self, to: str) -> Sequence[TakenText]:
        """Return the newest messages to a phone number, whatever became of them; raises Unavailable."""
        ...


class PushSender(Protocol):
    """Sends push messages. A repeat of the same notification is harmless."""

    async def send(self, message: PushMessage) -> str:
        """Hand over a message; raises DeviceGone, AddressRefused, or Unavailable when worth trying again."""
        ...


PORTS: Final[Mapping[Channel, type[Any]]] = {"email": EmailSender, "sms": SmsSender, "push": PushSender}
"""What sends on each channel that leaves the house."""
