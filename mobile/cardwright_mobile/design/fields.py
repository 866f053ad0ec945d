"""Fields that are typed into; what they hold is never sent back while somebody types."""

from collections.abc import Callable, Sequence
from typing import Any

import flet as ft

from cardwright_mobile.design.pieces import Handler, dim, marked


def amount_field(
    name: str, label: str, form: dict[str, str], currency: str, *, wrong: str | None = None, turn: int = 0,
    on_submit: Handler | None = None,
) -> ft.Control:  # fmt: skip
    """Return a field for an amount of money; another `turn` shows what the form holds by now."""
    field = ft.TextField(
        label=label, value=form.get(name, ""), keyboard_type=ft.KeyboardType.NUMBER, border_radius=14,
        border_color=ft.Colors.OUTLINE, text_size=20, suffix=dim(currency, 15), error=wrong, rtl=False,
        on_change=keeping(form, name), on_submit=on_submit, key=f"{name}-{turn}", expand=True,
    )  # fmt: skip
    return marked(f"field-{name}", ft.Row([field]))


def text_field(
    name: str, label: str, form: dict[str, str], *, helper: str | None = None, hint: str | None = None,
    keyboard: ft.KeyboardType = ft.KeyboardType.TEXT, on_change: Handler | None = None,
) -> ft.Control:  # fmt: skip
    """Return a field for words."""
    field = ft.TextField(
        label=label, value=form.get(name, ""), keyboard_type=keyboard, border_radius=14, helper=helper,
        hint_text=hint, border_color=ft.Colors.OUTLINE, on_change=on_change or keeping(form, name),
        expand=True,
    )  # fmt: skip
    return marked(f"field-{name}", ft.Row([field]))


def pick_field(
    name: str, label: str, options: Sequence[tuple[str, str]], chosen: str, choose: Callable[[str], object]
) -> ft.Control:
    """Return a field of which one of many is picked."""

    def take(event: Any) -> None:
        choose(str(event.control.value))

    field = ft.Dropdown(
        label=label, value=chosen, options=[ft.DropdownOption(key=key, text=told) for key, told in options],
        on_select=take, border_radius=14, border_color=ft.Colors.OUTLINE, expand=True, menu_height=320,
    )  # fmt: skip
    return marked(f"field-{name}", ft.Row([field]))


def keeping(form: dict[str, str], name: str) -> Callable[[Any], None]:
    """Return a handler that keeps what is typed."""
    return lambda event: form.update({name: event.control.value or ""})
