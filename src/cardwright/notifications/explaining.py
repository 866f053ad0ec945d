"""What became of a message, in a sentence that somebody who asks understands. Pure."""

from collections.abc import Mapping
from typing import Final

from cardwright.notifications.domain import Notification, State

_STATES: Final[Mapping[State, str]] = {
    "queued": "It is about to be sent.",
    "sending": "It is being sent.",
    "sent": "The provider took it and has not said yet whether it arrived.",
    "delivered": "It arrived.",
    "unknown": "Nobody can tell yet whether the provider took it; it is looked up, and sent again if not.",
    "bundled": "It was told together with others in one message.",
    "failed": "The provider could not deliver it.",
    "undeliverable": "The address does not take it.",
    "withheld": "It was not sent; it is in the list in the app.",
}
_HELD: Final[Mapping[str, str]] = {
    "quiet_hours": "It waits for the end of quiet hours.",
    "digest": "It waits for the next digest.",
}
_CODES: Final[Mapping[str, str]] = {
    "address_missing": "There was no address on this channel when it was to be sent.",
    "address_invalid": "The address is not one that can be written to.",
    "address_suppressed": "The address bounced or reported us before; it must be confirmed again.",
    "opted_out": "The owner of the number said STOP; START lets texts through again.",
    "switched_off": "It was switched off while it waited.",
    "rate_capped": "The person had as many messages on this channel as one gets within an hour.",
    "spend_capped": "The program spent on text messages what it may.",
    "country_refused": "No text messages are sent to the country of this number.",
    "code_expired": "Its code expired before it could be sent.",
    "question_closed": "Its question was answered before it could be sent.",
    "device_unregistered": "The app was removed from the device.",
    "21211": "The number is not valid.",
    "21408": "Our account may not send to the country of this number.",
    "21610": "The owner of the number said STOP; START lets texts through again.",
    "21612": "The number cannot be reached from ours.",
    "21614": "The number is not one of a mobile phone.",
    "internal_error": "It could not be made or sent for a fault of ours; an operator sees it in the log.",
    "30001": "The provider had too many messages in its queue.",
    "30002": "The provider suspended our account.",
    "30003": "The phone was switched off or could not be reached.",
    "30004": "The message was blocked by the recipient or the carrier.",
    "30005": "The number does not exist any more.",
    "30006": "The number is a landline, or its carrier cannot be reached.",
    "30007": "The carrier filtered the message.",
    "30034": "Our number is not registered with the carriers.",
    "smtp_550": "The mail server knows no such mailbox, or refuses us.",
    "smtp_551": "The mail server knows no such mailbox.",
    "smtp_552": "The mailbox is full or the message too large.",
    "smtp_553": "The mail server takes the address for none.",
    "smtp_554": "The mail server refuses the message.",
}


def explanation_of(notification: Notification) -> str:
    """Return what became of a message; a code of a provider that we have no words for stands beside it."""
    if notification.state == "held":
        return _HELD[notification.held_for or "quiet_hours"]
    return _CODES.get(notification.error_code or "", _STATES[notification.state])
