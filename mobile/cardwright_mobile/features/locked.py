"""Shown instead of everything while the app is locked."""

import flet as ft

from cardwright_mobile.design.pieces import dim, plain_button, primary_button, text
from cardwright_mobile.frame import WIDEST
from cardwright_mobile.scope import use_scope


@ft.component
def Locked() -> ft.View:
    """The way in, and the way out for whoever has no way in."""
    scope = use_scope()
    words = scope.words

    async def unlock(_: object = None) -> None:
        if not await scope.lock.unlock(words("lock.reason")):
            scope.tell(words("lock.still"), is_wrong=True)

    async def leave(_: object) -> None:
        await scope.leave()

    def ask() -> None:
        scope.page.run_task(unlock)

    ft.use_effect(ask, [])
    column = ft.Column(
        [
            ft.Icon(ft.Icons.LOCK_OUTLINE, size=44, color=ft.Colors.PRIMARY),
            text(words("lock.title"), 22, is_strong=True), dim(words("lock.on_text"), 14),
            primary_button("unlock", words("lock.unlock"), unlock, icon=ft.Icons.FINGERPRINT),
            plain_button("sign-out", words("settings.sign_out"), leave),
        ],
        spacing=16, horizontal_alignment=ft.CrossAxisAlignment.CENTER,
        alignment=ft.MainAxisAlignment.CENTER,
    )  # fmt: skip
    return ft.View(
        route="/", rtl=words.is_right_to_left, vertical_alignment=ft.MainAxisAlignment.CENTER,
        horizontal_alignment=ft.CrossAxisAlignment.CENTER,
        controls=[ft.Container(column, padding=28, width=WIDEST, expand=True)],
    )  # fmt: skip
