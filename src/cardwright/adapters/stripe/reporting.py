"""What Stripe says it did, as issuer and as gateway: its lists, page by page, and its balances."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from stripe import StripeClient

from cardwright.adapters.stripe.client import reading_answer, translate_errors
from cardwright.adapters.stripe.issuing import SOURCE, identified, instant
from cardwright.reconciliation import Report, ReportPage, Stream, fingerprint

_PAGE: Final = 100
_MOVEMENTS: Final[Mapping[str, str]] = {
    "issuing_authorization_hold": "hold",
    "issuing_authorization_release": "release",
    "issuing_transaction": "transaction",
    "charge": "charge",
    "payment": "charge",
    "refund": "refund",
    "payment_refund": "refund",
    "refund_failure": "refund_failure",
    "stripe_fee": "fee",
    "stripe_fx_fee": "fee",
    "issuing_dispute": "card_dispute",
    "issuing_dispute_provisional_credit": "card_dispute",
    "issuing_dispute_provisional_credit_reversal": "card_dispute",
}
# Adjustments are of many kinds; their category tells which of them is a dispute of a charge.
_DISPUTED_CHARGES: Final = frozenset({"dispute", "dispute_reversal"})
# Not kept: what belongs to other records, and what is personal.
_LEFT_OUT: Final = frozenset(
    {"cardholder", "client_secret", "payment_method", "receipt_email", "shipping", "verification_data"}
)
_List = Callable[[Any], Awaitable[Any]]
_Translate = Callable[[Mapping[str, Any]], Sequence[Report]]


class StripeReporter:
    """Keeps the Reporter port."""

    def __init__(self, client: StripeClient) -> None:
        v1 = client.v1
        self._balance = v1.balance
        self._lists: Mapping[Stream, tuple[_List, _Translate]] = {
            Stream.AUTHORIZATIONS: (v1.issuing.authorizations.list_async, _one(_authorization)),
            Stream.TRANSACTIONS: (v1.issuing.transactions.list_async, _one(_transaction)),
            Stream.CHARGES: (v1.payment_intents.list_async, _one(_charge)),
            Stream.REFUNDS: (v1.refunds.list_async, _one(_refund)),
            Stream.DISPUTES: (v1.issuing.disputes.list_async, _moved_by(Stream.DISPUTES, "card_dispute")),
            Stream.CHARGE_DISPUTES: (
                v1.disputes.list_async, _moved_by(Stream.CHARGE_DISPUTES, "charge_dispute")
            ),
            Stream.MOVEMENTS: (v1.balance_transactions.list_async, _one(_movement)),
        }  # fmt: skip

    @property
    def source(self) -> str:
        """The name of Stripe's references."""
        return SOURCE

    @property
    def streams(self) -> Sequence[Stream]:
        """Everything: one account is issuer and gateway."""
        return tuple(self._lists)

    async def page(
        self, stream: Stream, *, since: datetime, until: datetime, cursor: str | None
    ) -> ReportPage:
        """List a page of what was created between two instants."""
        fetch, translate = self._lists[stream]
        wanted: dict[str, Any] = {
            "created": {"gte": int(since.timestamp()), "lte": int(until.timestamp())},
            "limit": _PAGE,
        }
        if cursor is not None:
            wanted["starting_after"] = cursor
        if stream is Stream.MOVEMENTS:
            # A charge names its PaymentIntent only when it is shown whole.
            wanted["expand"] = ["data.source"]
        with translate_errors():
            page = (await fetch(wanted)).to_dict()
        with reading_answer():
            reports = [report for found in page["data"] for report in translate(found)]
            return ReportPage(reports, page["data"][-1]["id"] if page["has_more"] else None)

    async def balances(self) -> Mapping[tuple[str, str], int]:
        """Retrieve what issuing may spend, and what payments brought in, available or not yet."""
        with translate_errors():
            found = (await self._balance.retrieve_async()).to_dict()
        with reading_answer():
            return _amounts(found)


