"""A payment in one line."""

from datetime import datetime, tzinfo
from typing import Final

import flet as ft

from cardwright_mobile.api.models import MerchantView, PaymentView
from cardwright_mobile.design.pieces import Handler, dim, marked, text
from cardwright_mobile.design.theme import WHITE, hue
from cardwright_mobile.text import Words
from cardwright_mobile.text.dates import day_name, hour_text
from cardwright_mobile.text.money import money

_CAME_TO_NOTHING: Final = frozenset({"declined", "voided", "expired"})


def payment_tile(
    words: Words, payment: PaymentView, zone: tzinfo | None, on_tap: Handler, *, now: datetime | None = None
) -> ft.Control:
    """Return a line with merchant, time, state and amount; `now` adds the day to the time."""
    amount = money(payment.amount, payment.currency, words.language)
    when = hour_text(payment.opened_at, zone, words)
    if now is not None:
        when = f"{day_name(payment.opened_at, now, zone, words)}, {when}"
    status = words.of("status", payment.status)
    is_nothing = payment.status in _CAME_TO_NOTHING
    colours = {"declined": ft.Colors.ERROR, "pending": ft.Colors.TERTIARY}
    told: list[ft.Control] = [dim(when)]
    if payment.status != "settled":
        told.append(text(status, 13, color=colours.get(payment.status, ft.Colors.ON_SURFACE_VARIANT)))
    struck = ft.TextStyle(decoration=ft.TextDecoration.LINE_THROUGH) if is_nothing else None
    figure = text(amount, 15, is_strong=True, style=struck,
        color=ft.Colors.ON_SURFACE_VARIANT if is_nothing else ft.Colors.ON_SURFACE,
    )  # fmt: skip
    name = text(payment.merchant.name, 15, is_strong=True, max_lines=1, overflow=ft.TextOverflow.ELLIPSIS)
    line = ft.Row(
        [
            merchant_letter(payment.merchant),
            ft.Column([name, ft.Row(told, spacing=8, wrap=True, run_spacing=0)], spacing=2, expand=True),
            figure,
        ],
        spacing=12,
    )
    shown = ft.Container(
        line, padding=ft.Padding.symmetric(horizontal=14, vertical=12), ink=True, on_click=on_tap
    )
    label = f"{payment.merchant.name}, {amount}, {status}, {when}"
    return marked(
        f"payment-{payment.id}", shown, label=label, button=True, exclude_semantics=True, on_tap=on_tap
    )


def merchant_letter(merchant: MerchantView, size: int = 44) -> ft.Control:
    """Return what stands for a merchant where there is no picture."""
    letter = text(merchant.logo_letter, size * 0.42, is_strong=True, color=WHITE)
    return ft.Container(
        letter, width=size, height=size, border_radius=size * 0.32, bgcolor=hue(merchant.colour),
        alignment=ft.Alignment.CENTER,
    )  # fmt: skip
