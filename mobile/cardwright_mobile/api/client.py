"""What the app asks the server for, typed."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeVar
from uuid import uuid4

import httpx

from cardwright_mobile.api import models, sign_in
from cardwright_mobile.api.decoding import decoded
from cardwright_mobile.api.problems import SignedOut, Unreachable, refusal_of

T = TypeVar("T")
_UNAUTHORIZED: Final = 401
_MOST: Final = 100
Keep = Callable[[sign_in.Tokens | None], Awaitable[None]]
"""Puts tokens into the device's safe place; None when there are none any more."""


class Client:
    """The API for somebody who signed in; tokens are renewed as they run out, one renewal at a time.

    Every call raises Refused, Unreachable, or SignedOut when the tokens are worth nothing any more.
    """

    def __init__(self, http: httpx.AsyncClient, tokens: sign_in.Tokens, keep: Keep) -> None:
        self._http = http
        self._tokens = tokens
        self._keep = keep
        self._renewing = asyncio.Lock()

    async def me(self) -> models.UserOutput:
        """Return who is signed in."""
        return await self._get(models.UserOutput, "/v1/me")

    async def wallet(self) -> models.WalletView:
        """Return the balance."""
        return await self._get(models.WalletView, "/v1/wallet")

    async def cards(self) -> tuple[models.CardView, ...]:
        """Return the newest hundred cards."""
        return (await self._get(models.PageCardView, "/v1/cards", limit=_MOST)).data

    async def card(self, card_id: str) -> models.CardView:
        """Return a card."""
        return await self._get(models.CardView, f"/v1/cards/{card_id}")

    async def freeze(self, card_id: str) -> models.CardView:
        """Let a card decline everything until it is unfrozen."""
        return await self._post(models.CardView, f"/v1/cards/{card_id}/freeze")

    async def unfreeze(self, card_id: str) -> models.CardView:
        """Let a card pay again."""
        return await self._post(models.CardView, f"/v1/cards/{card_id}/unfreeze")

    async def limits(self, card_id: str) -> tuple[models.LimitUsageView, ...]:
        """Return what limits leave of a card."""
        return await self._get(tuple[models.LimitUsageView, ...], f"/v1/cards/{card_id}/limits")

    async def templates(self) -> tuple[models.TemplateView, ...]:
        """Return what new cards can be made from."""
        return (await self._get(models.PageTemplateView, "/v1/card-templates", limit=_MOST)).data

    async def create_card(self, label: str, template_id: str | None, colour: str | None) -> models.CardView:
        """Ask for a card; it is `inactive` until it was issued."""
        wish = {"label": label, "template_id": template_id, "colour": colour}
        body = {name: value for name, value in wish.items() if value is not None}
        return await self._post(models.CardView, "/v1/cards", body)

    async def payments(
        self, *, card_id: str | None = None, status: str | None = None, cursor: str | None = None,
        limit: int = 20,
    ) -> models.PagePaymentView:  # fmt: skip
        """Return a page of payments, the newest first."""
        asked = {"card_id": card_id, "status": status, "cursor": cursor, "limit": limit}
        given = {name: value for name, value in asked.items() if value is not None}
        return await self._get(models.PagePaymentView, "/v1/payments", **given)

    async def payment(self, payment_id: str) -> models.PaymentTimeline:
        """Return a payment with all that happened to it."""
        return await self._get(models.PaymentTimeline, f"/v1/payments/{payment_id}")

    async def sign_out(self) -> None:
        """Give the tokens back and forget them."""
        await sign_in.give_back(self._http, self._tokens)
        await self._keep(None)

    async def _get(self, model: type[T], path: str, **params: Any) -> T:
        return decoded(model, await self._call("GET", path, params=params))

    async def _post(self, model: type[T], path: str, body: Any = None) -> T:
        # One key for both tries when tokens are renewed in between; whoever taps again asks anew.
        headers = {"Idempotency-Key": str(uuid4())}
        return decoded(model, await self._call("POST", path, json=body, headers=headers))

    async def _call(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, **rest: Any
    ) -> Any:
        used = await self._fresh()
        response = await self._send(method, path, used, headers or {}, **rest)
        if response.status_code == _UNAUTHORIZED:
            used = await self._renewed(used)
            response = await self._send(method, path, used, headers or {}, **rest)
            if response.status_code == _UNAUTHORIZED:
                raise SignedOut
        if not response.is_success:
            raise refusal_of(response)
        return response.json()

    async def _send(
        self, method: str, path: str, tokens: sign_in.Tokens, headers: Mapping[str, str], **rest: Any
    ) -> httpx.Response:
        token = tokens.access_token
        proof = tokens.key.proof(method, str(self._http.base_url.join(path)), token)
        shown = {"Authorization": f"DPoP {token}", "DPoP": proof, **headers}
        try:
            return await self._http.request(method, path, headers=shown, **rest)
        except httpx.TransportError as error:
            raise Unreachable from error

    async def _fresh(self) -> sign_in.Tokens:
        return await self._renewed(self._tokens) if self._tokens.is_stale else self._tokens

    async def _renewed(self, used: sign_in.Tokens) -> sign_in.Tokens:
        async with self._renewing:
            # Whoever waited here finds the tokens renewed by somebody else: each renews one generation only.
            if self._tokens is used:
                self._tokens = await sign_in.renew(self._http, used)
                await self._keep(self._tokens)
        return self._tokens
