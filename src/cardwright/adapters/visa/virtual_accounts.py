"""Visa's virtual accounts as our card processor: requisitions that add, replace and end."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from cardwright.adapters.visa.client import RequestRefused, VisaClient
from cardwright.cards import (
    CardState,
    EphemeralKey,
    Holder,
    IssuedCard,
    MirroredLimit,
    ProcessorCard,
    Replaced,
    Window,
)
from cardwright.core.clock import Clock
from cardwright.core.errors import Invalid, Unavailable
from cardwright.core.ids import new_id
from cardwright.core.sensitive import Sensitive

REQUISITION: Final = "/vpa/v1/requisitionService"
SECURITY_CODE: Final = "/vpa/v1/accountManagement/GetSecurityCode"
DETAILS: Final = "/vpa/v1/getRequisitionDetails"
NOT_UNIQUE: Final = "V002"
UNKNOWN_ACCOUNT: Final = "V071"
VALIDITY_YEARS: Final = 3
BIN_LENGTH: Final = 6
LONGEST_MESSAGE_ID: Final = 36
_TIME_ZONE: Final = "UTC-8"
_CURRENCIES: Final[Mapping[str, str]] = {"USD": "840", "EUR": "978", "GBP": "826"}
_REFERENCE_FIELD: Final = "cardwrightReference"
_CARD_FIELD: Final = "cardwrightCard"
_CURRENCY_FIELD: Final = "cardwrightCurrency"


class VisaCardProcessor:
    """Keeps the CardProcessor port; its reference of a card is the message that made it, never the number."""

    def __init__(self, client: VisaClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    @property
    def windows(self) -> frozenset[Window]:
        """No window: a rule of spend velocity exists, but what its range types mean could not be tried."""
        return frozenset()

    async def register_holder(self, holder: Holder, *, key: str) -> str:  # noqa: ARG002 - the port's shape
        """Name the person without a call: virtual accounts belong to a buyer and know no people."""
        return f"{self._client.access.buyer_id}:{holder.user_id}"

    async def issue_card(
        self,
        *,
        card_id: str,
        currency: str,
        holder_reference: str,  # noqa: ARG002 - the port's shape
        key: str,
        replaces: Replaced | None = None,  # noqa: ARG002 - accounts know nothing of each other
    ) -> IssuedCard:
        """Add a virtual account, or find the one that the same key added before."""
        reference = message_id(key)
        if currency not in _CURRENCIES:
            raise Invalid("currency_unsupported", f"Virtual accounts are not issued in {currency}.")
        try:
            answer = await self._client.call(REQUISITION, self._addition(reference, card_id, currency))
        except RequestRefused as refusal:
            if refusal.code != NOT_UNIQUE:
                raise
            answer = await self._made_before(reference, card_id, currency, refusal)
        return _issued(reference, answer)

    async def set_state(self, reference: str, state: CardState, *, key: str) -> None:
        """Replace the rules of the account, or end it; a repeated message had its effect the first time."""
        found = await self._find(reference)
        message = self._message("D" if state is CardState.CANCELED else "U", message_id(key))
        message["accountNumber"] = found["accountNumber"]
        if state is not CardState.CANCELED:
            currency = _optional(found).get(_CURRENCY_FIELD, "")
            asked = {**found["requisitionDetails"], "rules": _rules(state, currency)}
            message["requisitionDetails"] = asked
        try:
            await self._client.call(REQUISITION, message)
        except RequestRefused as refusal:
            if refusal.code != NOT_UNIQUE:
                raise

    async def set_limits(
        self, reference: str, limits: Sequence[MirroredLimit], *, currency: str, key: str
    ) -> None:
        """Nothing: no window is ours to set."""

    async def state_at_processor(self, reference: str) -> ProcessorCard:
        """Read the account's status and rules; what fits none of our states is pending."""
        try:
            found = await self._find(reference)
        except RequestRefused as refusal:
            if refusal.code != UNKNOWN_ACCOUNT:
                raise
            return ProcessorCard(None, ())
        return ProcessorCard(_state(found), ())

    async def security_code(self, reference: str) -> Sensitive | None:
        """Ask for the code that belongs to the account and its expiry."""
        found = await self._find(reference)
        access = self._client.access
        answer = await self._client.call(
            SECURITY_CODE,
            {
                "clientId": access.client_id,
                "buyerId": access.buyer_id,
                "messageId": message_id(new_id("code")),
                "accountNumber": found["accountNumber"],
                "expirationDate": found["expirationDate"],
            },
        )
        return Sensitive(answer["securityCode"])

    async def ephemeral_key(self, reference: str, *, nonce: str) -> EphemeralKey | None:  # noqa: ARG002
        """Return nothing: Visa shows no cards in a browser, the vault does."""
        return None

    def _addition(self, reference: str, card_id: str, currency: str) -> dict[str, Any]:
        start = (self._clock.now() - timedelta(hours=8)).date()
        return self._message("A", reference) | {
            "proxyPoolID": self._client.access.proxy_pool_id,
            "numberOfCards": "1",
            "requisitionDetails": {
                "startDate": start.isoformat(),
                "endDate": _end(start).isoformat(),
                "timeZone": _TIME_ZONE,
                "mcgRuleAction": "Block",
                "rules": _rules(CardState.ACTIVE, _CURRENCIES[currency]),
            },
            "OptionalInfo": _fields(
                {
                    _REFERENCE_FIELD: reference,
                    _CARD_FIELD: card_id,
                    _CURRENCY_FIELD: _CURRENCIES[currency],
                }
            ),
        }

    async def _made_before(
        self, reference: str, card_id: str, currency: str, refusal: RequestRefused
    ) -> Mapping[str, Any]:
        try:
            found = await self._find(reference)
        except RequestRefused as missing:
            if missing.code != UNKNOWN_ACCOUNT:
                raise
            # Visa knows the message and not yet what it made.
            raise Unavailable("processor_unavailable", "The card is not to be seen yet.") from missing
        made_with = _optional(found)
        if (made_with.get(_CARD_FIELD), made_with.get(_CURRENCY_FIELD)) != (card_id, _CURRENCIES[currency]):
            raise refusal
        return found

    async def _find(self, reference: str) -> Mapping[str, Any]:
        return await self._client.call(
            DETAILS,
            {
                "clientID": self._client.access.client_id,
                "buyerID": self._client.access.buyer_id,
                "messageID": message_id(new_id("lookup")),
                "OptionalInfo": _fields({_REFERENCE_FIELD: reference}),
            },
        )

    def _message(self, action: str, message: str) -> dict[str, Any]:
        access = self._client.access
        return {
            "action": action,
            "clientID": access.client_id,
            "buyerID": access.buyer_id,
            "messageID": message,
        }


