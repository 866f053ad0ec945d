"""Telling people what happened: by e-mail, text message, push and in the app."""

from cardwright.notifications.browser_push import BrowserPush, BrowserSubscription, NoBrowserPush
from cardwright.notifications.domain import Platform, ReportedState
from cardwright.notifications.ports import (
    AddressRefused,
    DeviceGone,
    EmailMessage,
    EmailSender,
    OutcomeUnknown,
    PushAction,
    PushMessage,
    PushSender,
    SmsMessage,
    SmsSender,
)
from cardwright.notifications.push_kinds import push_kind_of
from cardwright.notifications.service import record_delivery
from cardwright.notifications.store import SEALED_COLUMNS
from cardwright.notifications.subscriptions import SUBSCRIPTIONS

__all__ = [
    "SEALED_COLUMNS",
    "SUBSCRIPTIONS",
    "AddressRefused",
    "BrowserPush",
    "BrowserSubscription",
    "DeviceGone",
    "EmailMessage",
    "EmailSender",
    "NoBrowserPush",
    "OutcomeUnknown",
    "Platform",
    "PushAction",
    "PushMessage",
    "PushSender",
    "ReportedState",
    "SmsMessage",
    "SmsSender",
    "push_kind_of",
    "record_delivery",
]
