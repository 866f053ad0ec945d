"""Webhooks: events posted to the endpoints of developers and holders, signed, retried, logged."""

from cardwright.webhooks.ports import Answer, WebhookSender
from cardwright.webhooks.sending import deliver_due, deliver_forever
from cardwright.webhooks.store import SEALED_COLUMNS
from cardwright.webhooks.subscriptions import SUBSCRIPTIONS, queue_deliveries
from cardwright.webhooks.sweeping import sweep_log

__all__ = [
    "SEALED_COLUMNS",
    "SUBSCRIPTIONS",
    "Answer",
    "WebhookSender",
    "deliver_due",
    "deliver_forever",
    "queue_deliveries",
    "sweep_log",
]
