"""One card: frozen or not by one tap, what its limits leave, what it paid last."""

from datetime import UTC, datetime

import flet as ft

from cardwright_mobile.api.models import CardView, LimitUsageView
from cardwright_mobile.design.card_face import card_face
from cardwright_mobile.design.choices import picks
from cardwright_mobile.design.payment_tile import payment_tile
from cardwright_mobile.design.pieces import (
    Handler,
    action,
    banner,
    dim,
    empty,
    heading,
    marked,
    panel,
    placeholder,
    reason,
    rows,
    stale,
    text,
    trouble,
)
from cardwright_mobile.features.card.number import Number
from cardwright_mobile.frame import inner_view, inner_width
from cardwright_mobile.scope import Scope, use_following, use_made, use_scope
from cardwright_mobile.state.cards import CardInView
from cardwright_mobile.text.dates import day_text
from cardwright_mobile.text.money import money


@ft.component
def Card() -> ft.View:
    """A card, come to from home."""
    scope = use_scope()
    card_id = ft.use_route_params()["card_id"]
    shown = use_made(lambda: CardInView(card_id=card_id, card=_known(scope, card_id)), card_id)
    use_following(scope, shown.read, key=card_id)
    words, route = scope.words, f"/cards/{card_id}"

    async def retry(_: object) -> None:
        await scope.ask(shown.read)

    async def turn(_: object) -> None:
        if not await scope.ask(shown.turn) or shown.card is None:
            if shown.trouble:
                scope.tell(reason(words, shown, is_deed=True), is_wrong=True)
            return
        name = "card.now_frozen" if shown.card.state == "frozen" else "card.now_active"
        told = ft.SnackBar(text(words(name, label=shown.card.label)), behavior=ft.SnackBarBehavior.FLOATING)
        scope.page.show_dialog(told)
        await scope.ask(scope.cards.read)

    card = shown.card
    if card is None:
        if shown.trouble:
            return inner_view(scope, route, "", trouble(words, shown, retry))
        return inner_view(scope, route, "", placeholder(words, 220, 64, 120))
    wrong = stale(words, scope.zone, shown)
    if card.is_locked_by_staff:
        wrong.append(banner(words("card.locked"), identifier="locked"))
    head = ft.Row([card_face(words, card, inner_width(scope), identifier="face")])
    rest = (
        [*_limits(scope, shown), *_recent(scope, shown)]
        if shown.is_ready
        else [placeholder(words, 96, 72, 72)]
    )
    manage = [] if card.state == "canceled" else [Number(card), _manage(scope, card)]
    return inner_view(scope, route, card.label, *wrong, head, _switch(scope, shown, turn), *manage, *rest)


def _known(scope: Scope, card_id: str) -> CardView | None:
    return next((card for card in scope.cards.all if card.id == card_id), None)


def _switch(scope: Scope, shown: CardInView, turn: Handler) -> ft.Control:
    words, card = scope.words, shown.card
    if card is None or card.state not in {"active", "frozen"}:
        return ft.Container()
    is_frozen = card.state == "frozen"
    button = action("freeze", words("card.unfreeze" if is_frozen else "card.freeze"), ft.Icons.AC_UNIT, turn,
        is_on=is_frozen,
    )  # fmt: skip
    told = dim(words("card.freeze_text"), 14, expand=True)
    return panel(ft.Row([button, told], spacing=18), key="switch")


def _manage(scope: Scope, card: CardView) -> ft.Control:
    words = scope.words
    lines = [
        ("limits", words("manage.limits"), words("manage.limits_text"), ft.Icons.SPEED),
        ("where", words("manage.where"), words("manage.where_text"), ft.Icons.STOREFRONT_OUTLINED),
    ]

    def go(place: str) -> None:
        scope.page.navigate(f"/cards/{card.id}/{place}")

    return picks("to", lines, go, is_right_to_left=words.is_right_to_left)


def _limits(scope: Scope, shown: CardInView) -> list[ft.Control]:
    words, card = scope.words, shown.card
    currency = card.currency if card else ""
    if not shown.limits:
        told = panel(dim(words("card.no_limits"), 14))
        return [heading(words("card.limits")), told]
    lines = [_limit(scope, usage, currency, index) for index, usage in enumerate(shown.limits)]
    return [heading(words("card.limits")), rows(lines)]


def _limit(scope: Scope, usage: LimitUsageView, currency: str, index: int) -> ft.Control:
    words = scope.words

    def figure(value: int) -> str:
        return money(value, currency, words.language) if usage.measure == "amount" else str(value)

    left = (
        words("card.left", amount=figure(usage.remaining))
        if usage.measure == "amount"
        else words("card.count_left", count=usage.remaining)
    )
    used = words("card.of", used=figure(usage.used), limit=figure(usage.limit))
    name = words.of("window", usage.window)
    # A share of a bar is no money: nothing is decided by it.
    share = min(1.0, usage.used / usage.limit) if usage.limit > 0 else 1.0
    is_used_up = usage.remaining <= 0
    bar = ft.ProgressBar(
        value=share, bar_height=8, border_radius=4, bgcolor=ft.Colors.SURFACE_CONTAINER_HIGH,
        color=ft.Colors.ERROR if is_used_up else ft.Colors.PRIMARY,
    )  # fmt: skip
    notes = [words.of("scope", usage.scope)]
    if usage.resets_at is not None:
        day = usage.resets_at.astimezone(scope.account.zone).date()
        notes.append(words("card.resets", day=day_text(day, words)))
    column = ft.Column(
        [
            ft.Row(
                [text(name, 15, is_strong=True), text(left, 15, is_strong=True)],
                alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
            ),
            bar,
            dim(" · ".join((used, *notes))),
        ],
        spacing=8,
    )
    label = ", ".join((name, left, used, *notes))
    return marked(f"limit-{index}", ft.Container(column, padding=16), label=label, exclude_semantics=True)


def _recent(scope: Scope, shown: CardInView) -> list[ft.Control]:
    words = scope.words
    head = heading(words("card.recent"))
    if not shown.recent:
        return [
            head,
            empty(ft.Icons.RECEIPT_LONG_OUTLINED, words("activity.none"), words("activity.none_text")),
        ]
    now = datetime.now(UTC)
    tiles = [
        payment_tile(
            words, it, scope.account.zone, scope.go(f"/cards/{shown.card_id}/payments/{it.id}"), now=now
        )
        for it in shown.recent
    ]
    return [head, rows(tiles)]
