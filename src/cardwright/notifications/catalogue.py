"""Which events people are told about, on which channels, with which template, in which group of choices."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from cardwright.authentication import Secret
from cardwright.core.errors import Invalid
from cardwright.notifications.domain import ADDRESS_CONFIRMATION, BUNDLED, Channel
from cardwright.users import PhoneSecret

Group: TypeAlias = Literal[
    "cards", "payments", "money", "identity", "security", "disputes", "work", "developer", "summaries"
]
_GROUPS: Final[Mapping[str, Group]] = {
    "authentication": "security",
    "users": "security",
    "challenges": "security",
    "cards": "cards",
    "payments": "payments",
    "cases": "payments",
    "funding": "money",
    "kyc": "identity",
    "disputes": "disputes",
    "approvals": "work",
    "webhooks": "developer",
    "api_keys": "developer",
    "notifications": "summaries",
}
"""What people choose by: the first word of an event's name says which, where the name itself does not."""
_OTHER_GROUPS: Final[Mapping[str, Group]] = {
    "cards.number_revealed": "security",
    "cases.assigned_case_overdue": "work",
    ADDRESS_CONFIRMATION: "security",
}
_ESSENTIAL: Final = frozenset(
    {
        "cases.question_asked",
        "cases.reply_received",
        "kyc.sent_back",
        "kyc.approved",
        "kyc.rejected",
        "kyc.expired",
        "kyc.reverification_due",
    }
)
"""What people must learn besides matters of security."""


