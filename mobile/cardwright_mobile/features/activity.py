"""All payments, by day."""

from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Final

import flet as ft

from cardwright_mobile.api.models import PaymentView
from cardwright_mobile.design.payment_tile import payment_tile
from cardwright_mobile.design.pieces import (
    TOUCH,
    Handler,
    dim,
    empty,
    marked,
    placeholder,
    rows,
    stale,
    text,
    trouble,
)
from cardwright_mobile.frame import tab_view
from cardwright_mobile.scope import Scope, use_following, use_scope
from cardwright_mobile.text import Words
from cardwright_mobile.text.dates import day_name

_FILTERS: Final = (None, "pending", "settled", "declined")


@ft.component
def Activity() -> ft.View:
    """The list behind the second tab."""
    scope = use_scope()
    activity, _ = ft.use_state(scope.activity)
    use_following(scope, activity.read)
    words = scope.words

    async def retry(_: object) -> None:
        await scope.ask(activity.read)

    title = words("activity.title")
    chips = ft.Row([_filter(scope, status) for status in _FILTERS], spacing=8, scroll=ft.ScrollMode.HIDDEN)
    if not activity.is_ready:
        inner = trouble(words, activity, retry) if activity.trouble else placeholder(words, 72, 72, 72, 72)
        return tab_view(scope, "/activity", title, chips, inner)
    told = stale(words, scope.zone, activity)

    async def read_more(_: object) -> None:
        await scope.ask(activity.read_more)

    shown = [*told, *_days(scope), *_more(scope, read_more)]
    return tab_view(scope, "/activity", title, chips, *shown, on_near_end=read_more)


def _filter(scope: Scope, status: str | None) -> ft.Control:
    words, activity = scope.words, scope.activity
    label = words("activity.all") if status is None else words.of("status", status)

    async def choose(_: object) -> None:
        await scope.ask(lambda client: activity.show_only(client, status))

    chip = ft.Chip(
        label=text(label, 14, no_wrap=True), selected=activity.status == status, show_checkmark=False,
        on_select=choose, selected_color=ft.Colors.PRIMARY_CONTAINER, bgcolor=ft.Colors.SURFACE_CONTAINER,
        padding=ft.Padding.symmetric(horizontal=8, vertical=10), shape=ft.StadiumBorder(),
        border_side=ft.BorderSide(1, ft.Colors.OUTLINE_VARIANT),
    )  # fmt: skip
    return marked(f"filter-{status or 'all'}", chip)


def _days(scope: Scope) -> list[ft.Control]:
    words, zone = scope.words, scope.account.zone
    if not scope.activity.payments:
        return [empty(ft.Icons.RECEIPT_LONG_OUTLINED, words("activity.none"), words("activity.none_text"))]
    now = datetime.now(UTC)
    shown: list[ft.Control] = []
    for day, payments in groupby(
        scope.activity.payments, lambda it: day_name(it.opened_at, now, zone, words)
    ):
        shown.append(_day(scope, day, tuple(payments), words.language))
    return shown


@ft.component
def _Day(scope: Scope, day: str, payments: tuple[PaymentView, ...], language: str) -> ft.Control:
    words, zone = Words(language), scope.zone
    tiles = [payment_tile(words, it, zone, scope.go(f"/activity/payments/{it.id}")) for it in payments]
    head = ft.Semantics(content=dim(day, 14), header=True, heading_level=2, container=True)
    return ft.Column([head, rows(tiles)], spacing=10)


# Days whose payments stayed as they are are not drawn anew when others come.
_memo: Final[Any] = ft.memo
_day: Final = _memo(_Day)


def _more(scope: Scope, read_more: Handler) -> list[ft.Control]:
    activity = scope.activity
    if activity.next_cursor is None:
        return []
    button = ft.OutlinedButton(
        scope.words("activity.more"), height=TOUCH, on_click=read_more, disabled=activity.is_reading_more
    )
    return [ft.Row([marked("more", button)], alignment=ft.MainAxisAlignment.CENTER)]
