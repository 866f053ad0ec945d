"""Small pieces that all screens share; each takes its facts and knows no state."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any, Final

import flet as ft

from cardwright_mobile.design.theme import RADIUS, letters
from cardwright_mobile.state.reading import Reading
from cardwright_mobile.text import Words
from cardwright_mobile.text.dates import moment_text

TOUCH: Final = 52
LEAST_TOUCH: Final = 48
EDGE: Final = 20
_OWN_WORDS: Final = frozenset({"unreachable", "signed_out", "factor_required", "permission_missing"})
"""Troubles that the app tells in the language of the app; others come in the words of the server."""
Handler = Callable[[Any], Any]


def marked(identifier: str, content: ft.Control, **more: Any) -> ft.Semantics:
    """Name a piece for screen readers and tests; on a phone it is the piece's resource id."""
    return ft.Semantics(identifier=identifier, content=content, **more)


def named_button(identifier: str, button: ft.Control, label: str, on_tap: Handler) -> ft.Semantics:
    """Return a button whose name for screen readers is another one than what it shows."""
    return marked(
        identifier, button, label=label, button=True, exclude_semantics=True, on_tap=on_tap, container=True
    )


def text(told: str, size: float = 15, *, is_strong: bool = False, **more: Any) -> ft.Text:
    """Return text in one of the two weights, whatever its script."""
    family, others = letters(is_strong=is_strong)
    return ft.Text(told, size=size, font_family=family, font_family_fallback=others, **more)


def dim(told: str, size: float = 13, **more: Any) -> ft.Text:
    """Return text that steps back."""
    return text(told, size, color=ft.Colors.ON_SURFACE_VARIANT, **more)


def heading(told: str, size: float = 17) -> ft.Semantics:
    """Return the heading of a part of a screen."""
    words = text(told, size, is_strong=True)
    # A container of its own: among others in a column it would take their words for its own.
    return ft.Semantics(content=words, header=True, heading_level=2, container=True)


def panel(content: ft.Control, padding: int = 16, **more: Any) -> ft.Container:
    """Return a raised surface with round corners."""
    return ft.Container(
        content=content, padding=padding, border_radius=RADIUS, bgcolor=ft.Colors.SURFACE_CONTAINER,
        border=ft.Border.all(1, ft.Colors.OUTLINE_VARIANT), clip_behavior=ft.ClipBehavior.ANTI_ALIAS, **more,
    )  # fmt: skip


def rows(items: Sequence[ft.Control]) -> ft.Container:
    """Return lines in one panel, with hairlines in between."""
    lines: list[ft.Control] = []
    for item in items:
        if lines:
            lines.append(ft.Divider(height=1, thickness=1, color=ft.Colors.OUTLINE_VARIANT))
        lines.append(item)
    return panel(ft.Column(lines, spacing=0), padding=0)


def primary_button(identifier: str, label: str, on_click: Handler, *, icon: ft.IconData | None = None,
    is_busy: bool = False,
) -> ft.Semantics:  # fmt: skip
    """Return the one button that a screen is about."""
    look = button_style()
    button = ft.FilledButton(
        label, icon=icon, height=TOUCH + 4, on_click=on_click, disabled=is_busy, style=look, expand=True
    )
    return marked(identifier, ft.Row([button]))


def solid_button(
    identifier: str, label: str, on_click: Handler, *, is_busy: bool = False, is_quiet: bool = False
) -> ft.Semantics:
    """Return a button that shares its line with others in equal parts; a quiet one has an edge only."""
    look = button_style()
    made = ft.OutlinedButton if is_quiet else ft.FilledButton
    # Long words of some language, or large letters, may take a second line.
    told = text(label, 15, is_strong=True, text_align=ft.TextAlign.CENTER, max_lines=2)
    button = made(told, height=TOUCH, on_click=on_click, disabled=is_busy, style=look, expand=True)
    return marked(identifier, ft.Row([button]), expand=True)


def plain_button(identifier: str, label: str, on_click: Handler, *, icon: ft.IconData | None = None,
    is_warning: bool = False,
) -> ft.Control:  # fmt: skip
    """Return a button that is words alone, in the middle of its line."""
    colour = ft.Colors.ERROR if is_warning else ft.Colors.PRIMARY
    button = ft.TextButton(
        text(label, 15, is_strong=True, color=colour, text_align=ft.TextAlign.CENTER), icon=icon,
        icon_color=colour, height=LEAST_TOUCH, on_click=on_click,
    )  # fmt: skip
    return ft.Row([marked(identifier, button)], alignment=ft.MainAxisAlignment.CENTER)


