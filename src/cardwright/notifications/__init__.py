"""Telling people what happened: by e-mail, text message, push and in the app."""

from cardwright.notifications.domain import Platform, ReportedState
from cardwright.notifications.ports import (
    AddressRefused,
    DeviceGone,
    EmailMessage,
    EmailSender,
    OutcomeUnknown,
    PushMessage,
    PushSender,
    SmsMessage,
    SmsSender,
)
from cardwright.notifications.service import record_delivery
from cardwright.notifications.store import SEALED_COLUMNS
from cardwright.notifications.subscriptions import SUBSCRIPTIONS

__all__ = [
    "SEALED_COLUMNS",
    "SUBSCRIPTIONS",
    "AddressRefused",
    "DeviceGone",
    "EmailMessage",
    "EmailSender",
    "OutcomeUnknown",
    "Platform",
    "PushMessage",
    "PushSender",
    "ReportedState",
    "SmsMessage",
    "SmsSender",
    "record_delivery",
]
