"""Home: what can be spent, the cards, and what happened last."""

import asyncio
from datetime import UTC, datetime
from typing import Final

import flet as ft

from cardwright_mobile.api.client import Client
from cardwright_mobile.api.models import WalletView
from cardwright_mobile.design.card_face import SHAPE, card_face
from cardwright_mobile.design.payment_tile import payment_tile
from cardwright_mobile.design.pieces import (
    EDGE,
    LEAST_TOUCH,
    TOUCH,
    action,
    dim,
    empty,
    heading,
    marked,
    panel,
    placeholder,
    rows,
    solid_button,
    stale,
    text,
    trouble,
)
from cardwright_mobile.frame import inner_width, tab_view
from cardwright_mobile.scope import Scope, use_following, use_scope
from cardwright_mobile.text.money import money

_LATEST: Final = 4
_SEEN: Final = 0.88
"""How much of the screen one card takes: the next one looks in at the edge."""


@ft.component
def Home() -> ft.View:
    """The first screen of whoever is signed in."""
    scope = use_scope()
    wallet, _ = ft.use_state(scope.wallet)
    cards, _ = ft.use_state(scope.cards)
    activity, _ = ft.use_state(scope.activity)
    ft.use_state(scope.account)

    async def read(client: Client) -> None:
        await asyncio.gather(wallet.read(client), cards.read(client), activity.read(client))
        await scope.last_known.keep(wallet, cards, activity)

    use_following(scope, read, scope.account.follow)
    words = scope.words

    async def retry(_: object) -> None:
        for read in (wallet.read, cards.read, activity.read):
            await scope.ask(read)

    readings = (wallet, cards, activity)
    failed = next((it for it in readings if it.trouble), None)
    if not all(it.is_ready for it in readings):
        if failed is not None:
            return tab_view(scope, "/", words("tabs.home"), trouble(words, failed, retry))
        return tab_view(scope, "/", None, placeholder(words, 84, 220, 72, 72, 72))
    told = stale(words, scope.zone, *readings)
    assert wallet.view is not None  # noqa: S101 - it is ready
    return tab_view(
        scope,
        "/",
        None,
        *told,
        _balance(scope, wallet.view),
        *_set_up(scope),
        _carousel(scope),
        _actions(scope),
        *_latest(scope),
    )


def _balance(scope: Scope, view: WalletView) -> ft.Control:
    words = scope.words
    available = money(view.available_balance, view.currency, words.language)
    held = (
        words("home.held", amount=money(view.held, view.currency, words.language))
        if view.held
        else words("home.nothing_held")
    )
    chips = [_chip("held", ft.Icons.HOURGLASS_TOP_OUTLINED, held)]
    if view.owed:
        owed = words("home.owed", amount=money(view.owed, view.currency, words.language))
        chips.append(_chip("owed", ft.Icons.ERROR_OUTLINE, owed))
    return ft.Column(
        [
            dim(words("home.available"), 14),
            marked("balance", text(available, 42, is_strong=True), label=available, exclude_semantics=True),
            ft.Row(chips, wrap=True),
        ],
        spacing=4,
    )


def _set_up(scope: Scope) -> list[ft.Control]:
    words = scope.words
    if not scope.account.is_new:
        return []
    told = ft.Column(
        [
            text(words("setup.title"), 17, is_strong=True), dim(words("setup.text"), 14),
            ft.Row([solid_button("set-up", words("setup.go"), scope.go("/settings/identity"))]),
        ],
        spacing=10,
    )  # fmt: skip
    return [panel(told)]


def _chip(identifier: str, icon: ft.IconData, told: str) -> ft.Control:
    line = ft.Row(
        [ft.Icon(icon, size=16, color=ft.Colors.ON_SURFACE_VARIANT), dim(told)],
        spacing=6, tight=True,
    )  # fmt: skip
    shown = ft.Container(
        line, padding=ft.Padding.symmetric(horizontal=12, vertical=7), border_radius=20,
        bgcolor=ft.Colors.SURFACE_CONTAINER_HIGH,
    )  # fmt: skip
    return marked(identifier, shown, label=told, exclude_semantics=True)


def _carousel(scope: Scope) -> ft.Control:
    words, cards = scope.words, scope.cards.all
    if not cards:
        add = ft.FilledButton(words("home.new_card"), height=TOUCH, on_click=scope.go("/new-card"))
        return empty(
            ft.Icons.ADD_CARD,
            words("home.no_cards"),
            words("home.no_cards_text"),
            marked("first-card", add),
        )
    is_alone = len(cards) == 1
    whole = inner_width(scope) + 2 * EDGE
    width = inner_width(scope) if is_alone else whole * _SEEN - EDGE
    faces: list[ft.Control] = [
        ft.Row(
            [
                ft.Container(width=0 if is_alone else EDGE),
                card_face(words, card, width, scope.go(f"/cards/{card.id}")),
            ],
            spacing=0,
            key=card.id,
        )
        for card in cards
    ]
    if is_alone:
        return faces[0]
    return ft.PageView(
        faces, height=width / SHAPE, viewport_fraction=_SEEN, pad_ends=False, implicit_scrolling=True
    )


def _actions(scope: Scope) -> ft.Control:
    words = scope.words
    return ft.Row(
        [
            action("add-money", words("home.add"), ft.Icons.ADD, scope.go("/add-money")),
            action("new-card", words("home.new_card"), ft.Icons.ADD_CARD, scope.go("/new-card")),
            action(
                "to-approvals",
                words("answers.title"),
                ft.Icons.VERIFIED_USER_OUTLINED,
                scope.go("/approvals"),
            ),
        ],
        alignment=ft.MainAxisAlignment.SPACE_AROUND,
    )


def _latest(scope: Scope) -> list[ft.Control]:
    words, payments = scope.words, scope.activity.payments[:_LATEST]
    head = ft.Row(
        [
            heading(words("home.latest")),
            ft.TextButton(words("home.all"), height=LEAST_TOUCH, on_click=scope.go("/activity")),
        ],
        alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
    )
    if not payments:
        return [
            heading(words("home.latest")),
            empty(ft.Icons.RECEIPT_LONG_OUTLINED, words("activity.none"), words("activity.none_text")),
        ]
    now = datetime.now(UTC)
    tiles = [
        payment_tile(words, it, scope.account.zone, scope.go(f"/payments/{it.id}"), now=now)
        for it in payments
    ]
    return [head, rows(tiles)]