def button_style() -> ft.ButtonStyle:
    """Return what buttons look like."""
    family, others = letters(is_strong=True)
    return ft.ButtonStyle(
        shape=ft.RoundedRectangleBorder(radius=16), padding=ft.Padding.symmetric(horizontal=12),
        text_style=ft.TextStyle(size=16, font_family=family, font_family_fallback=others),
    )  # fmt: skip


def action(
    identifier: str, label: str, icon: ft.IconData, on_click: Handler, *, is_on: bool = False
) -> ft.Control:
    """Return a round button with its name below."""
    back = ft.Colors.PRIMARY if is_on else ft.Colors.PRIMARY_CONTAINER
    front = ft.Colors.ON_PRIMARY if is_on else ft.Colors.ON_PRIMARY_CONTAINER
    knob = ft.Container(
        ft.Icon(icon, color=front, size=24), width=TOUCH + 4, height=TOUCH + 4, border_radius=TOUCH,
        bgcolor=back, alignment=ft.Alignment.CENTER, ink=True, on_click=on_click,
    )  # fmt: skip
    whole = ft.Column([knob, text(label, 12)], spacing=6, horizontal_alignment=ft.CrossAxisAlignment.CENTER)
    return marked(identifier, whole, label=label, button=True, exclude_semantics=True, on_tap=on_click)


def empty(icon: ft.IconData, title: str, told: str, *more: ft.Control) -> ft.Control:
    """Say that there is nothing here yet, and what to do about it."""
    return panel(
        ft.Column(
            [
                ft.Container(
                    ft.Icon(icon, color=ft.Colors.ON_PRIMARY_CONTAINER, size=26), width=56, height=56,
                    border_radius=28, bgcolor=ft.Colors.PRIMARY_CONTAINER, alignment=ft.Alignment.CENTER,
                ),
                text(title, 16, is_strong=True),
                dim(told, 14, text_align=ft.TextAlign.CENTER),
                *more,
            ],
            spacing=10,
            horizontal_alignment=ft.CrossAxisAlignment.CENTER,
        ),
        padding=24,
        alignment=ft.Alignment.CENTER,
    )  # fmt: skip


def reason(words: Words, reading: Any, *, is_deed: bool = False) -> str:
    """Return what went wrong, in the server's words where it had some.

    Of a deed without an answer nobody knows whether it happened: nothing is queued, and that is said.
    """
    if is_deed and reading.trouble == "unreachable":
        return words("trouble.not_sent")
    own = reading.trouble in _OWN_WORDS
    return words(f"trouble.{reading.trouble}") if own else reading.detail or words("trouble.unknown")


def trouble(words: Words, reading: Reading, retry: Handler) -> ft.Control:
    """Say what went wrong where there is nothing else to show, and let it be tried again."""
    again = ft.OutlinedButton(words("retry"), icon=ft.Icons.REFRESH, height=TOUCH, on_click=retry)
    return empty(ft.Icons.CLOUD_OFF_OUTLINED, words("trouble.title"), reason(words, reading),
        marked("retry", again),
    )  # fmt: skip


def stale(words: Words, zone: tzinfo | None, *readings: Reading) -> list[ft.Control]:
    """Say above what was read before how old it is, and why; nothing where it could be read anew."""
    failed = next((it for it in readings if it.trouble), None)
    if failed is None:
        return []
    if failed.read_at is None:
        return [banner(reason(words, failed))]
    when = moment_text(failed.read_at, datetime.now(UTC), zone, words)
    return [banner(words("stale", when=when, reason=reason(words, failed)))]


def banner(told: str, *, identifier: str = "banner") -> ft.Control:
    """Say above what is still shown that something is wrong with it."""
    line = ft.Row(
        [ft.Icon(ft.Icons.INFO_OUTLINE, color=ft.Colors.ERROR, size=20), text(told, 14, expand=True)]
    )
    shown = ft.Container(line, padding=14, border_radius=14, bgcolor=ft.Colors.ERROR_CONTAINER)
    return marked(identifier, shown, live_region=True)


def placeholder(words: Words, *heights: int) -> ft.Control:
    """Return grey shapes where something is on its way."""
    shapes: list[ft.Control] = [
        ft.Container(height=height, border_radius=RADIUS, bgcolor=ft.Colors.SURFACE_CONTAINER_HIGH)
        for height in heights
    ]
    moving = ft.Shimmer(
        ft.Column(shapes, spacing=14),
        base_color=ft.Colors.SURFACE_CONTAINER_HIGH,
        highlight_color=ft.Colors.SURFACE_CONTAINER,
    )
    return marked("loading", moving, label=words("loading"))
