"""A card as one recognises it: its colours, its name, its last digits."""

from typing import Final

import flet as ft
import flet.canvas as cv

from cardwright_mobile.api.models import CardView
from cardwright_mobile.design.pieces import Handler, marked, text
from cardwright_mobile.design.theme import INK, WHITE, face
from cardwright_mobile.text import Words

SHAPE: Final = 1.586
"""Width by height of every payment card (ISO/IEC 7810)."""
_RINGS: Final = 14
_DOTS: Final = "\u2066•••• {}\u2069"


def card_face(
    words: Words,
    card: CardView,
    width: float,
    on_tap: Handler | None = None,
    *,
    identifier: str | None = None,
) -> ft.Control:
    """Return the face of a card; it is pale when the card cannot pay."""
    state = "locked" if card.is_locked_by_staff else card.state
    height = width / SHAPE
    colours = face(card.colour, card.id)
    can_pay = state == "active"
    veil = ft.Container(
        width=width, height=height, bgcolor=ft.Colors.with_opacity(0.0 if can_pay else 0.45, INK),
        animate=ft.Animation(240),
    )  # fmt: skip
    art = ft.Container(
        ft.Stack([_lines(width, height, card.id), veil, _print(words, card, state, width, height)]),
        width=width,
        height=height,
        border_radius=20,
        clip_behavior=ft.ClipBehavior.ANTI_ALIAS,
        gradient=ft.LinearGradient(
            begin=ft.Alignment.TOP_LEFT, end=ft.Alignment.BOTTOM_RIGHT, colors=list(colours)
        ),
        ink=on_tap is not None,
        on_click=on_tap,
    )
    ending = words("card.ending", last4=card.last4) if card.last4 else words("card.issuing")
    name = ", ".join((card.label, ending, words.of("state", state)))
    return marked(
        identifier or f"card-{card.id}", art, label=name, image=on_tap is None, button=on_tap is not None,
        exclude_semantics=True, on_tap=on_tap,
    )  # fmt: skip


def _print(words: Words, card: CardView, state: str, width: float, height: float) -> ft.Control:
    pad = width * 0.065
    label = text(
        card.label,
        18,
        is_strong=True,
        color=WHITE,
        max_lines=1,
        overflow=ft.TextOverflow.ELLIPSIS,
        expand=True,
    )
    top = ft.Row([label, text("Cardwright", 13, is_strong=True, color=WHITE)])
    icons = {"frozen": ft.Icons.AC_UNIT, "locked": ft.Icons.LOCK_OUTLINE, "inactive": ft.Icons.SCHEDULE}
    pill = ft.Container(
        ft.Row(
            [
                ft.Icon(icons.get(state, ft.Icons.BLOCK), color=WHITE, size=16),
                text(words.of("state", state), 13, is_strong=True, color=WHITE),
            ],
            spacing=6,
            tight=True,
        ),
        bgcolor=ft.Colors.with_opacity(0.62, INK),
        border_radius=20,
        padding=ft.Padding.symmetric(horizontal=12, vertical=6),
        visible=state != "active",
    )
    digits = _DOTS.format(card.last4 or "••••")
    until = (
        f"\u2066{card.exp_month:02}/{card.exp_year % 100:02}\u2069"
        if card.exp_month and card.exp_year
        else ""
    )
    bottom = ft.Row(
        [
            text(digits, 17, color=WHITE, style=ft.TextStyle(letter_spacing=1.2)),
            text(until, 14, color=WHITE),
        ],
        alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
    )
    column = ft.Column(
        [top, ft.Row([pill]), bottom], alignment=ft.MainAxisAlignment.SPACE_BETWEEN, expand=True
    )
    return ft.Container(column, width=width, height=height, padding=pad)


def _lines(width: float, height: float, card_id: str) -> ft.Control:
    # Engraved rings whose middle lies elsewhere on each card.
    turn = sum(card_id.encode()) % 7
    x, y = width * (0.72 + turn * 0.04), height * (turn * 0.06 - 0.1)
    paint = ft.Paint(color=ft.Colors.with_opacity(0.13, WHITE), stroke_width=1, style=ft.PaintingStyle.STROKE)
    rings: list[cv.Shape] = [
        cv.Circle(x + step * 3, y + step * 2, height * (0.2 + step * 0.075), paint) for step in range(_RINGS)
    ]
    return cv.Canvas(rings, width=width, height=height)
