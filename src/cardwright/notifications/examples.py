"""Invented facts for every type of message, to look at its words and its looks before anybody gets it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from cardwright.notifications.catalogue import Entry

_FACTS: Final[Mapping[str, Any]] = {
    "amount": 4290,
    "answer_by": "2026-12-01",
    "approval_id": "appr_01jd9zq3f8e7vtm5g6w2x4y8zn",
    "card_id": "card_01jd9zq3f8e7vtm5g6w2x4y8zn",
    "case_id": "case_01jd9zq3f8e7vtm5g6w2x4y8zn",
    "challenge_id": "chal_01jd9zq3f8e7vtm5g6w2x4y8zn",
    "codes_left": 7,
    "currency": "EUR",
    "device": "Firefox on Linux",
    "dispute_id": "disp_01jd9zq3f8e7vtm5g6w2x4y8zn",
    "email_change_id": "emch_01jd9zq3f8e7vtm5g6w2x4y8zn",
    "exp_month": 3,
    "exp_year": 2029,
    "explanation": "42.90 EUR on top of 470.00 EUR used exceeds the monthly limit of 500.00 EUR.",
    "factor": "totp",
    "finding": "fraud",
    "invitation_id": "inv_01jd9zq3f8e7vtm5g6w2x4y8zn",
    "kind": "role.grant",
    "language": "de",
    "last4": "4242",
    "loss_reason": "delivered",
    "merchant_name": "Blue Bottle Coffee",
    "minutes": 30,
    "outcome": "denied",
    "payment_id": "pay_01jd9zq3f8e7vtm5g6w2x4y8zn",
    "phone_verification_id": "phver_01jd9zq3f8e7vtm5g6w2x4y8zn",
    "provider": "google",
    "reason": "lost",
    "reason_code": "limit_exceeded",
    "replacement_reason": "expiring",
    "review_id": "irev_01jd9zq3f8e7vtm5g6w2x4y8zn",
    "reset_id": "reset_01jd9zq3f8e7vtm5g6w2x4y8zn",
    "returned": 1290,
    "submit_by": "2026-12-01",
    "url": "https://hooks.example.com/cardwright",
    "until": "2026-12-01T12:15:00+00:00",
    "verification_id": "verif_01jd9zq3f8e7vtm5g6w2x4y8zn",
    "what": "approval",
    "would_pass": "An amount of at most 30.00 EUR.",
}
_REASONS: Final[Mapping[str, str]] = {
    "kyc.rejected": "document_unreadable",
    "funding.top_up_failed": "funds_insufficient",
    "funding.payment_method_refused": "card_data_incorrect",
    "funding.auto_top_up_switched_off": "failed_repeatedly",
    "funding.withdrawal_failed": "returned_by_bank",
    "funding.withdrawal_partly_succeeded": "not_refundable",
}
_LINKS: Final = frozenset({"reset_link", "email_change_veto"})


def example_facts(entry: Entry, at: datetime) -> dict[str, Any]:
    """Return everything a message of this type can tell, as if it had happened at `at`; no code is real."""
    facts = {name: _FACTS[name] for name in (*entry.required, *entry.optional)}
    facts["happened_at"] = at.isoformat()
    if entry.event_type in _REASONS:
        facts["reason_code"] = _REASONS[entry.event_type]
    if entry.carries in _LINKS:
        facts |= {"link": "https://example.com/not-a-real-link", "minutes_left": 30}
    elif entry.carries is not None:
        facts |= {"code": "049713", "minutes_left": 10}
    if entry.takes_reply:
        facts["reply_code"] = "4821"
    return facts