@dataclass(frozen=True, slots=True)
class Entry:
    """How one type of event is told; every event is also kept for the in-app list.

    `required` and `optional` are the fields of the event that its template may tell; nothing else of the
    event is kept. `carries` names the secret that an e-mail or a text message tells besides: it is fetched
    when it is sent, and sent to where it belongs. `takes_reply` says that the text message tells a code to
    answer the question of its payment with. A `language` counts while its person has no profile.
    """

    event_type: str
    template: str
    channels: tuple[Channel, ...]
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    carries: Secret | PhoneSecret | None = None
    takes_reply: bool = False

    @property
    def group(self) -> Group:
        """What this belongs to among a person's choices."""
        return _OTHER_GROUPS.get(self.event_type) or _GROUPS[self.event_type.partition(".")[0]]

    @property
    def is_essential(self) -> bool:
        """Whether nobody can switch it off, and quiet hours do not hold it: security, codes and questions."""
        return self.group == "security" or self.event_type in _ESSENTIAL

    @property
    def offered(self) -> tuple[Channel, ...]:
        """The channels that a person may choose: the entry's, which are on by default, push and the list."""
        extra: tuple[Channel, ...] = () if self.carries or "push" in self.channels else ("push",)
        return (*self.channels, *extra, "in_app")

    def is_fixed(self, channel: Channel) -> bool:
        """Answer whether nobody can switch this off on a channel."""
        return self.is_essential and (channel in self.channels or channel == "in_app")

    def facts_of(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields to keep; raise Invalid when one is missing that its template must have."""
        told = {name: payload.get(name) for name in (*self.required, *self.optional)}
        missing = [name for name in self.required if told[name] is None]
        if missing:
            raise Invalid("event_incomplete", f"{self.event_type} lacks {', '.join(missing)}.")
        return {name: value for name, value in told.items() if value is not None and value != ""}


_MONEY: Final = ("amount", "currency")
_PURCHASE: Final = ("payment_id", "amount", "currency")
_PURCHASE_DETAILS: Final = ("card_id", "last4", "merchant_name")
_TO_PHONES: Final[tuple[Channel, ...]] = ("sms", "push")


_CHALLENGE: Final = ("challenge_id", "amount", "currency")
_CHALLENGE_DETAILS: Final = ("last4", "merchant_name")


def _challenge(event_type: str, *channels: Channel) -> Entry:
    template = event_type.partition(".")[2]
    return Entry(event_type, template, channels, _CHALLENGE, _CHALLENGE_DETAILS)


def _dispute(event_type: str, *channels: Channel, more: tuple[str, ...] = ()) -> Entry:
    template = event_type.partition(".")[2]
    told = ("dispute_id", "amount", "currency", *more)
    return Entry(event_type, template, channels, told, ("merchant_name", "loss_reason"))


def _purchase(event_type: str, *channels: Channel, more: tuple[str, ...] = ()) -> Entry:
    template = event_type.partition(".")[2]
    return Entry(event_type, template, channels, _PURCHASE, (*_PURCHASE_DETAILS, *more))


_ENTRIES: Final = (
    Entry(
        "authentication.verification_requested",
        "verification_requested",
        ("email",),
        required=("verification_id",),
        optional=("language",),
        carries="verification_code",
    ),
    Entry("authentication.registration_repeated", "registration_repeated", ("email",)),
    Entry("authentication.factor_added", "factor_added", ("email",), required=("factor",)),
    Entry("authentication.factor_removed", "factor_removed", ("email",), required=("factor",)),
    Entry("authentication.recovery_code_used", "recovery_code_used", ("email",), required=("codes_left",)),
    Entry("authentication.passkey_counter_rolled_back", "passkey_counter_rolled_back", ("email",)),
    Entry("authentication.signed_in_from_new_device", "new_device", ("email",), optional=("device",)),
    Entry("authentication.identity_linked", "identity_linked", ("email",), optional=("provider",)),
    Entry("authentication.identity_unlinked", "identity_unlinked", ("email",), optional=("provider",)),
    Entry(
        "authentication.password_reset_issued",
        "password_reset",
        ("email",),
        required=("reset_id",),
        carries="reset_link",
    ),
    Entry("authentication.password_changed", "password_changed", ("email", *_TO_PHONES)),
    Entry("authentication.account_locked", "account_locked", ("email",), required=("minutes",)),
    Entry(
        "authentication.email_code_requested",
        "email_code",
        ("email",),
        required=("email_change_id",),
        carries="email_change_code",
    ),
    Entry(
        "authentication.email_change_requested",
        "email_change_requested",
        ("email",),
        required=("email_change_id",),
        carries="email_change_veto",
    ),
    Entry(
        "authentication.email_changed",
        "email_changed",
        ("email",),
        required=("email_change_id",),
        carries="email_change_veto",
    ),
    Entry(
        "users.phone_code_requested",
        "phone_code",
        ("sms",),
        required=("phone_verification_id",),
        carries="phone_code",
    ),
    Entry("users.phone_verified", "phone_verified", ("email",)),
    Entry(
        "users.phone_replaced",
        "phone_replaced",
        ("sms",),
        required=("phone_verification_id",),
        carries="old_phone",
    ),
    Entry("users.phone_removed", "phone_removed", ("email",)),
    Entry("users.account_closed", "account_closed", ("email",)),
    # What people do themselves they find in the app; of what others do an e-mail tells them.
    Entry("kyc.collecting", "kyc_collecting", ()),
    Entry("kyc.submitted", "kyc_submitted", ()),
    Entry("kyc.in_review", "kyc_in_review", ("email",)),
    Entry("kyc.sent_back", "kyc_sent_back", ("email", "push")),
    Entry("kyc.approved", "kyc_approved", ("email",)),
    Entry("kyc.rejected", "kyc_rejected", ("email",), optional=("reason_code",)),
    Entry("kyc.canceled", "kyc_canceled", ("email",)),
    Entry("kyc.expired", "kyc_expired", ("email",), required=("what",)),
    Entry("kyc.reverification_due", "kyc_reverification_due", ("email", "push"), required=("until",)),
    Entry("funding.top_up_succeeded", "top_up_succeeded", ("email",), required=("amount", "currency")),
    Entry("funding.top_up_failed", "top_up_failed", ("email",), optional=("reason_code",)),
    Entry("funding.payment_method_saved", "payment_method_saved", ("email",), optional=("last4",)),
    Entry("funding.payment_method_refused", "payment_method_refused", (), optional=("reason_code",)),
    Entry("funding.payment_method_removed", "payment_method_removed", ("email",), optional=("last4",)),
    Entry(
        "funding.auto_top_up_switched_off",
        "auto_top_up_switched_off",
        ("email", "push"),
        required=("reason_code",),
    ),
    Entry("funding.withdrawal_succeeded", "withdrawal_succeeded", ("email",), _MONEY),
    Entry(
        "funding.withdrawal_partly_succeeded",
        "withdrawal_partly_succeeded",
        ("email", "push"),
        (*_MONEY, "returned"),
        ("reason_code",),
    ),
    Entry("funding.withdrawal_failed", "withdrawal_failed", ("email", "push"), _MONEY, ("reason_code",)),
    Entry("funding.top_up_disputed", "top_up_disputed", ("email", "push"), _MONEY),
    Entry("funding.top_up_dispute_won", "top_up_dispute_won", ("email",), _MONEY),
    Entry("funding.top_up_dispute_lost", "top_up_dispute_lost", ("email", "push"), _MONEY),
    Entry("cards.card_issued", "card_issued", _TO_PHONES, ("card_id",), ("last4", "replacement_reason")),
    Entry("cards.card_frozen", "card_frozen", ("email", "push"), ("card_id",), ("last4",)),
    Entry("cards.card_canceled", "card_canceled", ("email", "push"), ("card_id",), ("last4", "reason")),
    Entry("cards.card_locked", "card_locked", ("email", "push"), ("card_id",), ("last4",)),
    Entry("cards.card_unlocked", "card_unlocked", ("email", "push"), ("card_id",), ("last4",)),
    Entry(
        "cards.card_expiring",
        "card_expiring",
        ("email", "push"),
        ("card_id", "exp_month", "exp_year"),
        ("last4",),
    ),
    Entry("cards.exception_made", "exception_made", ("email",), ("card_id", "until"), ("last4",)),
    Entry("approvals.proposal_rejected", "proposal_rejected", ("email",), ("approval_id", "kind")),
    _challenge("challenges.challenge_requested", "push", "email"),
    _challenge("challenges.challenge_approved", "push", "email"),
    _challenge("challenges.challenge_refused", "push", "email"),
    _challenge("challenges.answered_too_late", "push", "email"),
    Entry(
        "challenges.approver_invited", "approver_invited", ("push", "email"), ("invitation_id",), ("last4",)
    ),
    Entry("challenges.approver_added", "approver_added", ("push", "email"), ("card_id",), ("last4",)),
    Entry("cards.number_revealed", "number_revealed", ("email",), ("card_id",), ("last4",)),
    _purchase("payments.authorization_approved", *_TO_PHONES),
    _purchase(
        "payments.authorization_declined", *_TO_PHONES, more=("reason_code", "explanation", "would_pass")
    ),
    _purchase("payments.payment_cleared", "push"),
    _purchase("payments.refund_received", "push"),
    _purchase("payments.hold_expired", "push"),
    _dispute("disputes.dispute_opened"),
    _dispute("disputes.dispute_submitted", "email"),
    _dispute("disputes.dispute_returned", "email", "push"),
    _dispute("disputes.dispute_credited", "push", "email"),
    _dispute("disputes.dispute_credit_reversed", "push", "email"),
    _dispute("disputes.dispute_won", "push", "email"),
    _dispute("disputes.dispute_lost", "push", "email"),
    _dispute("disputes.dispute_withdrawn", "email"),
    _dispute("disputes.dispute_expired", "push", "email"),
    Entry(
        "cases.question_asked",
        "question_asked",
        ("push", "email", "sms"),
        _PURCHASE,
        (*_PURCHASE_DETAILS, "answer_by"),
        takes_reply=True,
    ),
    Entry("cases.reply_received", "reply_received", ("sms",), ("outcome",)),
    Entry(
        "cases.payment_reviewed",
        "payment_reviewed",
        ("email", "push"),
        (*_PURCHASE, "finding"),
        _PURCHASE_DETAILS,
    ),
    Entry(
        "cases.assigned_case_overdue",
        "assigned_case_overdue",
        ("email",),
        ("case_id", "amount", "currency"),
        ("merchant_name",),
    ),
    Entry("kyc.assigned_review_overdue", "assigned_review_overdue", ("email",), ("review_id",)),
    _dispute("disputes.deadline_near", "push", "email", more=("submit_by",)),
    Entry("webhooks.endpoint_disabled", "endpoint_disabled", ("email",), ("reason", "url")),
    Entry(BUNDLED, "bundle", ("email", "sms", "push"), required=("count",)),
    Entry(
        ADDRESS_CONFIRMATION,
        "address_confirmation",
        ("email",),
        required=("address_digest",),
    ),
)

CATALOGUE: Final[Mapping[str, Entry]] = {entry.event_type: entry for entry in _ENTRIES}
"""Every type of event that people are told about."""
