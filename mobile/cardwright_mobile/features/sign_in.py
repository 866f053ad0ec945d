"""Signing in: the way to the server's own page in the browser, and back."""

import flet as ft

from cardwright_mobile.design.pieces import banner, dim, primary_button, reason, text
from cardwright_mobile.design.theme import RADIUS, WHITE, face
from cardwright_mobile.device.browser import callback
from cardwright_mobile.scope import use_scope


@ft.component
def SignIn() -> ft.View:
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

    wrong = [banner(reason(words, session))] if session.trouble else []
    return ft.View(
        route="/", rtl=words.is_right_to_left, padding=0,
        controls=[
            ft.SafeArea(
                ft.Container(
                    ft.Column(
                        [
                            _art(),
                            ft.Column(
                                [
                                    ft.Semantics(
                                        content=text(words("sign_in.title"), 30, is_strong=True),
                                        header=True, heading_level=1,
                                    ),
                                    dim(words("sign_in.text"), 16),
                                ],
                                spacing=12,
                            ),
                            ft.Column(
                                [
                                    *wrong,
                                    primary_button("sign-in", words("sign_in.button"), begin,
                                        icon=ft.Icons.LOCK_OPEN_OUTLINED, is_busy=is_busy,
                                    ),
                                    ft.Row([dim(words("sign_in.note"))],
                                           alignment=ft.MainAxisAlignment.CENTER),
                                ],
                                spacing=14,
                            ),
                        ],
                        alignment=ft.MainAxisAlignment.SPACE_BETWEEN, expand=True,
                    ),
                    padding=28, expand=True,
                ),
                expand=True,
            )
        ],
    )  # fmt: skip


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
            gradient=ft.LinearGradient(
                begin=ft.Alignment.TOP_LEFT, end=ft.Alignment.BOTTOM_RIGHT, colors=list(face(name, ""))
            ),
            shadow=ft.BoxShadow(
                blur_radius=24, spread_radius=-6, offset=ft.Offset(0, 10), color=ft.Colors.BLACK_45
            ),
        )  # fmt: skip

    fan = ft.Stack(
        [leaf("violet", 16, 68, 0.24), leaf("blue", 40, 52, 0.06), leaf("evergreen", 68, 34, -0.12)],
        width=320, height=260,
    )  # fmt: skip
    # A picture for the eye alone, laid out the same way round in every language.
    return ft.Semantics(content=ft.Row([fan], alignment=ft.MainAxisAlignment.CENTER), exclude_semantics=True)