def _amounts(balance: Mapping[str, Any]) -> Mapping[tuple[str, str], int]:
    amounts: dict[tuple[str, str], int] = {}
    parts = [("payments", balance["available"]), ("payments", balance["pending"])]
    parts.append(("issuing", (balance.get("issuing") or {}).get("available", ())))
    for name, entries in parts:
        for entry in entries:
            key = (name, entry["currency"].upper())
            amounts[key] = amounts.get(key, 0) + entry["amount"]
    return amounts


def _authorization(found: Mapping[str, Any]) -> Report:
    # What was declined shows the amount that was asked for, and holds nothing.
    is_holding = found["approved"] and found["status"] == "pending"
    network = (found.get("network_data") or {}).get("transaction_id")
    return _report(
        Stream.AUTHORIZATIONS, found, "hold", found["amount"] if is_holding else 0,
        fingerprint=network or found["id"], card=identified(found["card"]),
    )  # fmt: skip


def _transaction(found: Mapping[str, Any]) -> Report:
    variant = "refund" if found["type"] == "refund" else "clearing"
    card = str(identified(found["card"]))
    belongs_to = identified(found["authorization"]) or card
    currency, at = found["currency"].upper(), instant(found["created"])
    return _report(
        Stream.TRANSACTIONS, found, variant, found["amount"], card=card,
        fingerprint=fingerprint(belongs_to, variant, found["amount"], currency, at),
    )  # fmt: skip


def _charge(found: Mapping[str, Any]) -> Report:
    taken = found["amount_received"] if found["status"] == "succeeded" else 0
    top_up_id = (found.get("metadata") or {}).get("top_up_id")
    return _report(Stream.CHARGES, found, "charge", taken, fingerprint=top_up_id or found["id"])


def _refund(found: Mapping[str, Any]) -> Report:
    given = 0 if found["status"] in ("failed", "canceled") else -found["amount"]
    return _report(Stream.REFUNDS, found, "refund", given, fingerprint=found["id"])


def _one(translate: Callable[[Mapping[str, Any]], Report]) -> _Translate:
    return lambda found: [translate(found)]


def _moved_by(stream: Stream, variant: str) -> _Translate:
    # Nobody promises that a dispute shows its movements before it has any.
    return lambda found: [
        _report(stream, moved, variant, moved["amount"], fingerprint=moved["id"], subject=found["id"])
        for moved in found.get("balance_transactions") or ()
    ]


def _movement(found: Mapping[str, Any]) -> Report:
    source = found.get("source")
    about = source if isinstance(source, Mapping) else {}
    subject = about.get("payment_intent") if about.get("object") == "charge" else None
    return _report(
        Stream.MOVEMENTS, found, _variant(found), found["amount"],
        fingerprint=found["id"], subject=identified(subject or source) or found["id"],
        balance=found.get("balance_type") or "payments", fee=found["fee"],
    )  # fmt: skip


def _variant(found: Mapping[str, Any]) -> str:
    if found["type"] == "adjustment" and found["reporting_category"] in _DISPUTED_CHARGES:
        return "charge_dispute"
    return _MOVEMENTS.get(found["type"], "other")


def _report(
    stream: Stream, found: Mapping[str, Any], variant: str, amount: int, *, fingerprint: str,
    subject: str | None = None, card: str | None = None, balance: str | None = None, fee: int = 0,
) -> Report:  # fmt: skip
    return Report(
        stream=stream, external_id=found["id"], subject=subject or found["id"], variant=variant,
        amount=amount,
        currency=found["currency"].upper(), happened_at=instant(found["created"]), fingerprint=fingerprint,
        card=card, balance=balance, fee=fee, raw=_compact(found),
    )  # fmt: skip


def _compact(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the plain members of a record, and of what is nested in it the id alone."""
    shown = {
        name: identified(value) if isinstance(value, Mapping) and "id" in value else value
        for name, value in found.items()
        if name not in _LEFT_OUT and value not in (None, [], {}, "")
    }
    return {name: value for name, value in shown.items() if isinstance(value, str | int | bool)}
