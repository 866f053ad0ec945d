"""Saying that a payment is wrong: why, what happened, and handing it in."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import flet as ft

from cardwright_mobile.design.choices import picks
from cardwright_mobile.design.pieces import (
    Handler,
    banner,
    dim,
    heading,
    marked,
    panel,
    placeholder,
    primary_button,
    reason,
    text,
    trouble,
)
from cardwright_mobile.features.dispute.fields import field_of
from cardwright_mobile.frame import inner_view
from cardwright_mobile.scope import Scope, use_made, use_scope
from cardwright_mobile.state.disputes import ASKED, Disputing
from cardwright_mobile.text.money import money

_ICONS: Final = {
    "fraud": ft.Icons.PERSON_OFF_OUTLINED, "not_authorized": ft.Icons.THUMB_DOWN_OUTLINED,
    "not_received": ft.Icons.LOCAL_SHIPPING_OUTLINED,
    "goods_not_as_described": ft.Icons.BROKEN_IMAGE_OUTLINED,
    "service_not_as_described": ft.Icons.HANDYMAN_OUTLINED, "canceled": ft.Icons.EVENT_BUSY_OUTLINED,
    "charged_twice": ft.Icons.CONTENT_COPY, "other": ft.Icons.MORE_HORIZ,
}  # fmt: skip


@ft.component
def Dispute() -> ft.View:
    """Come to from the page of a payment."""
    scope = use_scope()
    payment_id = ft.use_route_params()["payment_id"]
    state = use_made(lambda: Disputing(payment_id=payment_id), payment_id)
    _, draw = ft.use_state(0)
    words, route, title = scope.words, ft.use_view_path(), scope.words("dispute.title")

    def begin() -> None:
        scope.page.run_task(scope.ask, state.read)

    ft.use_effect(begin, [payment_id])

    async def retry(_: object) -> None:
        await scope.ask(state.read)

    def again() -> None:
        draw(int(datetime.now(UTC).timestamp() * 1000))

    async def choose(chosen: str) -> None:
        state.reason = chosen
        if chosen == "charged_twice":
            await scope.ask(state.read_others)

    async def hand_in(_: object) -> None:
        if state.missing():
            scope.tell(words("dispute.incomplete"), is_wrong=True)
        elif await scope.ask(state.hand_in):
            scope.tell(words("dispute.submitted_now"))

    if not state.is_ready:
        inner = trouble(words, state, retry) if state.trouble else placeholder(words, 96, 72, 72, 72)
        return inner_view(scope, route, title, inner)
    return inner_view(scope, route, title, *_shown(scope, state, choose, hand_in, again))


def _shown(
    scope: Scope, state: Disputing, choose: Handler, hand_in: Handler, again: Callable[[], None]
) -> list[ft.Control]:
    words = scope.words
    wrong = [banner(reason(words, state, is_deed=True))] if state.trouble else []
    if state.case is not None and state.case.state != "draft":
        return [*wrong, _standing(scope, state)]
    if not state.reason:
        return [*wrong, _about(scope, state), *_reasons(scope, choose)]
    label = words("dispute.sending" if state.is_sending else "dispute.submit")
    return [
        *wrong,
        _about(scope, state),
        heading(words.of("dispute.reason", state.reason)),
        *[field_of(scope, state, name, again) for name in ASKED.get(state.reason, ())],
        primary_button("hand-in", label, hand_in, is_busy=state.is_sending),
        dim(words("dispute.submit_text"), 14),
    ]


def _about(scope: Scope, state: Disputing) -> ft.Control:
    timeline, words = state.timeline, scope.words
    assert timeline is not None  # noqa: S101 - the screen waits for it
    amount = money(timeline.posted, timeline.currency, words.language)
    line = ft.Row(
        [text(timeline.merchant.name, 16, is_strong=True, expand=True), text(amount, 18, is_strong=True)]
    )
    return panel(line)


def _reasons(scope: Scope, choose: Handler) -> list[ft.Control]:
    words = scope.words
    lines = [
        (name, words.of("dispute.reason", name), words.of("dispute.reason_text", name), _ICONS[name])
        for name in ASKED
    ]
    return [
        heading(words("dispute.why"), 20),
        picks("reason", lines, choose, is_right_to_left=words.is_right_to_left),
        dim(words("dispute.begin_text"), 14),
    ]


def _standing(scope: Scope, state: Disputing) -> ft.Control:
    words, case = scope.words, state.case
    assert case is not None  # noqa: S101 - it was handed in
    amount = money(case.amount, case.currency, words.language)
    lines: list[ft.Control] = [
        ft.Icon(ft.Icons.BALANCE_OUTLINED, size=32, color=ft.Colors.PRIMARY),
        marked("dispute-state", text(words.of("dispute.state", case.state), 20, is_strong=True)),
        text(words("dispute.amount", amount=amount), 16),
        dim(words.of("dispute.next", case.state), 15, text_align=ft.TextAlign.CENTER),
    ]
    if case.credited:
        credited = money(case.credited, case.currency, words.language)
        lines.append(dim(words("dispute.credited", amount=credited), 14, text_align=ft.TextAlign.CENTER))
    column = ft.Column(lines, spacing=10, horizontal_alignment=ft.CrossAxisAlignment.CENTER)
    return panel(ft.Row([ft.Container(column, expand=True)]), padding=24)
