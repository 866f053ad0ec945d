"""Stripe Issuing as our card processor and our card network, through the official SDK."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import stripe
from stripe import StripeClient
from stripe.params.issuing import CardholderCreateParams

from cardwright.adapters.stripe.client import RequestRefused, translate_errors
from cardwright.cards import CardState, EphemeralKey, Holder, IssuedCard
from cardwright.core.errors import Invalid, Unavailable
from cardwright.core.sensitive import Sensitive
from cardwright.payments import (
    AuthorizationSnapshot,
    Merchant,
    NetworkStatus,
    NetworkTransaction,
    RequestOutcome,
    TransactionKind,
)

SOURCE: Final = "stripe"
_CARD_STATUSES: Final[Mapping[CardState, Any]] = {
    CardState.ACTIVE: "active",
    CardState.FROZEN: "inactive",
    CardState.CANCELED: "canceled",
}
_STATUSES: Final[Mapping[str, NetworkStatus]] = {status.value: status for status in NetworkStatus}


class StripeCardProcessor:
    """Keeps the CardProcessor port."""

    def __init__(self, client: StripeClient) -> None:
        self._issuing = client.v1.issuing
        self._keys = client.v1.ephemeral_keys

    async def register_holder(self, holder: Holder, *, key: str) -> str:
        """Create the cardholder."""
        first_name, _, last_name = holder.full_name.partition(" ")
        params: CardholderCreateParams = {
            "name": holder.full_name[:24],
            "type": "individual",
            "email": holder.email,
            "status": "active",
            "billing": {
                "address": {
                    "line1": holder.line1,
                    "city": holder.city,
                    "postal_code": holder.postal_code,
                    "country": holder.country,
                }
            },
            "individual": {"first_name": first_name, "last_name": last_name or first_name},
            "metadata": {"user_id": holder.user_id},
        }
        if holder.phone is not None:
            params["phone_number"] = holder.phone
        with translate_errors():
            created = await self._issuing.cardholders.create_async(params, {"idempotency_key": key})
        return created.id

    async def issue_card(self, *, card_id: str, currency: str, holder_reference: str, key: str) -> IssuedCard:
        """Create an active virtual card; its limits are ours to enforce, in the holder's time zone."""
        with translate_errors():
            card = await self._issuing.cards.create_async(
                {
                    "cardholder": holder_reference,
                    "currency": currency.lower(),
                    "type": "virtual",
                    "status": "active",
                    "metadata": {"card_id": card_id},
                },
                {"idempotency_key": key},
            )
        return IssuedCard(card.id, card.last4, card.exp_month, card.exp_year)

    async def set_state(self, reference: str, state: CardState, *, key: str) -> None:
        """Update the card's status; frozen is Stripe's inactive."""
        with translate_errors():
            await self._issuing.cards.update_async(
                reference, {"status": _CARD_STATUSES[state]}, {"idempotency_key": key}
            )

    async def security_code(self, reference: str) -> Sensitive | None:  # noqa: ARG002 - the port's shape
        """Return nothing: number and code stay at Stripe, which shows them in the holder's browser."""
        return None

    async def ephemeral_key(self, reference: str, *, nonce: str) -> EphemeralKey | None:
        """Create the key for Issuing Elements; raise Invalid for a nonce that is not Stripe's or was used."""
        version = stripe.api_version
        try:
            with translate_errors():
                made = await self._keys.create_async(
                    {"issuing_card": reference, "nonce": nonce}, {"stripe_version": version}
                )
        except RequestRefused as error:
            if error.param != "nonce":
                raise
            raise Invalid("nonce_invalid", "The processor does not take this nonce; make another.") from error
        if made.secret is None:
            raise Unavailable("processor_unavailable", "The payment processor answered no key; try again.")
        return EphemeralKey(Sensitive(made.secret), reference, _instant(made.expires))


