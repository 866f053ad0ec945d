"""Language, appearance, what belongs to oneself, and the way out."""

from collections.abc import Awaitable, Callable, Sequence

import flet as ft

from cardwright_mobile.design.choices import picks
from cardwright_mobile.design.pieces import TOUCH, dim, heading, marked, panel, rows, text
from cardwright_mobile.frame import tab_view
from cardwright_mobile.scope import Scope, use_scope
from cardwright_mobile.state.choices import THEMES
from cardwright_mobile.text import LANGUAGES, OWN_NAMES


@ft.component
def Settings() -> ft.View:
    """What somebody may choose for this device."""
    scope = use_scope()
    choices, _ = ft.use_state(scope.choices)
    account, _ = ft.use_state(scope.account)
    ft.use_state(scope.lock)
    words = scope.words
    who = account.view
    told: list[ft.Control] = []
    if who is not None:
        name = [text(who.profile.full_name, 17, is_strong=True)] if who.profile else []
        told = [panel(ft.Column([*name, dim(who.email, 14)], spacing=4))]

    async def leave(_: object) -> None:
        await scope.leave()

    out = ft.OutlinedButton(
        words("settings.sign_out"), icon=ft.Icons.LOGOUT, height=TOUCH, on_click=leave, expand=True
    )
    own = [
        ("security", words("security.title"), words("security.text"), ft.Icons.LOCK_OUTLINE),
        ("identity", words("identity.title"), words("identity.text"), ft.Icons.BADGE_OUTLINED),
    ]
    to_own = picks(
        "to", own, lambda it: scope.page.navigate(f"/settings/{it}"), is_right_to_left=words.is_right_to_left
    )
    languages = [(code, OWN_NAMES[code]) for code in LANGUAGES]
    themes = [(name, words(f"settings.{name}")) for name in THEMES]
    return tab_view(
        scope, "/settings", words("settings.title"), *told, to_own,
        heading(words("settings.language")),
        _choice("language", languages, choices.language, lambda it: choices.choose(language=it)),
        heading(words("settings.theme")),
        _choice("theme", themes, choices.theme, lambda it: choices.choose(theme=it)),
        *_lock(scope),
        marked("sign-out", ft.Row([out])),
    )  # fmt: skip


def _lock(scope: Scope) -> list[ft.Control]:
    words, lock = scope.words, scope.lock
    head = heading(words("security.title"))
    if not lock.is_there:
        return [head, panel(dim(words("lock.none"), 14))]

    async def turn(_: object) -> None:
        if not await lock.turn(words("lock.reason")):
            scope.tell(words("lock.still"), is_wrong=True)

    told = ft.Column([text(words("lock.on"), 16), dim(words("lock.on_text"))], spacing=2, expand=True)
    line = ft.Row([told, ft.Switch(value=lock.is_on, on_change=turn)])
    return [head, panel(ft.MergeSemantics(content=marked("lock", line)))]


def _choice(group: str, options: Sequence[tuple[str, str]], chosen: str,
    choose: Callable[[str], Awaitable[None]],
) -> ft.Control:  # fmt: skip
    def line(value: str, label: str) -> ft.Control:
        async def take(_: object) -> None:
            await choose(value)

        is_chosen = value == chosen
        mark = ft.Icon(ft.Icons.CHECK, color=ft.Colors.PRIMARY, visible=is_chosen)
        shown = ft.Container(
            ft.Row([text(label, 16), mark], alignment=ft.MainAxisAlignment.SPACE_BETWEEN),
            padding=16, height=56, ink=True, on_click=take,
        )  # fmt: skip
        return marked(
            f"{group}-{value}", shown, label=label, selected=is_chosen, button=True, exclude_semantics=True,
            on_tap=take,
        )  # fmt: skip

    return rows([line(value, label) for value, label in options])
