"""A new card, made from one of the program's templates."""

from collections.abc import Callable

import flet as ft

from cardwright_mobile.api.client import Client
from cardwright_mobile.api.models import TemplateView
from cardwright_mobile.design.pieces import (
    banner,
    dim,
    empty,
    heading,
    marked,
    placeholder,
    primary_button,
    reason,
    rows,
    text,
    trouble,
)
from cardwright_mobile.design.theme import WHITE, face
from cardwright_mobile.frame import inner_view
from cardwright_mobile.scope import Scope, use_made, use_scope
from cardwright_mobile.state.cards import NewCard as State
from cardwright_mobile.text.money import money

_PLACE = "/new-card"
_LONGEST = 60


@ft.component
def NewCard() -> ft.View:
    """Two steps on one screen: what it is for, and its name."""
    scope = use_scope()
    state = use_made(State)
    # What is typed stays out of the state: to send it back with each letter would overtake a fast typist.
    form: dict[str, str] = use_made(dict)
    words = scope.words

    def begin() -> None:
        scope.page.run_task(scope.ask, state.read)

    ft.use_effect(begin, [])

    async def retry(_: object) -> None:
        await scope.ask(state.read)

    def choose(template: TemplateView | None) -> None:
        form["label"] = template.name if template else ""
        state.chosen = template

    async def create(_: object) -> None:
        label = form.get("label", "").strip() or (state.chosen.name if state.chosen else "")
        await scope.ask(lambda client: _create(scope, state, client, label))

    title = words("new.title")
    if not state.is_ready:
        inner = trouble(words, state, retry) if state.trouble else placeholder(words, 88, 88, 88)
        return inner_view(scope, _PLACE, title, inner)
    if state.chosen is None:
        return inner_view(scope, _PLACE, title, *_templates(scope, state, choose))
    wrong = [banner(reason(words, state, is_deed=True))] if state.trouble else []
    field = ft.TextField(
        label=words("new.name"), value=form.get("label", ""), max_length=_LONGEST, border_radius=14,
        border_color=ft.Colors.OUTLINE,
        on_change=lambda event: form.update(label=event.control.value), on_submit=create,
        capitalization=ft.TextCapitalization.SENTENCES,
    )  # fmt: skip
    other = ft.TextButton(words("new.change"), on_click=lambda _: choose(None), height=48)
    return inner_view(
        scope, _PLACE, title, *wrong, rows([_template(scope, state.chosen, None)]), marked("label", field),
        primary_button("create", words("new.creating" if state.is_sending else "new.create"), create,
            is_busy=state.is_sending,
        ),
        ft.Row([other], alignment=ft.MainAxisAlignment.CENTER),
    )  # fmt: skip


async def _create(scope: Scope, state: State, client: Client, label: str) -> None:
    made = await state.create(client, label)
    if made is None:
        return
    told = ft.SnackBar(
        text(scope.words("new.ready", label=made.label)), behavior=ft.SnackBarBehavior.FLOATING
    )
    scope.page.show_dialog(told)
    await scope.cards.read(client)
    scope.page.navigate(f"/cards/{made.id}")


def _templates(scope: Scope, state: State, choose: Callable[[TemplateView], None]) -> list[ft.Control]:
    words = scope.words
    if not state.templates:
        return [empty(ft.Icons.STYLE_OUTLINED, words("new.none"), words("new.none_text"))]
    lines = [_template(scope, template, choose) for template in state.templates]
    return [heading(words("new.pick"), 22), rows(lines)]


def _template(
    scope: Scope, template: TemplateView, choose: Callable[[TemplateView], None] | None
) -> ft.Control:
    words = scope.words
    amount = money(
        template.exact_amount or 0, scope.wallet.view.currency if scope.wallet.view else "USD", words.language
    )
    kind = words.of("type", template.type).format(uses=template.uses, amount=amount)
    swatch = ft.Container(
        ft.Icon(ft.Icons.CREDIT_CARD, color=WHITE, size=20), width=58, height=38, border_radius=9,
        alignment=ft.Alignment.CENTER,
        gradient=ft.LinearGradient(
            begin=ft.Alignment.TOP_LEFT, end=ft.Alignment.BOTTOM_RIGHT,
            colors=list(face(template.colour, template.id)),
        ),
    )  # fmt: skip
    told = ft.Column(
        [text(template.name, 16, is_strong=True), dim(template.description or kind, 14)],
        spacing=3,
        expand=True,
    )
    on_tap = (lambda _: choose(template)) if choose else None
    forward = ft.Icons.CHEVRON_LEFT if words.is_right_to_left else ft.Icons.CHEVRON_RIGHT
    end = [ft.Icon(forward, color=ft.Colors.ON_SURFACE_VARIANT)] if choose else []
    line = ft.Container(
        ft.Row([swatch, told, *end], spacing=14), padding=16, ink=choose is not None, on_click=on_tap
    )
    return marked(
        f"template-{template.id}", line, label=f"{template.name}, {template.description or kind}",
        button=choose is not None, exclude_semantics=True, on_tap=on_tap,
    )  # fmt: skip
