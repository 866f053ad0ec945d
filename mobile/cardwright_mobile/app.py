"""The app: one router for its whole life, behind a guard that knows whether somebody is signed in."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any, Final

import flet as ft
import httpx

from cardwright_mobile.design.theme import FONTS, theme
from cardwright_mobile.device.biometrics import DeviceBiometrics
from cardwright_mobile.device.storage import DeviceStorage
from cardwright_mobile.features.activity import Activity
from cardwright_mobile.features.add_money import AddMoney
from cardwright_mobile.features.approvals import Approvals
from cardwright_mobile.features.card import Card, Limits, Where
from cardwright_mobile.features.dispute import Dispute
from cardwright_mobile.features.home import Home
from cardwright_mobile.features.identity import Identity
from cardwright_mobile.features.inbox import Inbox
from cardwright_mobile.features.locked import Locked
from cardwright_mobile.features.new_card import NewCard
from cardwright_mobile.features.payment import Payment
from cardwright_mobile.features.settings import Security, Settings
from cardwright_mobile.features.welcome import Waiting, Welcome
from cardwright_mobile.scope import SCOPE, Scope, use_following
from cardwright_mobile.state import account, activity, cards, choices, last_known, lock, session, wallet

_SIGNED_IN: Final = "/signed-in"
_TIMEOUT_SECONDS: Final = 20
Component = Callable[..., Any]


@ft.component
def App(scope: Scope) -> Any:
    """Everything: what was chosen, who is signed in, and the screens behind that."""
    signed, _ = ft.use_state(scope.session)
    chosen, _ = ft.use_state(scope.choices)
    locked, _ = ft.use_state(scope.lock)

    def begin() -> None:
        scope.page.run_task(_begin, scope)

    def dress() -> None:
        _dress(scope.page, chosen)

    def follow() -> None:
        scope.page.run_task(scope.pulse.follow, changes, lambda: not scope.is_closed)

    def changes() -> AsyncIterator[str] | None:
        client = scope.session.client
        return client.changes() if client is not None and scope.is_watched else None

    ft.use_effect(begin, [])
    ft.use_effect(follow, [])
    use_following(scope, scope.answers.read, scope.inbox.count, key=signed.client)
    ft.use_effect(dress, [chosen.language, chosen.theme])

    def seen(screen: Component) -> Component:
        # The components are exchanged and never the router: a second one would leave the first one's
        # listeners behind, and Back would show an empty page.
        if not signed.is_known:
            return Waiting
        if signed.client is not None and locked.is_locked:
            return Locked
        return screen if signed.client is not None else Welcome

    def payment() -> ft.Route:
        # Below each list that leads to it, so that Back returns to that list.
        return ft.Route(
            path="payments/:payment_id", component=seen(Payment),
            children=[ft.Route(path="dispute", component=seen(Dispute))],
        )  # fmt: skip

    inner = signed.client is not None and not locked.is_locked
    routes = [
        ft.Route(
            path="/",
            component=seen(Home),
            children=[
                ft.Route(
                    path="cards/:card_id",
                    component=seen(Card),
                    children=[
                        payment(),
                        ft.Route(path="limits", component=seen(Limits)),
                        ft.Route(path="where", component=seen(Where)),
                    ],
                ),
                payment(),
                ft.Route(path="add-money", component=seen(AddMoney)),
                ft.Route(path="new-card", component=seen(NewCard)),
                ft.Route(path="approvals", component=seen(Approvals)),
            ]
            if inner
            else None,
        ),
        ft.Route(
            path="activity",
            component=seen(Activity),
            children=[payment()] if inner else None,
        ),
        ft.Route(path="inbox", component=seen(Inbox)),
        ft.Route(
            path="settings",
            component=seen(Settings),
            children=[
                ft.Route(path="security", component=seen(Security)),
                ft.Route(path="identity", component=seen(Identity)),
            ]
            if inner
            else None,
        ),
        ft.Route(path=_SIGNED_IN[1:], component=seen(Home)),
    ]
    return SCOPE(scope, lambda: ft.Router(routes, not_found=seen(Home), manage_views=True))


def main_for(server: str) -> Callable[[ft.Page], None]:
    """Return what Flet calls for each page: the app, as the client of one server."""

    def main(page: ft.Page) -> None:
        scope = make_scope(page, server)
        page.title = "Cardwright"
        page.fonts = FONTS
        page.locale_configuration = ft.LocaleConfiguration(
            supported_locales=[ft.Locale("en", "US"), ft.Locale("de", "DE"), ft.Locale("ar", "SA")]
        )
        scope.window.learn(page.width)
        _dress(page, scope.choices)
        _listen(page, scope)
        page.render_views(App, scope)

    return main


def make_scope(page: ft.Page, server: str) -> Scope:
    """Return the states of one page, all of them empty."""
    storage = DeviceStorage()
    http = httpx.AsyncClient(base_url=server, timeout=_TIMEOUT_SECONDS)
    return Scope(
        page, session.Session(http, storage), choices.Choices(storage), account.Account(), wallet.Wallet(),
        cards.Cards(), activity.Activity(), last_known.LastKnown(storage),
        lock.Lock(storage, DeviceBiometrics(page)),
    )  # fmt: skip


async def _begin(scope: Scope) -> None:
    languages = (
        [str(it.language_code) for it in scope.page.locales or []] if hasattr(scope.page, "locales") else []
    )
    await scope.choices.begin(languages)
    await scope.lock.begin()
    await scope.session.begin()
    if scope.session.client is not None:
        await scope.last_known.restore(scope.wallet, scope.cards, scope.activity)
    await _arrive(scope)


async def _arrive(scope: Scope) -> None:
    route = scope.page.route or "/"
    if route.startswith(_SIGNED_IN):
        arrival = await scope.session.come_back(route)
        if not arrival.is_step_up:
            # Perhaps somebody else than before.
            scope.forget()
            await scope.last_known.forget()
        scope.page.navigate(arrival.place)
        if arrival.deed is not None:
            await scope.do(arrival.deed)
            scope.pulse.beat()
    if scope.session.client is not None:
        await scope.ask(scope.account.read)


def _listen(page: ft.Page, scope: Scope) -> None:
    async def close(_: object) -> None:
        scope.is_closed = True
        await scope.session.http.aclose()

    def leave(_: object) -> None:
        scope.windows -= 1
        scope.secret.forget()

    def turn(event: ft.AppLifecycleStateChangeEvent) -> None:
        # What lies on the table, or behind another app, shows no number.
        now = datetime.now(UTC)
        if event.state in {ft.AppLifecycleState.RESUME, ft.AppLifecycleState.SHOW}:
            scope.lock.come_back(now)
        else:
            scope.secret.forget()
            scope.lock.leave(now)

    async def come(_: object) -> None:
        scope.windows += 1
        scope.pulse.beat()
        if not scope.session.is_known:
            # The page was loaded again before the device had said what it keeps: that answer is lost.
            await _begin(scope)
            return
        # Browsers that come back from the sign-in page may find the page that they left.
        if (page.route or "").startswith(_SIGNED_IN):
            await _arrive(scope)

    def resize(event: ft.PageResizeEvent) -> None:
        scope.window.learn(event.width)

    page.on_close = close
    page.on_resize = resize
    page.on_disconnect = leave
    page.on_connect = come
    page.on_app_lifecycle_state_change = turn


def _dress(page: ft.Page, chosen: choices.Choices) -> None:
    modes = {"light": ft.ThemeMode.LIGHT, "dark": ft.ThemeMode.DARK}
    page.theme = theme("light", chosen.language)
    page.dark_theme = theme("dark", chosen.language)
    page.theme_mode = modes.get(chosen.theme, ft.ThemeMode.SYSTEM)
    page.rtl = chosen.words.is_right_to_left
    page.update()
