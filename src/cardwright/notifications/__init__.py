"""Telling people what happened: by e-mail, text message, push and in the app."""

from cardwright.notifications.admission import ChannelRules
from cardwright.notifications.breaker import Breaker
from cardwright.notifications.browser_push import BrowserPush, BrowserSubscription, NoBrowserPush
from cardwright.notifications.caps import Caps, SmsPrices
from cardwright.notifications.device_store import SEALED_COLUMNS
from cardwright.notifications.domain import Platform, ReportedState
from cardwright.notifications.held import release_held
from cardwright.notifications.live_hub import LiveHub, LiveRules
from cardwright.notifications.live_shutdown import ending_with_process
from cardwright.notifications.live_signals import Hint, NoSignals, Signal, Signals, tell_of_events
from cardwright.notifications.ports import (
    PORTS,
    AddressRefused,
    BlockedByRecipient,
    DeviceGone,
    EmailMessage,
    EmailSender,
    InDoubt,
    NoSuchAddress,
    OutcomeUnknown,
    PushAction,
    PushMessage,
    PushSender,
    RecipientAway,
    SmsMessage,
    SmsSender,
    TakenText,
)
from cardwright.notifications.push_kinds import push_kind_of
from cardwright.notifications.routing import Chain, Provider, chain_of
from cardwright.notifications.sending import send_forever
from cardwright.notifications.service import record_delivery
from cardwright.notifications.subscriptions import SUBSCRIPTIONS
from cardwright.notifications.suppressing import digest_address, hear_bounce, hear_stop
from cardwright.notifications.suppression_store import Reason
from cardwright.notifications.unsubscribing import SECRET_PATHS

__all__ = [
    "PORTS",
    "SEALED_COLUMNS",
    "SECRET_PATHS",
    "SUBSCRIPTIONS",
    "AddressRefused",
    "BlockedByRecipient",
    "Breaker",
    "BrowserPush",
    "BrowserSubscription",
    "Caps",
    "Chain",
    "ChannelRules",
    "DeviceGone",
    "EmailMessage",
    "EmailSender",
    "Hint",
    "InDoubt",
    "LiveHub",
    "LiveRules",
    "NoBrowserPush",
    "NoSignals",
    "NoSuchAddress",
    "OutcomeUnknown",
    "Platform",
    "Provider",
    "PushAction",
    "PushMessage",
    "PushSender",
    "Reason",
    "RecipientAway",
    "ReportedState",
    "Signal",
    "Signals",
    "SmsMessage",
    "SmsPrices",
    "SmsSender",
    "TakenText",
    "chain_of",
    "digest_address",
    "ending_with_process",
    "hear_bounce",
    "hear_stop",
    "push_kind_of",
    "record_delivery",
    "release_held",
    "send_forever",
    "tell_of_events",
]
