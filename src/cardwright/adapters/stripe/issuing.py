"""Stripe Issuing as our card processor and our card network, through the official SDK."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import stripe
from stripe import StripeClient
from stripe.params.issuing import CardCreateParams, CardholderCreateParams

from cardwright.adapters.stripe.client import RequestRefused, reading_answer, translate_errors
from cardwright.adapters.stripe.declines import cause_of
from cardwright.cards import (
    CardState,
    EphemeralKey,
    Holder,
    HolderRefused,
    IssuedCard,
    MirroredLimit,
    ProcessorCard,
    Replaced,
    ReplacementReason,
    Window,
)
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
_CARD_STATES: Final[Mapping[str, CardState]] = {status: state for state, status in _CARD_STATUSES.items()}
_REPLACEMENT_REASONS: Final[Mapping[ReplacementReason, Any]] = {
    ReplacementReason.LOST: "lost",
    ReplacementReason.STOLEN: "stolen",
    ReplacementReason.COMPROMISED: "stolen",
    ReplacementReason.DAMAGED: "damaged",
    ReplacementReason.EXPIRING: "expired",
}
_INTERVALS: Final[Mapping[Window, str]] = {
    Window.PER_AUTHORIZATION: "per_authorization",
    Window.DAY: "daily",
    Window.WEEK: "weekly",
    Window.MONTH: "monthly",
    Window.YEAR: "yearly",
    Window.LIFETIME: "all_time",
}
_WINDOWS: Final[Mapping[str, Window]] = {interval: window for window, interval in _INTERVALS.items()}
_NOT_FOUND: Final = 404
_STATUSES: Final[Mapping[str, NetworkStatus]] = {status.value: status for status in NetworkStatus}


class StripeCardProcessor:
    """Keeps the CardProcessor port."""

    def __init__(self, client: StripeClient) -> None:
        self._issuing = client.v1.issuing
        self._keys = client.v1.ephemeral_keys

    @property
    def windows(self) -> frozenset[Window]:
        """Stripe has a spending limit for every window of a calendar, and for one payment and for ever."""
        return frozenset(_INTERVALS)

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
        with reading_answer():
            return str(created.id)

    async def issue_card(
        self,
        *,
        card_id: str,
        currency: str,
        holder_reference: str,
        key: str,
        replaces: Replaced | None = None,
    ) -> IssuedCard:
        """Create an active virtual card; its limits are ours to enforce, in the holder's time zone."""
        params: CardCreateParams = {
            "cardholder": holder_reference,
            "currency": currency.lower(),
            "type": "virtual",
            "status": "active",
            "metadata": {"card_id": card_id},
        }
        if replaces is not None:
            params["replacement_for"] = replaces.reference
            params["replacement_reason"] = _REPLACEMENT_REASONS[replaces.reason]
        try:
            with translate_errors():
                card = await self._issuing.cards.create_async(params, {"idempotency_key": key})
        except RequestRefused as refusal:
            reason = await self._obstacle(holder_reference)
            if reason is None:
                raise
            raise HolderRefused(reason) from refusal
        with reading_answer():
            return IssuedCard(card.id, card.last4, card.exp_month, card.exp_year)

    async def _obstacle(self, holder_reference: str) -> str | None:
        with translate_errors():
            found = await self._issuing.cardholders.retrieve_async(holder_reference)
        disabled_reason = getattr(found.requirements, "disabled_reason", None)
        if disabled_reason is not None:
            return str(disabled_reason).replace(".", "_")
        return None if found.status == "active" else f"holder_{found.status}"

    async def set_state(self, reference: str, state: CardState, *, key: str) -> None:
        """Update the card's status; frozen is Stripe's inactive."""
        with translate_errors():
            await self._issuing.cards.update_async(
                reference, {"status": _CARD_STATUSES[state]}, {"idempotency_key": key}
            )

    async def set_limits(
        self,
        reference: str,
        limits: Sequence[MirroredLimit],
        *,
        currency: str,  # noqa: ARG002 - Stripe counts in the card's own
        key: str,
    ) -> None:
        """Replace the card's spending limits; its windows are calendar periods in UTC, weeks from Sunday."""
        limited: list[Any] = [{"amount": it.at_most, "interval": _INTERVALS[it.window]} for it in limits]
        # An empty text is how a list is emptied; an empty list would not be sent at all.
        controls: Any = {"spending_limits": limited or ""}
        with translate_errors():
            await self._issuing.cards.update_async(
                reference, {"spending_controls": controls}, {"idempotency_key": key}
            )

    async def state_at_processor(self, reference: str) -> ProcessorCard:
        """Retrieve the card; limits for some categories only are none of ours."""
        try:
            with translate_errors():
                card = await self._issuing.cards.retrieve_async(reference)
        except RequestRefused as refusal:
            if refusal.http_status != _NOT_FOUND:
                raise
            return ProcessorCard(None, ())
        with reading_answer():
            return processor_card(card.to_dict())

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
        return EphemeralKey(Sensitive(made.secret), reference, instant(made.expires))


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
        with reading_answer():
            return snapshot(found.to_dict())

    async def transaction(self, reference: str) -> NetworkTransaction:
        """Retrieve a transaction; one without an authorization needs its own merchant data."""
        with translate_errors():
            found = await self._issuing.transactions.retrieve_async(reference)
        with reading_answer():
            return transaction(found.to_dict())

    async def authorizations_between(
        self, since: datetime, until: datetime
    ) -> Sequence[AuthorizationSnapshot]:
        """List all authorizations created between two instants, page by page."""
        created: Any = {"gte": int(since.timestamp()), "lte": int(until.timestamp())}
        with translate_errors():
            pages = await self._issuing.authorizations.list_async({"created": created, "limit": 100})
            with reading_answer():
                return [snapshot(found.to_dict()) async for found in pages.auto_paging_iter()]

    async def transactions_since(self, since: datetime) -> Sequence[NetworkTransaction]:
        """List all transactions created since an instant, page by page."""
        with translate_errors():
            pages = await self._issuing.transactions.list_async(
                {"created": {"gte": int(since.timestamp())}, "limit": 100}
            )
            with reading_answer():
                return [transaction(found.to_dict()) async for found in pages.auto_paging_iter()]


def processor_card(card: Mapping[str, Any]) -> ProcessorCard:
    """Translate the state and the limits of Stripe's card object."""
    limits = card["spending_controls"]["spending_limits"] or []
    is_ours = all(it["interval"] in _WINDOWS and not it.get("categories") for it in limits)
    ours = sorted(MirroredLimit(_WINDOWS[it["interval"]], it["amount"]) for it in limits) if is_ours else None
    return ProcessorCard(_CARD_STATES.get(card["status"]), None if ours is None else tuple(ours))


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
        authorization_reference=identified(found["authorization"]),
        card_reference=str(identified(found["card"])),
        amount=abs(found["amount"]),
        currency=found["currency"].upper(),
        merchant_amount=abs(found["merchant_amount"]),
        merchant_currency=found["merchant_currency"].upper(),
        merchant=merchant(found["merchant_data"]),
        at=instant(found["created"]),
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
        at=instant(request["created"]),
        cause=None if request["approved"] else cause_of(request["reason"]),
    )


def identified(reference: Any) -> str | None:
    """Return an id, which Stripe gives alone, or within the whole object where that was expanded."""
    found: str | None = reference["id"] if isinstance(reference, Mapping) else reference
    return found


def instant(timestamp: int) -> datetime:
    """Return an instant of Stripe's, which is in unix seconds."""
    return datetime.fromtimestamp(timestamp, UTC)
