"""Where a card may pay: one merchant, or any; and who is let through for a quarter of an hour."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import flet as ft

from cardwright_mobile.api.card_models import ExceptionView, MerchantView
from cardwright_mobile.api.cards import ALLOWED_MINUTES
from cardwright_mobile.design.choices import picks
from cardwright_mobile.design.fields import text_field
from cardwright_mobile.design.pieces import (
    dim,
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
from cardwright_mobile.frame import inner_view
from cardwright_mobile.scope import Scope, use_following, use_made, use_scope
from cardwright_mobile.state.deeds import Deed
from cardwright_mobile.state.terms import LEAST_LETTERS
from cardwright_mobile.state.terms import Where as State
from cardwright_mobile.text.dates import left_text
from cardwright_mobile.waiting import use_seconds

_PAUSE_SECONDS: Final = 0.3
"""How long somebody may take between two letters of a name."""
Doing = Callable[..., Callable[[object], Any]]


@ft.component
def Where() -> ft.View:
    """Come to from the card."""
    scope = use_scope()
    card_id = ft.use_route_params()["card_id"]
    state = use_made(lambda: State(card_id=card_id), card_id)
    form: dict[str, str] = use_made(dict, card_id)
    use_following(scope, state.read, key=card_id)
    use_seconds(scope, is_ticking=bool(state.exceptions))
    words, route, title = scope.words, f"/cards/{card_id}/where", scope.words("where.title")

    async def retry(_: object) -> None:
        await scope.ask(state.read)

    def doing(name: str, *about: str) -> Callable[[object], Any]:
        async def do(_: object) -> None:
            if await scope.do(Deed(name, (card_id, *about))):
                state.choose(None)
                await scope.ask(state.read)

        return do

    if not state.is_ready:
        inner = trouble(words, state, retry) if state.trouble else placeholder(words, 72, 64, 64)
        return inner_view(scope, route, title, inner)
    now = datetime.now(UTC)
    through = [_through(scope, state, it, now, doing) for it in state.through(now)]
    return inner_view(
        scope, route, title, *stale(words, scope.zone, state),
        rows([_standing(scope, state, doing), *through]),
        *_choosing(scope, state, form, doing),
    )  # fmt: skip


def _standing(scope: Scope, state: State, doing: Doing) -> ft.Control:
    words = scope.words
    merchant_id = state.locked_to
    if merchant_id is None:
        told = words("where.first" if state.is_locked else "where.anywhere")
        icon = ft.Icons.LOCK_CLOCK if state.is_locked else ft.Icons.PUBLIC
        return _row("standing", icon, told, "")
    # A card that was made for one merchant stays with one.
    is_for_one = state.card is not None and state.card.is_merchant_locked
    end = None if is_for_one else ("unlock", words("where.unlock"), doing("unlock"))
    name = state.name_of(merchant_id) or words("where.merchant")
    return _row("standing", ft.Icons.LOCK_OUTLINE, name, words("where.only"), end)


def _through(scope: Scope, state: State, it: ExceptionView, now: datetime, doing: Doing) -> ft.Control:
    words = scope.words
    name = state.name_of(it.merchant_id) or words("where.merchant")
    told = f"{words('where.through')} · {left_text(it.until, now, words)}"
    end = (f"end-{it.id}", words("where.end"), doing("end_exception", it.id))
    return _row(f"through-{it.id}", ft.Icons.SCHEDULE, name, told, end)


def _row(
    identifier: str, icon: ft.IconData, name: str, told: str, end: tuple[str, str, Any] | None = None
) -> ft.Control:
    words: list[ft.Control] = [text(name, 16, is_strong=True), *([dim(told, 14)] if told else [])]
    named = marked(
        identifier, ft.Column(words, spacing=2), label=", ".join(it for it in (name, told) if it),
        exclude_semantics=True, expand=True,
    )  # fmt: skip
    button = [] if end is None else [
        marked(end[0], ft.TextButton(text(end[1], 15, is_strong=True, color=ft.Colors.PRIMARY), height=48,
               on_click=end[2]))
    ]  # fmt: skip
    line = ft.Row([ft.Icon(icon, color=ft.Colors.PRIMARY), named, *button], spacing=14)
    return ft.Container(line, padding=16)


def _choosing(scope: Scope, state: State, form: dict[str, str], doing: Doing) -> list[ft.Control]:
    words, chosen = scope.words, state.chosen
    if chosen is None:
        return [heading(words("where.search")), _Search(scope, state, form)]
    is_busy = scope.deeds.doing is not None
    lock = solid_button(
        "lock", words("where.lock", merchant=chosen.name), doing("lock", chosen.id), is_busy=is_busy
    )
    buttons: list[ft.Control] = [ft.Row([lock])]
    if state.is_locked:
        label = words("where.allow", minutes=ALLOWED_MINUTES)
        allow = solid_button("allow", label, doing("allow", chosen.id), is_busy=is_busy, is_quiet=True)
        buttons.append(ft.Row([allow]))
    other = ft.TextButton(words("where.other"), height=48, on_click=lambda _: state.choose(None))
    head = ft.Column([text(chosen.name, 18, is_strong=True), dim(chosen.category, 14)], spacing=2)
    return [
        panel(ft.Column([marked("chosen", head), *buttons], spacing=12)),
        ft.Row([marked("other", other)], alignment=ft.MainAxisAlignment.CENTER),
    ]


@ft.component
def _Search(scope: Scope, state: State, form: dict[str, str]) -> ft.Control:
    ft.use_state(state)
    words = scope.words

    async def seek(event: Any) -> None:
        typed = form["merchant"] = str(event.control.value or "")
        await asyncio.sleep(_PAUSE_SECONDS)
        if form["merchant"] == typed:
            await scope.ask(lambda client: state.seek(client, typed))

    def choose(merchant_id: str) -> None:
        state.choose(next(it for it in state.found if it.id == merchant_id))

    field = text_field("merchant", words("where.name"), form, helper=words("where.hint"), on_change=seek)
    below: list[ft.Control] = []
    if state.found:
        below = [picks("merchant", [_pick(it) for it in state.found], choose,
                       is_right_to_left=words.is_right_to_left)]  # fmt: skip
    elif len(state.sought) >= LEAST_LETTERS:
        below = [marked("nothing", dim(words("where.nothing"), 14), live_region=True)]
    return ft.Column([field, *below], spacing=12)


def _pick(it: MerchantView) -> tuple[str, str, str, ft.IconData]:
    return it.id, it.name, it.category, ft.Icons.STOREFRONT_OUTLINED
