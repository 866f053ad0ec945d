"""The story's hands in the outside world: merchants, the network, the inbox, the clock, faults."""

from typing import Any

import httpx
import stripe

from cardwright.demo.people import StoryFailed, eventually
from cardwright.demo.simulated import simulator_client


class Outside:
    """Speaks to the simulator over HTTP: Stripe's part through the official SDK."""

    def __init__(self, address: str) -> None:
        self.stripe = simulator_client(address)
        self._http = httpx.AsyncClient(base_url=address, timeout=20)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def number_of(self, card_id: str) -> dict[str, Any]:
        """Return the number, expiry and code of one of our cards, as its holder would read them off it."""
        cards = await self.stripe.v1.issuing.cards.list_async({"limit": 100})
        async for card in cards.auto_paging_iter():
            if card.metadata.to_dict().get("card_id") == card_id:
                shown = await self.stripe.v1.issuing.cards.retrieve_async(
                    card.id, {"expand": ["number", "cvc"]}
                )
                return {
                    "number": shown.number, "exp_month": shown.exp_month, "exp_year": shown.exp_year,
                    "cvc": shown.cvc,
                }  # fmt: skip
        raise StoryFailed("the processor does not know the card")

    async def pay(self, card: dict[str, Any], merchant: str, amount: int) -> Any:
        """Pay at a made-up merchant and return the network's authorization."""
        return await self._post("/_sim/stripe/pay", {"card": card, "merchant": merchant, "amount": amount})

    async def clear(self, authorization: str, amount: int, *, is_last: bool) -> str:
        """Let the merchant present a part; return the transaction's id."""
        helpers = self.stripe.v1.test_helpers.issuing.authorizations
        done = await helpers.capture_async(
            authorization, {"capture_amount": amount, "close_authorization": is_last}
        )
        return str(done.transactions[-1].id)

    async def reverse(self, authorization: str) -> None:
        """Let the merchant give back what is left of an authorization."""
        await self.stripe.v1.test_helpers.issuing.authorizations.reverse_async(authorization)

    async def refund(self, transaction: str, amount: int) -> None:
        """Let the merchant refund a part of a transaction."""
        await self.stripe.v1.test_helpers.issuing.transactions.refund_async(
            transaction, {"refund_amount": amount}
        )

    async def force_post(self, card_reference: str, merchant: Any, amount: int) -> str:
        """Let a merchant clear without ever having asked."""
        helpers = self.stripe.v1.test_helpers.issuing.transactions
        params: stripe.params.test_helpers.issuing.TransactionCreateForceCaptureParams = {
            "amount": amount, "card": card_reference, "merchant_data": merchant,
        }  # fmt: skip
        return (await helpers.create_force_capture_async(params)).id

    async def message(self, channel: str, to: str, containing: str) -> Any:
        """Wait for a message to somebody and return the newest that contains a text."""

        async def look() -> Any:
            found = (await self._get("/_sim/inbox", {"channel": channel, "to": to}))["data"]
            return next((message for message in found if containing.lower() in _words(message).lower()), None)

        return await eventually(f"{channel} to {to} with {containing!r}", look)

    async def submit_documents(self, session: str, outcome: str) -> None:
        """Hold documents into the camera on the identity provider's page."""
        await self._post(f"/_sim/stripe/identity/{session}/submit", {"outcome": outcome})

    async def move_clock(self, days: int) -> None:
        """Let days pass out there."""
        await self._post("/_sim/clock/advance", {"seconds": days * 86_400})

    async def fault(self, kind: str, selector: str, *, count: int = 1) -> None:
        """Order trouble for the next webhooks of a type."""
        fault = {"target": "webhook", "kind": kind, "selector": selector, "count": count}
        await self._post("/_sim/faults", fault)

    async def _get(self, path: str, query: dict[str, str]) -> Any:
        return (await self._http.get(path, params=query)).raise_for_status().json()

    async def _post(self, path: str, body: Any) -> Any:
        response = await self._http.post(path, json=body)
        if not response.is_success:
            raise StoryFailed(f"the simulator refused {path}: {response.text}")
        return response.json()


def _words(message: Any) -> str:
    return f"{message.get('subject') or ''} {message['text']}"
