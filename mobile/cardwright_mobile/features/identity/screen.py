"""Whatever is to be done next to be known: the profile, the verifier's page, documents, or waiting."""

from typing import Final

import flet as ft

from cardwright_mobile.api.person_models import StandingOutput
from cardwright_mobile.design.pieces import (
    dim,
    heading,
    marked,
    panel,
    placeholder,
    primary_button,
    rows,
    stale,
    text,
    trouble,
)
from cardwright_mobile.features.identity.documents import Documents
from cardwright_mobile.features.identity.profile import Profile
from cardwright_mobile.frame import inner_view
from cardwright_mobile.scope import Scope, use_following, use_made, use_scope
from cardwright_mobile.state.identity import Identity as State
from cardwright_mobile.text.dates import day_text
from cardwright_mobile.text.money import money

PLACE: Final = "/settings/identity"
_GOOD: Final = frozenset({"approved"})
_BAD: Final = frozenset({"rejected", "expired"})


@ft.component
def Identity() -> ft.View:
    """Come to from settings, from home by whoever is new, and from messages about it."""
    scope = use_scope()
    state = use_made(State)
    use_following(scope, state.read)
    words, title = scope.words, scope.words("identity.title")

    async def retry(_: object) -> None:
        await scope.ask(state.read)

    if state.standing is None or state.who is None:
        inner = trouble(words, state, retry) if state.trouble else placeholder(words, 180, 120)
        return inner_view(scope, PLACE, title, inner)
    if state.who.profile is None:
        return inner_view(scope, PLACE, title, Profile(scope, state))
    standing = state.standing
    shown = standing.can_submit or bool(state.documents)
    documents = [Documents(scope, state)] if shown else []
    return inner_view(
        scope, PLACE, title, *stale(words, scope.zone, state),
        _standing(scope, state, standing), *documents,
        heading(words("identity.allows")), _allowance(scope, standing),
    )  # fmt: skip


def _standing(scope: Scope, state: State, standing: StandingOutput) -> ft.Control:
    words = scope.words
    colour = ft.Colors.TERTIARY
    if standing.status in _GOOD | _BAD:
        colour = ft.Colors.PRIMARY if standing.status in _GOOD else ft.Colors.ERROR
    icon = ft.Icons.VERIFIED_OUTLINED if standing.status in _GOOD else ft.Icons.BADGE_OUTLINED
    status = words.of("identity.state", standing.status)
    lines: list[ft.Control] = [
        ft.Icon(icon, size=34, color=colour),
        marked("standing", text(status, 20, is_strong=True, color=colour), live_region=True),
        dim(words.of("identity.next", standing.status), 15, text_align=ft.TextAlign.CENTER),
    ]
    if standing.reason:
        why = f"{words('identity.why')}: {standing.reason}"
        lines.append(marked("why", text(why, 15, text_align=ft.TextAlign.CENTER)))
    if standing.until is not None:
        day = day_text(standing.until.astimezone(scope.account.zone).date(), words, with_year=True)
        lines.append(dim(words("identity.until", day=day), 14))

    async def begin(_: object) -> None:
        await scope.ask(state.begin)

    async def go_on(_: object) -> None:
        await ft.UrlLauncher().launch_url(str(standing.url))

    if standing.can_begin:
        lines.append(primary_button("begin", words("identity.begin"), begin, is_busy=state.is_sending))
    if standing.url is not None:
        lines.append(primary_button("go-on", words("identity.go_on"), go_on))
        lines.append(dim(words("identity.go_on_text"), 14, text_align=ft.TextAlign.CENTER))
    column = ft.Column(lines, spacing=12, horizontal_alignment=ft.CrossAxisAlignment.CENTER)
    return panel(ft.Row([ft.Container(column, expand=True)]), padding=24)


def _allowance(scope: Scope, standing: StandingOutput) -> ft.Control:
    words = scope.words
    currency = scope.wallet.view.currency if scope.wallet.view else "USD"

    def amount(value: int | None) -> str:
        return words("identity.any") if value is None else money(value, currency, words.language)

    facts = [
        (words("identity.level", level=standing.level), ""),
        (words("identity.cards"), words("identity.any") if standing.cards is None else str(standing.cards)),
        (words("identity.balance"), amount(standing.balance)),
        (words("identity.added"), amount(standing.added_30d)),
    ]
    return rows(
        [
            ft.Container(
                ft.Row(
                    [dim(name, 14, expand=True), text(fact, 15, is_strong=True)], spacing=16
                ),
                padding=ft.Padding.symmetric(horizontal=16, vertical=14),
            )
            for name, fact in facts
        ]
    )  # fmt: skip
