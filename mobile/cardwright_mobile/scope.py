"""What every screen finds: the states, and how work for the server is done."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import flet as ft

from cardwright_mobile.api.client import Client
from cardwright_mobile.api.problems import SignedOut
from cardwright_mobile.state.account import Account
from cardwright_mobile.state.activity import Activity
from cardwright_mobile.state.cards import Cards
from cardwright_mobile.state.choices import Choices
from cardwright_mobile.state.session import Session
from cardwright_mobile.state.wallet import Wallet
from cardwright_mobile.text import Words

EVERY_SECONDS: Final = 3.0


@dataclass(eq=False)
class Scope:
    """One per page: what somebody sees in one window is nobody else's."""

    page: ft.Page
    session: Session
    choices: Choices
    account: Account
    wallet: Wallet
    cards: Cards
    activity: Activity
    is_watched: bool = True
    """Whether somebody has the app open: for nobody nothing is read."""
    is_closed: bool = False

    @property
    def words(self) -> Words:
        """The texts of the chosen language."""
        return self.choices.words

    def go(self, place: str) -> Callable[[object], None]:
        """Return a handler that leads to a place of the app."""
        return lambda _: self.page.navigate(place)

    async def ask(self, work: Callable[[Client], Awaitable[object]]) -> object | None:
        """Let a state do something with the server; somebody whose tokens ended is signed out."""
        client = self.session.client
        if client is None:
            return None
        try:
            return await work(client)
        except SignedOut:
            # Meanwhile somebody may have signed in anew.
            if self.session.client is client:
                await self.session.end()
        return None

    def forget(self) -> None:
        """Empty what belongs to whoever was signed in."""
        self.account.view, self.account.is_ready = None, False
        self.wallet.view, self.wallet.is_ready = None, False
        self.cards.all, self.cards.is_ready = (), False
        self.activity.payments, self.activity.is_ready = (), False
        self.activity.next_cursor = self.activity.status = None


SCOPE: Final = ft.create_context(None)


def use_scope() -> Scope:
    """Return the scope of this page."""
    found = ft.use_context(SCOPE)
    assert isinstance(found, Scope)  # noqa: S101 - App gives one to all
    return found


def use_following(scope: Scope, *reads: Callable[[Client], Awaitable[object]], key: object = None) -> None:
    """Read again and again while a screen is shown, so that payments show up by themselves."""
    alive = ft.use_ref(lambda: {"turn": 0}).current

    async def follow() -> None:
        alive["turn"] += 1
        turn = alive["turn"]
        while alive["turn"] == turn and not scope.is_closed:
            if scope.is_watched:
                await asyncio.gather(*(scope.ask(read) for read in reads))
            await asyncio.sleep(EVERY_SECONDS)

    def begin() -> None:
        scope.page.run_task(follow)

    def stop() -> None:
        alive["turn"] += 1

    ft.use_effect(begin, [key], cleanup=stop)
