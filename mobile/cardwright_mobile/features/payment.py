"""One payment: what happened to it, and in plain words why it was declined."""

from datetime import UTC, datetime
from typing import Final

import flet as ft

from cardwright_mobile.api.models import ElementView, PaymentTimeline
from cardwright_mobile.design.payment_tile import merchant_letter
from cardwright_mobile.design.pieces import (
    Handler,
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
from cardwright_mobile.state.activity import PaymentInView, reasons
from cardwright_mobile.state.deeds import Deed
from cardwright_mobile.state.disputes import can_dispute
from cardwright_mobile.text.dates import day_name, hour_text
from cardwright_mobile.text.money import money
from cardwright_mobile.text.told import told

_REPORTABLE: Final = frozenset({"pending", "declined"})


@ft.component
def Payment() -> ft.View:
    """A payment, come to from home or from a list."""
    scope = use_scope()
    payment_id = ft.use_route_params()["payment_id"]
    shown = use_made(lambda: PaymentInView(payment_id=payment_id), payment_id)
    use_following(scope, shown.read, key=payment_id)
    words, route, title = scope.words, ft.use_view_path(), scope.words("payment.title")

    async def retry(_: object) -> None:
        await scope.ask(shown.read)

    timeline = shown.timeline
    if timeline is None:
        inner = trouble(words, shown, retry) if shown.trouble else placeholder(words, 120, 140, 180)
        return inner_view(scope, route, title, inner)
    wrong = stale(words, scope.zone, shown)
    return inner_view(
        scope, route, title, *wrong, _head(scope, timeline), *_why(scope, timeline),
        heading(words("payment.timeline")), _timeline(scope, timeline),
        heading(words("payment.details")), _details(scope, timeline), *_something_wrong(scope, shown, route),
    )  # fmt: skip


def _head(scope: Scope, timeline: PaymentTimeline) -> ft.Control:
    words = scope.words
    colours = {"declined": ft.Colors.ERROR, "pending": ft.Colors.TERTIARY, "settled": ft.Colors.PRIMARY}
    amount = money(timeline.amount, timeline.currency, words.language)
    status = words.of("status", timeline.status)
    lines = [
        merchant_letter(timeline.merchant, 60),
        text(timeline.merchant.name, 18, is_strong=True, text_align=ft.TextAlign.CENTER),
        marked("amount", text(amount, 38, is_strong=True)),
        marked(
            "status",
            text(
                status,
                15,
                is_strong=True,
                color=colours.get(timeline.status, ft.Colors.ON_SURFACE_VARIANT),
            ),
        ),
    ]
    return ft.Row(
        [ft.Column(lines, spacing=8, horizontal_alignment=ft.CrossAxisAlignment.CENTER, expand=True)]
    )


def _why(scope: Scope, timeline: PaymentTimeline) -> list[ft.Control]:
    words, zone = scope.words, scope.account.zone
    if timeline.status != "declined":
        return []
    failed = reasons(timeline)
    lines: list[ft.Control] = [
        ft.Row(
            [
                ft.Icon(ft.Icons.BLOCK, color=ft.Colors.ERROR, size=22),
                ft.Semantics(
                    content=text(words("payment.why"), 16, is_strong=True, color=ft.Colors.ERROR),
                    header=True, heading_level=2,
                ),
            ],
            spacing=10,
        )
    ]  # fmt: skip
    for check in failed:
        lines.append(marked("reason", text(told(check.explanation, zone, words), 15)))
        if check.would_pass:
            lines.append(dim(words("payment.would_pass"), 13))
            lines.append(marked("would-pass", text(told(check.would_pass, zone, words), 15)))
    if not failed:
        lines.append(marked("reason", text(words("payment.processor"), 15)))
    lines.append(dim(words("payment.not_charged"), 14))
    column = ft.Column(lines, spacing=8)
    return [ft.Container(column, padding=18, border_radius=18, bgcolor=ft.Colors.ERROR_CONTAINER)]


def _timeline(scope: Scope, timeline: PaymentTimeline) -> ft.Control:
    elements = timeline.elements
    return panel(
        ft.Column(
            [
                _element(scope, element, timeline.currency, is_last=index == len(elements) - 1)
                for index, element in enumerate(elements)
            ],
            spacing=0,
        )
    )


def _element(scope: Scope, element: ElementView, currency: str, *, is_last: bool) -> ft.Control:
    words, zone = scope.words, scope.account.zone
    day = day_name(element.occurred_at, datetime.now(UTC), zone, words)
    when = f"{day}, {hour_text(element.occurred_at, zone, words)}"
    amount = money(element.amount, currency, words.language)
    name = words.of("kind", element.kind)
    notes = [when]
    if element.kind in {"authorization", "increment"}:
        notes.insert(0, words("payment.approved" if element.approved else "payment.declined"))
    if element.merchant_amount is not None and element.merchant_currency not in {None, currency}:
        notes.append(money(element.merchant_amount, element.merchant_currency, words.language))
    colour = ft.Colors.PRIMARY if element.approved else ft.Colors.ERROR
    rail = ft.Column(
        [
            ft.Container(width=12, height=12, border_radius=6, bgcolor=colour),
            ft.Container(width=2, height=44, bgcolor=ft.Colors.OUTLINE_VARIANT, visible=not is_last),
        ],
        spacing=0,
        horizontal_alignment=ft.CrossAxisAlignment.CENTER,
    )
    line = ft.Row(
        [
            ft.Container(rail, padding=ft.Padding.only(top=5)),
            ft.Column([text(name, 15, is_strong=True), dim(" · ".join(notes))], spacing=2, expand=True),
            text(amount, 15),
        ],
        spacing=14,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )
    label = ", ".join((name, amount, *notes))
    return marked(f"element-{element.sequence}", line, label=label, exclude_semantics=True)


def _details(scope: Scope, timeline: PaymentTimeline) -> ft.Control:
    words = scope.words
    currency, merchant = timeline.currency, timeline.merchant
    card = next((it for it in scope.cards.all if it.id == timeline.card_id), None)
    ending = words("card.ending", last4=timeline.last4) if timeline.last4 else ""
    facts = [
        ("payment.card", f"{card.label} · {ending}" if card and ending else ending),
        ("payment.held", money(timeline.held, currency, words.language) if timeline.held else ""),
        ("payment.posted", money(timeline.posted, currency, words.language) if timeline.posted else ""),
        ("payment.category", merchant.category),
        ("payment.on_statement", merchant.descriptor),
    ]
    return rows(
        [
            ft.Container(
                ft.Row(
                    [
                        dim(words(name), 14),
                        text(fact, 14, expand=True, text_align=ft.TextAlign.END),
                    ],
                    spacing=16,
                ),
                padding=ft.Padding.symmetric(horizontal=16, vertical=14),
            )
            for name, fact in facts
            if fact
        ]
    )


def _something_wrong(scope: Scope, shown: PaymentInView, route: str) -> list[ft.Control]:
    words, timeline, dispute = scope.words, shown.timeline, shown.dispute
    assert timeline is not None  # noqa: S101 - the screen waits for it
    lines: list[ft.Control] = []
    to_dispute = scope.go(f"{route}/dispute")
    if can_dispute(timeline, dispute):
        button = solid_button("dispute", words("wrong.dispute"), to_dispute, is_quiet=True)
        lines += [dim(words("wrong.dispute_text"), 14), ft.Row([button])]
    elif dispute is not None:
        lines.append(
            ft.Row(
                [solid_button("dispute", words.of("wrong.state", dispute.state), to_dispute, is_quiet=True)]
            )
        )
    if timeline.status in _REPORTABLE:
        report = solid_button("report", words("wrong.report"), _reporting(scope, timeline), is_quiet=True)
        lines += [dim(words("wrong.report_text"), 14), ft.Row([report])]
    return [heading(words("wrong.title")), panel(ft.Column(lines, spacing=12))] if lines else []


def _reporting(scope: Scope, timeline: PaymentTimeline) -> Handler:
    def ask(_: object) -> None:
        async def report() -> None:
            await scope.do(Deed("report_payment", (timeline.id,)))

        scope.confirm(
            scope.words("wrong.report_title"), scope.words("wrong.report_confirm"),
            scope.words("wrong.report"), scope.words("wrong.report_keep"), report,
        )  # fmt: skip

    return ask
