"""How much a card may spend, to be changed."""

from typing import Final

import flet as ft

from cardwright_mobile.design.fields import amount_field
from cardwright_mobile.design.pieces import dim, placeholder, primary_button, stale, trouble
from cardwright_mobile.frame import inner_view
from cardwright_mobile.scope import Scope, use_made, use_scope
from cardwright_mobile.state.deeds import Deed
from cardwright_mobile.state.terms import WINDOWS, is_plain
from cardwright_mobile.state.terms import Limits as State
from cardwright_mobile.text.money import money

_EXAMPLE: Final = 150_00


@ft.component
def Limits() -> ft.View:
    """One field for each window; an empty one is no limit."""
    scope = use_scope()
    card_id = ft.use_route_params()["card_id"]
    state = use_made(lambda: State(card_id=card_id), card_id)
    words, route, title = scope.words, f"/cards/{card_id}/limits", scope.words("limits.title")

    def begin() -> None:
        scope.page.run_task(scope.ask, state.read)

    ft.use_effect(begin, [card_id])

    async def retry(_: object) -> None:
        await scope.ask(state.read)

    if state.card is None:
        inner = trouble(words, state, retry) if state.trouble else placeholder(words, 64, 64, 64, 64, 64)
        return inner_view(scope, route, title, inner)
    return inner_view(scope, route, title, *stale(words, scope.zone, state), _Form(scope, state))


@ft.component
def _Form(scope: Scope, state: State) -> ft.Control:
    words, card = scope.words, state.card
    assert card is not None  # noqa: S101 - the screen waits for it
    form: dict[str, str] = use_made(lambda: state.written(words.language), card.id)
    wrong, set_wrong = ft.use_state(frozenset[str]())
    deeds, _ = ft.use_state(scope.deeds)

    async def save(_: object) -> None:
        not_amounts = state.wrong(form, words.language)
        set_wrong(not_amounts)
        if not not_amounts:
            wanted = state.wanted(form, words.language)
            if await scope.do(Deed("limits", (card.id, wanted))):
                scope.page.navigate(f"/cards/{card.id}")

    told = words("limits.invalid", example=money(_EXAMPLE, card.currency, words.language))
    fields: list[ft.Control] = [
        amount_field(
            it, words.of("window", it), form, card.currency, wrong=told if it in wrong else None,
            on_submit=save,
        )
        for it in WINDOWS
    ]  # fmt: skip
    others = [] if all(is_plain(it) for it in card.limits) else [dim(words("limits.kept"), 14)]
    is_busy = deeds.doing is not None
    button = primary_button(
        "save", words("limits.saving" if is_busy else "limits.save"), save, is_busy=is_busy
    )
    return ft.Column([dim(words("limits.text"), 14), *fields, *others, button], spacing=16)