class StripeCardNetwork:
    """Keeps the CardNetwork port."""

    def __init__(self, client: StripeClient) -> None:
        self._issuing = client.v1.issuing

    @property
    def source(self) -> str:
        """The name of Stripe's references."""
        return SOURCE

    async def authorization(self, reference: str) -> AuthorizationSnapshot:
        """Retrieve an authorization with its transactions."""
        with translate_errors():
            found = await self._issuing.authorizations.retrieve_async(reference)
        return snapshot(found.to_dict())

    async def transaction(self, reference: str) -> NetworkTransaction:
        """Retrieve a transaction; one without an authorization needs its own merchant data."""
        with translate_errors():
            found = await self._issuing.transactions.retrieve_async(reference)
        return transaction(found.to_dict())

    async def transactions_since(self, since: datetime) -> Sequence[NetworkTransaction]:
        """List all transactions created since an instant, page by page."""
        with translate_errors():
            pages = await self._issuing.transactions.list_async(
                {"created": {"gte": int(since.timestamp())}, "limit": 100}
            )
            return [transaction(found.to_dict()) async for found in pages.auto_paging_iter()]


def snapshot(authorization: Mapping[str, Any]) -> AuthorizationSnapshot:
    """Translate Stripe's authorization object."""
    return AuthorizationSnapshot(
        reference=authorization["id"],
        card_reference=authorization["card"]["id"],
        status=_STATUSES.get(authorization["status"], NetworkStatus.PENDING),
        held_amount=authorization["amount"],
        currency=authorization["currency"].upper(),
        merchant=merchant(authorization["merchant_data"]),
        channel=channel(authorization),
        requests=tuple(_request(request) for request in authorization["request_history"]),
        transactions=tuple(transaction(found) for found in authorization["transactions"]),
    )


def transaction(found: Mapping[str, Any]) -> NetworkTransaction:
    """Translate Stripe's transaction object; money out is negative there and positive here."""
    is_refund = found["type"] == "refund"
    return NetworkTransaction(
        reference=found["id"],
        kind=TransactionKind.REFUND if is_refund else TransactionKind.CLEARING,
        authorization_reference=_id(found["authorization"]),
        card_reference=str(_id(found["card"])),
        amount=abs(found["amount"]),
        currency=found["currency"].upper(),
        merchant_amount=abs(found["merchant_amount"]),
        merchant_currency=found["merchant_currency"].upper(),
        merchant=merchant(found["merchant_data"]),
        at=_instant(found["created"]),
    )


def merchant(data: Mapping[str, Any]) -> Merchant:
    """Translate Stripe's merchant_data; what it leaves out is empty."""
    return Merchant(
        id=_text(data["network_id"]),
        name=_text(data.get("name")),
        mcc=_text(data.get("category_code")) or "0000",
        country=_text(data.get("country")),
        city=_text(data.get("city")) or None,
    )


def _text(value: Any) -> str:
    # Acquirers send what they like, and PostgreSQL stores no U+0000.
    return value.replace("\0", "") if isinstance(value, str) else ""


def channel(authorization: Mapping[str, Any]) -> str:
    """Say how the card was presented: a wallet, an ATM, online or in person."""
    if authorization.get("wallet"):
        return "wallet"
    if authorization["merchant_data"].get("category_code") == "6011":
        return "atm"
    is_remote = authorization["authorization_method"] in ("online", "keyed_in")
    return "ecommerce" if is_remote else "in_person"


def _request(request: Mapping[str, Any]) -> RequestOutcome:
    return RequestOutcome(
        amount=request["amount"],
        approved=request["approved"],
        reason=request["reason"],
        merchant_amount=request["merchant_amount"],
        merchant_currency=request["merchant_currency"].upper(),
        at=_instant(request["created"]),
    )


def _id(reference: Any) -> str | None:
    # Stripe gives an id, or the whole object where it was expanded.
    found: str | None = reference["id"] if isinstance(reference, Mapping) else reference
    return found


def _instant(timestamp: int) -> datetime:
    return datetime.fromtimestamp(timestamp, UTC)