def message_id(key: str) -> str:
    """Return the message id of a key: always the same, and of the length that Visa takes."""
    return f"cw{hashlib.sha256(key.encode()).hexdigest()}"[:LONGEST_MESSAGE_ID]


def _state(found: Mapping[str, Any]) -> CardState | None:
    if found["status"] == "ended":
        return CardState.CANCELED
    if found["status"] != "active":
        return None
    rules, currency = found["requisitionDetails"]["rules"], _optional(found).get(_CURRENCY_FIELD, "")
    known = (CardState.ACTIVE, CardState.FROZEN)
    return next((state for state in known if rules == _rules(state, currency)), None)


def _rules(state: CardState, currency: str) -> list[dict[str, Any]]:
    if state is CardState.ACTIVE:
        return []
    overrides = {"amountCurrencyCode": currency, "amountValue": "0.01"}
    return [
        {
            "ruleCode": "PUR",
            "overrides": [
                {"sequence": "0", "overrideCode": code, "overrideValue": value}
                for code, value in overrides.items()
            ],
        }
    ]


def _fields(values: Mapping[str, str]) -> Sequence[Mapping[str, str]]:
    return [{"optionalFieldName": name, "optionalFieldValue": value} for name, value in values.items()]


def _optional(found: Mapping[str, Any]) -> Mapping[str, str]:
    return {field["optionalFieldName"]: field["optionalFieldValue"] for field in found["OptionalInfo"]}


def _issued(reference: str, answer: Mapping[str, Any]) -> IssuedCard:
    number: str = answer["accountNumber"]
    month, _, year = answer["expirationDate"].partition("/")
    return IssuedCard(
        reference, number[-4:], int(month), int(year), bin=number[:BIN_LENGTH], number=Sensitive(number)
    )


def _end(start: date) -> date:
    # The last day of validity is never the 29th of February.
    return start.replace(year=start.year + VALIDITY_YEARS, day=min(start.day, 28))
