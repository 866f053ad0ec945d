"""Adding money: how much, from where, and how it goes."""

from collections.abc import Callable
from typing import Final

import flet as ft

from cardwright_mobile.api.money_models import MethodOutput
from cardwright_mobile.design.choices import radios
from cardwright_mobile.design.fields import amount_field
from cardwright_mobile.design.pieces import (
    Handler,
    banner,
    dim,
    marked,
    panel,
    placeholder,
    primary_button,
    reason,
    stale,
    text,
    trouble,
)
from cardwright_mobile.frame import inner_view
from cardwright_mobile.scope import Scope, use_following, use_made, use_scope
from cardwright_mobile.state.add_money import TEST_CARDS
from cardwright_mobile.state.add_money import AddMoney as State
from cardwright_mobile.text.money import figures, money

PLACE: Final = "/add-money"
_QUICK: Final = (20_00, 50_00, 100_00, 250_00)
_EXAMPLE: Final = 50_00
_ICONS: Final = {
    "succeeded": ft.Icons.CHECK, "failed": ft.Icons.CLOSE, "canceled": ft.Icons.CLOSE,
    "requires_action": ft.Icons.OPEN_IN_BROWSER, "review": ft.Icons.HOURGLASS_TOP_OUTLINED,
}  # fmt: skip


@ft.component
def AddMoney() -> ft.View:
    """Come to from home. Whoever leaves meanwhile finds the money in the balance, and a message about it."""
    scope = use_scope()
    state = use_made(State)
    form: dict[str, str] = use_made(dict)
    use_following(scope, state.read)
    words, title = scope.words, scope.words("add.title")

    async def retry(_: object) -> None:
        await scope.ask(state.read)

    if state.top_up is not None:
        return inner_view(scope, PLACE, title, *stale(words, scope.zone, state), _progress(scope, state))
    if not state.is_ready:
        inner = trouble(words, state, retry) if state.trouble else placeholder(words, 88, 56, 72, 72)
        return inner_view(scope, PLACE, title, inner)
    return inner_view(scope, PLACE, title, _Form(scope, state, form))


@ft.component
def _Form(scope: Scope, state: State, form: dict[str, str]) -> ft.Control:
    ft.use_state(state)
    words, currency = scope.words, state.currency
    is_wrong, set_wrong = ft.use_state(False)
    turn, draw = ft.use_state(0)

    async def send(_: object) -> None:
        amount = state.amount(form.get("amount", ""), words.language)
        set_wrong(amount is None)
        if amount is not None:
            await scope.ask(lambda client: state.send(client, amount))

    def fill(minor: int) -> None:
        form["amount"] = figures(minor, currency, words.language)
        set_wrong(False)
        draw(turn + 1)

    def choose(source: str) -> None:
        state.source = source

    example = money(_EXAMPLE, currency, words.language)
    quick: list[ft.Control] = [_quick(scope, currency, minor, fill) for minor in _QUICK]
    options = [(it.id, _kept(scope, it)) for it in state.kept]
    options += [(token, f"{words(f'add.{name}')}\n{words(f'add.{name}_text')}")
                for name, token in TEST_CARDS.items()]  # fmt: skip
    lines = [
        *([banner(reason(words, state, is_deed=True))] if state.trouble else []),
        amount_field(
            "amount", words("add.amount"), form, currency, wrong=words("add.invalid", example=example)
            if is_wrong else None, turn=turn, on_submit=send,
        ),
        ft.Row(quick, spacing=8),
        radios("source", words("add.from"), options, state.source, choose),
        dim(words("add.test_only"), 13),
        primary_button(
            "send", words("add.sending" if state.is_sending else "add.title"), send, is_busy=state.is_sending
        ),
    ]  # fmt: skip
    return ft.Column(lines, spacing=18)


def _quick(scope: Scope, currency: str, minor: int, fill: Callable[[int], None]) -> ft.Control:
    label = money(minor, currency, scope.words.language).replace(".00", "").replace(",00", "")
    button = ft.OutlinedButton(
        text(label, 14, is_strong=True), height=48, expand=True, on_click=lambda _: fill(minor),
        style=ft.ButtonStyle(
            shape=ft.RoundedRectangleBorder(radius=14), padding=ft.Padding.symmetric(horizontal=4)
        ),
    )  # fmt: skip
    return marked(f"quick-{minor}", ft.Row([button]), expand=True)


def _kept(scope: Scope, method: MethodOutput) -> str:
    card = method.card
    named = "" if card is None else f"\u2066{card.brand.title()} •• {card.last4}\u2069"
    return f"{named}\n{method.label or scope.words('add.kept')}"


def _progress(scope: Scope, state: State) -> ft.Control:
    words, top_up = scope.words, state.top_up
    assert top_up is not None  # noqa: S101 - the screen waits for it
    amount = money(top_up.amount, top_up.currency, words.language)
    told = {
        "succeeded": (words("add.succeeded", amount=amount), words("add.succeeded_text")),
        "requires_action": (words("add.confirming"), words("add.confirming_text")),
        "failed": (words("add.failed"), top_up.reason or ""),
        "canceled": (words("add.failed"), top_up.reason or ""),
        "review": (words("add.review"), words("add.review_text")),
    }.get(top_up.status, (words("add.waiting"), amount))  # fmt: skip
    is_bad = top_up.status in {"failed", "canceled"}
    lines: list[ft.Control] = [
        _mark(top_up.status, is_bad=is_bad),
        marked("top-up", text(told[0], 20, is_strong=True, text_align=ft.TextAlign.CENTER), live_region=True),
        dim(told[1], 15, text_align=ft.TextAlign.CENTER),
    ]
    onward = _onward(scope, state, top_up.status, top_up.action_url)
    column = ft.Column(
        [*lines, *onward], spacing=14, horizontal_alignment=ft.CrossAxisAlignment.CENTER
    )  # fmt: skip
    return panel(ft.Row([ft.Container(column, expand=True)]), padding=28)


def _mark(status: str, *, is_bad: bool) -> ft.Control:
    front = ft.Colors.ON_ERROR_CONTAINER if is_bad else ft.Colors.ON_PRIMARY_CONTAINER
    icon = _ICONS.get(status)
    inner = ft.ProgressRing(width=26, height=26) if icon is None else ft.Icon(icon, size=30, color=front)
    return ft.Container(
        inner, width=64, height=64, border_radius=32, alignment=ft.Alignment.CENTER,
        bgcolor=ft.Colors.ERROR_CONTAINER if is_bad else ft.Colors.PRIMARY_CONTAINER,
    )  # fmt: skip


def _onward(scope: Scope, state: State, status: str, action_url: str | None) -> list[ft.Control]:
    words = scope.words

    async def open_bank(_: object) -> None:
        await ft.UrlLauncher().launch_url(str(action_url))

    async def again(_: object) -> None:
        state.begin_again()
        await scope.ask(state.read)

    def home(_: object) -> None:
        scope.page.navigate("/")

    buttons: dict[str, tuple[str, str, Handler]] = {
        "succeeded": ("to-home", words("add.home"), home),
        "failed": ("again", words("add.again"), again), "canceled": ("again", words("add.again"), again),
    }  # fmt: skip
    if status == "requires_action" and action_url is not None:
        return [primary_button("open-bank", words("add.open_bank"), open_bank)]
    return [primary_button(*buttons[status])] if status in buttons else []
