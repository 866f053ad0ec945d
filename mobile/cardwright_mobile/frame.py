"""What is around a screen: its bars, its edges, the way back."""

from typing import Final

import flet as ft

from cardwright_mobile.design.pieces import EDGE, Handler, text
from cardwright_mobile.scope import Scope
from cardwright_mobile.waiting import WaitingForYou

WIDEST: Final = 480
_MOST: Final = 99
_NEAR: Final = 2_400
"""From how far above its end a list fetches more: three screens."""
_SCROLL_MS: Final = 100
_TABS: Final = (
    ("/", "tabs.home", ft.Icons.CREDIT_CARD_OUTLINED, ft.Icons.CREDIT_CARD),
    ("/activity", "tabs.activity", ft.Icons.RECEIPT_LONG_OUTLINED, ft.Icons.RECEIPT_LONG),
    ("/inbox", "tabs.inbox", ft.Icons.INBOX_OUTLINED, ft.Icons.INBOX),
    ("/settings", "tabs.settings", ft.Icons.SETTINGS_OUTLINED, ft.Icons.SETTINGS),
)


def inner_width(scope: Scope) -> float:
    """Return how wide the inside of a screen is: on a desk the app stays as narrow as a phone."""
    return min(scope.window.width, WIDEST) - 2 * EDGE


def tab_view(
    scope: Scope, route: str, title: str | None, *controls: ft.Control, on_near_end: Handler | None = None
) -> ft.View:
    """Return a screen that the bar at the bottom leads to.

    `on_near_end` is called while somebody scrolls close to the end of it.
    """
    words = scope.words
    inbox, _ = ft.use_state(scope.inbox)
    unread = {"/inbox": inbox.unread}
    head = [] if title is None else [_title(title)]
    bar = ft.NavigationBar(
        selected_index=[tab[0] for tab in _TABS].index(route),
        on_change=lambda event: scope.page.navigate(_TABS[event.control.selected_index][0]),
        bgcolor=ft.Colors.SURFACE_CONTAINER,
        indicator_color=ft.Colors.PRIMARY_CONTAINER,
        destinations=[
            ft.NavigationBarDestination(
                label=words(name), icon=_counted(icon, unread.get(place, 0)), selected_icon=chosen
            )
            for place, name, icon, chosen in _TABS
        ],
    )
    # Tabs share one place in the stack: to change between them is no way forward.
    return ft.View(
        route="/",
        rtl=words.is_right_to_left,
        padding=0,
        navigation_bar=bar,
        controls=[_body(scope, [*head, *controls], on_near_end=on_near_end)],
    )


def inner_view(
    scope: Scope, route: str, title: str, *controls: ft.Control, is_asking_itself: bool = False
) -> ft.View:
    """Return a screen that was come to from another one, with the way back.

    What waits for an answer is shown on top, but for a screen that asks by itself.
    """
    words = scope.words
    bar = ft.AppBar(
        title=ft.Semantics(content=text(title, 17, is_strong=True), header=True, heading_level=1),
        center_title=True, bgcolor=ft.Colors.SURFACE, elevation=0, elevation_on_scroll=0,
    )  # fmt: skip
    return ft.View(
        route=route,
        rtl=words.is_right_to_left,
        padding=0,
        appbar=bar,
        controls=[_body(scope, list(controls), is_asking_itself=is_asking_itself)],
    )


def _counted(icon: ft.IconData, count: int) -> ft.Control:
    told = text(str(min(count, _MOST)), 11, is_strong=True, color=ft.Colors.ON_PRIMARY, no_wrap=True)
    badge = ft.Badge(label=told, bgcolor=ft.Colors.PRIMARY)
    return ft.Icon(icon, badge=badge if count else None)


def _title(title: str) -> ft.Control:
    told = text(title, 28, is_strong=True)
    return ft.Semantics(content=told, header=True, heading_level=1)


def _near_end(act: Handler) -> Handler:
    async def scrolled(event: ft.OnScrollEvent) -> None:
        if event.max_scroll_extent - event.pixels < _NEAR:
            await act(event)

    return scrolled


def _body(
    scope: Scope, controls: list[ft.Control], *, is_asking_itself: bool = False,
    on_near_end: Handler | None = None,
) -> ft.Control:  # fmt: skip
    sides = ft.Padding.symmetric(horizontal=EDGE)
    # What can be swiped goes on beyond the edges; all else keeps off them.
    framed: list[ft.Control] = [
        it if isinstance(it, ft.PageView) else ft.Container(it, padding=sides) for it in controls
    ]
    listed = ft.ListView(
        framed, expand=True, spacing=18, padding=ft.Padding.only(top=16, bottom=32),
        scroll_interval=_SCROLL_MS, on_scroll=None if on_near_end is None else _near_end(on_near_end),
    )  # fmt: skip
    over = [] if is_asking_itself else [WaitingForYou()]
    narrow = ft.Container(ft.Column([*over, listed], spacing=0), width=inner_width(scope) + 2 * EDGE)
    return ft.SafeArea(
        ft.Row(
            [narrow],
            alignment=ft.MainAxisAlignment.CENTER,
            vertical_alignment=ft.CrossAxisAlignment.STRETCH,
            expand=True,
        ),
        expand=True,
    )
