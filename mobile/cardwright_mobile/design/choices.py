"""Choosing one of several: by lines that lead on, or by lines of which one is marked."""

from collections.abc import Awaitable, Callable, Sequence
from inspect import isawaitable

import flet as ft

from cardwright_mobile.design.pieces import dim, marked, rows, text

Choose = Callable[[str], Awaitable[None] | None] | Callable[[str], object]


def picks(
    group: str, options: Sequence[tuple[str, str, str, ft.IconData]], choose: Choose, *,
    is_right_to_left: bool = False,
) -> ft.Control:  # fmt: skip
    """Return lines of value, label, text and icon; a tap on one leads on."""
    forward = ft.Icons.CHEVRON_LEFT if is_right_to_left else ft.Icons.CHEVRON_RIGHT
    lines: list[ft.Control] = []
    for value, label, told, icon in options:
        words: list[ft.Control] = [text(label, 16, is_strong=True), *([dim(told, 14)] if told else [])]
        line = ft.Row(
            [
                ft.Icon(icon, color=ft.Colors.PRIMARY, size=24),
                ft.Column(words, spacing=2, expand=True),
                ft.Icon(forward, color=ft.Colors.ON_SURFACE_VARIANT),
            ],
            spacing=14,
        )
        shown = ft.Container(line, padding=16, ink=True, on_click=_taking(choose, value))
        name = f"{label}, {told}" if told else label
        lines.append(
            marked(
                f"{group}-{value}",
                shown,
                label=name,
                button=True,
                exclude_semantics=True,
                on_tap=_taking(choose, value),
            )
        )
    return rows(lines)


def radios(
    group: str, title: str, options: Sequence[tuple[str, str]], chosen: str | None, choose: Choose
) -> ft.Control:
    """Return a title over lines of which one is marked."""
    lines: list[ft.Control] = []
    for value, label in options:
        is_chosen = value == chosen
        icon = ft.Icons.RADIO_BUTTON_CHECKED if is_chosen else ft.Icons.RADIO_BUTTON_UNCHECKED
        colour = ft.Colors.PRIMARY if is_chosen else ft.Colors.ON_SURFACE_VARIANT
        line = ft.Row([ft.Icon(icon, color=colour), text(label, 15, expand=True)], spacing=12)
        pad = ft.Padding.symmetric(horizontal=16, vertical=12)
        shown = ft.Container(line, padding=pad, ink=True, on_click=_taking(choose, value))
        lines.append(
            marked(
                f"{group}-{value}",
                shown,
                label=f"{title}, {label}",
                button=True,
                selected=is_chosen,
                exclude_semantics=True,
                on_tap=_taking(choose, value),
            )
        )
    return ft.Column([text(title, 15, is_strong=True), rows(lines)], spacing=6)


def _taking(choose: Choose, value: str) -> Callable[[object], Awaitable[None]]:
    async def take(_: object) -> None:
        done = choose(value)
        if isawaitable(done):
            await done

    return take
