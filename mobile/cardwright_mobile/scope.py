"""What every screen finds: the states, and how work for the server is done."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, Final, TypeVar

import flet as ft

from cardwright_mobile.api.card_models import CardNumberView
from cardwright_mobile.api.client import Client
from cardwright_mobile.api.problems import SignedOut, StepUpNeeded
from cardwright_mobile.design.pieces import marked, reason, text
from cardwright_mobile.device.browser import callback
from cardwright_mobile.pulse import Pulse
from cardwright_mobile.state.account import Account
from cardwright_mobile.state.activity import Activity
from cardwright_mobile.state.answers import Answers
from cardwright_mobile.state.cards import Cards
from cardwright_mobile.state.choices import Choices
from cardwright_mobile.state.deeds import Deed, Deeds
from cardwright_mobile.state.inbox import Inbox
from cardwright_mobile.state.last_known import LastKnown
from cardwright_mobile.state.lock import Lock
from cardwright_mobile.state.secret import Secret
from cardwright_mobile.state.session import Session
from cardwright_mobile.state.wallet import Wallet
from cardwright_mobile.state.window import Window
from cardwright_mobile.text import Words

T = TypeVar("T")
_ELSEWHERE: Final = "reveal_at_processor"


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
    last_known: LastKnown
    lock: Lock
    answers: Answers = field(default_factory=Answers)
    inbox: Inbox = field(default_factory=Inbox)
    secret: Secret = field(default_factory=Secret)
    deeds: Deeds = field(default_factory=Deeds)
    window: Window = field(default_factory=Window)
    pulse: Pulse = field(default_factory=Pulse)
    windows: int = 1
    """How many connections show this page: one that is loaded again may come before the old one is gone."""
    is_closed: bool = False

    @property
    def is_watched(self) -> bool:
        """Whether somebody has the app open: for nobody nothing is read."""
        return self.windows > 0

    @property
    def words(self) -> Words:
        """The texts of the chosen language."""
        return self.choices.words

    @property
    def zone(self) -> tzinfo | None:
        """Where whoever is signed in lives; None is where the device is."""
        return self.account.zone

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
                await self.last_known.forget()
        except StepUpNeeded:
            await self.prove()
        return None

    async def prove(self, deed: Deed | None = None) -> None:
        """Have a strong factor used in the browser, which comes back here; the deed is done then."""
        place = self.page.route or "/"
        address = await self.session.address_to_step_up(callback(self.page), place, deed)
        await ft.UrlLauncher().launch_url(address, web_only_window_name="_self")

    async def do(self, deed: Deed) -> bool:
        """Do something and tell how it went; where a strong factor is asked for, after it was used."""
        client = self.session.client
        if client is None:
            return False
        try:
            brought = await self.deeds.do(client, deed)
        except StepUpNeeded:
            await self.prove(deed)
            return False
        except SignedOut:
            await self.session.end()
            return False
        if isinstance(brought, CardNumberView):
            self.page.run_task(self.secret.show, brought)
        elif self.deeds.trouble == _ELSEWHERE:
            self.secret.is_elsewhere = str(deed.about[0])
        elif brought:
            # Not all that is changed here is told by the server's stream.
            self.pulse.beat()
            self.tell(self.words.of("done", deed.name))
        elif self.deeds.trouble:
            self.tell(reason(self.words, self.deeds, is_deed=True), is_wrong=True)
        return bool(brought)

    def tell(self, told: str, *, is_wrong: bool = False) -> None:
        """Say something in passing, over whatever is shown."""
        shown = ft.SnackBar(
            marked("told", text(told, 15, color=ft.Colors.SURFACE), live_region=True),
            behavior=ft.SnackBarBehavior.FLOATING,
            bgcolor=ft.Colors.ERROR if is_wrong else None,
        )
        self.page.show_dialog(shown)

    def confirm(self, title: str, told: str, yes: str, no: str, act: Callable[[], Awaitable[object]]) -> None:
        """Ask whether somebody means it, and do it if so."""

        async def go_on(_: object) -> None:
            self.page.pop_dialog()
            await act()

        shown = ft.AlertDialog(
            title=text(title, 20, is_strong=True), content=text(told, 15), modal=True,
            actions=[
                marked("keep", ft.TextButton(no, height=48, on_click=lambda _: self.page.pop_dialog())),
                marked("confirm", ft.FilledButton(yes, height=48, on_click=go_on)),
            ],
        )  # fmt: skip
        self.page.show_dialog(shown)

    async def leave(self) -> None:
        """Sign out, and leave nothing of whoever was signed in on the device."""
        self.page.navigate("/")
        self.forget()
        await self.last_known.forget()
        await self.lock.reset()
        await self.session.sign_out()

    def forget(self) -> None:
        """Empty what belongs to whoever was signed in."""
        self.account.view, self.account.standing, self.account.is_ready = None, "", False
        self.wallet.view, self.wallet.is_ready = None, False
        self.cards.all, self.cards.is_ready = (), False
        self.activity.payments, self.activity.is_ready = (), False
        self.answers.challenges, self.answers.questions, self.answers.is_ready = (), (), False
        self.activity.next_cursor = self.activity.status = None
        self.inbox.messages, self.inbox.unread, self.inbox.is_ready = (), 0, False
        self.inbox.next_cursor = None
        self.secret.forget()


_NO_SCOPE: Final[Any] = None
SCOPE: Final = ft.create_context(_NO_SCOPE)


def use_scope() -> Scope:
    """Return the scope of this page; another language or another width lays the screen out anew."""
    found: Scope = ft.use_context(SCOPE)
    ft.use_state(found.choices)
    ft.use_state(found.window)
    return found


def use_made(make: Callable[[], T], key: object = None) -> T:
    """Return what a component makes once for each key and keeps; of what is observable, changes are shown.

    A screen stays when its place becomes that of another card: what it is about has to be its key.
    """
    memo: Any = ft.use_memo
    made: T = memo(make, [key])
    state: Any = ft.use_state
    held, hold = state(lambda: made)
    if held is not made:
        hold(lambda _: made)
    return made


@dataclass(slots=True)
class _Turn:
    number: int = 0


def use_following(scope: Scope, *reads: Callable[[Client], Awaitable[object]], key: object = None) -> None:
    """Read again and again while a screen is shown, so that payments show up by themselves."""
    alive = use_made(_Turn)

    async def follow() -> None:
        alive.number += 1
        turn = alive.number
        while alive.number == turn and not scope.is_closed:
            beat = scope.pulse.mark()
            if scope.is_watched:
                await asyncio.gather(*(scope.ask(read) for read in reads))
            await scope.pulse.wait(beat)

    def begin() -> None:
        scope.page.run_task(follow)

    def stop() -> None:
        alive.number += 1

    ft.use_effect(begin, [key], cleanup=stop)
