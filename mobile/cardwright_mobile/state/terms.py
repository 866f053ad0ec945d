"""What a card may spend, and where: as it stands, and as somebody wants it."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

import flet as ft

from cardwright_mobile.api.card_models import CardControlsView, ExceptionView
from cardwright_mobile.api.card_models import MerchantView as Found
from cardwright_mobile.api.client import Client
from cardwright_mobile.api.models import CardView, LimitView
from cardwright_mobile.state.reading import Reading
from cardwright_mobile.text.money import figures, typed_amount

WINDOWS: Final = ("per_authorization", "day", "week", "month", "year")
"""Whole windows of amounts are changed here; limits of other kinds stay as they are."""
LEAST_LETTERS: Final = 3


@ft.observable
@dataclass
class Limits(Reading):
    """A card's own limits, to be changed."""

    card_id: str = ""
    card: CardView | None = None

    async def read(self, client: Client) -> None:
        """Read the card."""
        found = await self.attempt(client.card(self.card_id))
        if found is not None:
            self.card = found
            self.is_ready = True

    def written(self, language: str) -> dict[str, str]:
        """Return each window's limit as it is written; an empty text for none."""
        assert self.card is not None  # noqa: S101 - read before it is written
        own = {it.window: it.amount or 0 for it in self.card.limits if is_plain(it)}
        currency = self.card.currency
        return {it: figures(own[it], currency, language) if it in own else "" for it in WINDOWS}

    def wrong(self, form: Mapping[str, str], language: str) -> frozenset[str]:
        """Return the windows whose text is no amount."""
        return frozenset(
            it for it in WINDOWS if form.get(it, "").strip() and not self._typed(form, it, language)
        )

    def wanted(self, form: Mapping[str, str], language: str) -> list[dict[str, Any]]:
        """Return all limits as they shall be, for the server."""
        assert self.card is not None  # noqa: S101 - read before it is written
        others = [asdict(it) for it in self.card.limits if not is_plain(it)]
        typed = [(it, self._typed(form, it, language)) for it in WINDOWS]
        return [*others, *({"window": it, "amount": amount} for it, amount in typed if amount)]

    def _typed(self, form: Mapping[str, str], window: str, language: str) -> int | None:
        currency = self.card.currency if self.card else ""
        return typed_amount(form.get(window, ""), currency, language)


def is_plain(limit: LimitView) -> bool:
    """Answer whether a limit is an amount for a whole window, of whatever is bought."""
    return limit.amount is not None and limit.only is None and limit.window in WINDOWS


@ft.observable
@dataclass
class Where(Reading):
    """At which merchants a card pays."""

    card_id: str = ""
    card: CardView | None = None
    controls: CardControlsView | None = None
    exceptions: tuple[ExceptionView, ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    """Names of merchants, by their ids."""
    sought: str = ""
    found: tuple[Found, ...] = ()
    chosen: Found | None = None

    async def read(self, client: Client) -> None:
        """Read the lock, who is let through, and what these merchants are called."""
        asked = (client.card(self.card_id), client.controls(self.card_id), client.exceptions(self.card_id))
        found = await self.attempt(asyncio.gather(*asked))
        if found is None:
            return
        self.card, self.controls, self.exceptions = found
        known = dict(self.names)
        wanted = {it.merchant_id for it in self.exceptions} | ({self.locked_to} - {None})
        missing = [it for it in wanted if it and it not in known]
        called = await self.attempt(asyncio.gather(*(client.merchant(it) for it in missing)))
        named = zip(missing, called or (), strict=False)
        self.names += tuple((it, merchant.name) for it, merchant in named if merchant is not None)
        self.is_ready = True

    @property
    def is_locked(self) -> bool:
        """Whether it pays at one merchant only, be it one that is still to come."""
        return (self.card is not None and self.card.is_merchant_locked) or self.locked_to is not None

    @property
    def locked_to(self) -> str | None:
        """The merchant that it is locked to."""
        if self.card is not None and self.card.is_merchant_locked:
            return self.card.locked_merchant_id
        merchants = self.controls.allowed.merchants if self.controls else None
        return merchants[0] if merchants else None

    def through(self, now: datetime) -> tuple[ExceptionView, ...]:
        """Return who is let through at this moment."""
        return tuple(it for it in self.exceptions if it.until > now)

    def name_of(self, merchant_id: str) -> str:
        """Return what a merchant is called, where that is known."""
        return dict(self.names).get(merchant_id, "")

    async def seek(self, client: Client, name: str) -> None:
        """Find merchants by three letters or more; what was typed meanwhile counts."""
        self.sought = name.strip()
        if len(self.sought) < LEAST_LETTERS:
            self.found = ()
            return
        found = await self.attempt(client.merchants(self.sought))
        if found is not None and self.sought == name.strip():
            self.found = found

    def choose(self, merchant: Found | None) -> None:
        """Take one of them; its name is known from now on."""
        self.chosen = merchant
        if merchant is not None:
            self.names = (*self.names, (merchant.id, merchant.name))
