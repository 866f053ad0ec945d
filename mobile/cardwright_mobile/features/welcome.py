"""The door: what the app is for, and the way to the server's own page in the browser, and back."""

from typing import Final

import flet as ft

from cardwright_mobile.design.pieces import (
    LEAST_TOUCH,
    banner,
    dim,
    marked,
    plain_button,
    primary_button,
    reason,
    text,
)
from cardwright_mobile.design.theme import RADIUS, WHITE, face
from cardwright_mobile.device.browser import callback
from cardwright_mobile.frame import WIDEST
from cardwright_mobile.scope import Scope, use_scope
from cardwright_mobile.text import OWN_NAMES

_PROMISES: Final = (
    ("one", ft.Icons.STYLE_OUTLINED), ("freeze", ft.Icons.AC_UNIT), ("why", ft.Icons.FACT_CHECK_OUTLINED),
)  # fmt: skip


@ft.component
def Welcome() -> ft.View:
    """Shown whenever nobody is signed in, whatever the place."""
    scope = use_scope()
    session, _ = ft.use_state(scope.session)
    is_busy, set_busy = ft.use_state(False)
    words = scope.words

    async def begin(_: object) -> None:
        set_busy(True)
        address = await session.address_to_sign_in(callback(scope.page))
        await ft.UrlLauncher().launch_url(address, web_only_window_name="_self")
        # Whoever comes back by the browser's own button may try again.
        set_busy(False)

    async def join(_: object) -> None:
        server = str(session.http.base_url).rstrip("/")
        await ft.UrlLauncher().launch_url(f"{server}/sign-up")

    wrong = [banner(reason(words, session))] if session.trouble else []
    title = ft.Semantics(
        content=text(words("sign_in.title"), 30, is_strong=True), header=True, heading_level=1
    )
    parts: list[ft.Control] = [
        _languages(scope), _art(), title, *[_promise(scope, name, icon) for name, icon in _PROMISES], *wrong,
        ft.Container(height=2),
        primary_button("sign-in", words("sign_in.button"), begin, icon=ft.Icons.LOCK_OPEN_OUTLINED,
            is_busy=is_busy,
        ),
        plain_button("join", words("welcome.join"), join),
        dim(words("sign_in.note"), text_align=ft.TextAlign.CENTER),
    ]  # fmt: skip
    column = ft.Column(
        parts, spacing=12, scroll=ft.ScrollMode.AUTO, expand=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )  # fmt: skip
    narrow = ft.Container(
        column, padding=ft.Padding.symmetric(horizontal=28, vertical=12), expand=True, width=WIDEST,
        alignment=ft.Alignment.TOP_CENTER,
    )  # fmt: skip
    return ft.View(
        route="/", rtl=words.is_right_to_left, padding=0,
        horizontal_alignment=ft.CrossAxisAlignment.CENTER, controls=[ft.SafeArea(narrow, expand=True)],
    )  # fmt: skip


def _promise(scope: Scope, name: str, icon: ft.IconData) -> ft.Control:
    words = scope.words
    mark = ft.Container(
        ft.Icon(icon, color=ft.Colors.ON_PRIMARY_CONTAINER, size=22), width=44, height=44, border_radius=22,
        bgcolor=ft.Colors.PRIMARY_CONTAINER, alignment=ft.Alignment.CENTER,
    )  # fmt: skip
    told = ft.Column(
        [text(words(f"welcome.{name}"), 15, is_strong=True), dim(words(f"welcome.{name}_text"), 14)],
        spacing=1, expand=True,
    )  # fmt: skip
    return ft.MergeSemantics(content=ft.Row([mark, told], spacing=14))


def _languages(scope: Scope) -> ft.Control:
    def chip(code: str) -> ft.Control:
        is_chosen = code == scope.choices.language

        async def take(_: object) -> None:
            await scope.choices.choose(language=code)

        colour = ft.Colors.PRIMARY if is_chosen else ft.Colors.ON_SURFACE_VARIANT
        shown = ft.TextButton(
            text(OWN_NAMES[code], 14, is_strong=is_chosen, color=colour), height=LEAST_TOUCH, on_click=take
        )
        return marked(f"language-{code}", shown, selected=is_chosen)

    return ft.Row([chip(code) for code in OWN_NAMES], alignment=ft.MainAxisAlignment.END, spacing=0)


@ft.component
def Waiting() -> ft.View:
    """Shown while the device is asked for tokens, and while a code becomes some."""
    scope = use_scope()
    words = scope.words
    ring = ft.Column(
        [ft.ProgressRing(width=36, height=36), dim(words("sign_in.waiting"), 15)],
        horizontal_alignment=ft.CrossAxisAlignment.CENTER, alignment=ft.MainAxisAlignment.CENTER, spacing=18,
    )  # fmt: skip
    return ft.View(
        route="/", rtl=words.is_right_to_left, vertical_alignment=ft.MainAxisAlignment.CENTER,
        horizontal_alignment=ft.CrossAxisAlignment.CENTER, controls=[ring],
    )  # fmt: skip


def _art() -> ft.Control:
    def leaf(name: str, top: float, left: float, turn: float) -> ft.Control:
        return ft.Container(
            ft.Container(
                text("Cardwright", 13, is_strong=True, color=WHITE), padding=16,
            ),
            width=216, height=136, border_radius=RADIUS, top=top, left=left, rotate=turn,
            alignment=ft.Alignment.TOP_LEFT,
            gradient=ft.LinearGradient(
                begin=ft.Alignment.TOP_LEFT, end=ft.Alignment.BOTTOM_RIGHT, colors=list(face(name, ""))
            ),
            shadow=ft.BoxShadow(
                blur_radius=24, spread_radius=-6, offset=ft.Offset(0, 10), color=ft.Colors.BLACK_45
            ),
        )  # fmt: skip

    fan = ft.Stack(
        [leaf("violet", 16, 68, 0.24), leaf("blue", 40, 52, 0.06), leaf("evergreen", 68, 34, -0.12)],
        width=320, height=226,
    )  # fmt: skip
    # A picture for the eye alone, laid out the same way round in every language.
    return ft.Semantics(content=ft.Row([fan], alignment=ft.MainAxisAlignment.CENTER), exclude_semantics=True)
