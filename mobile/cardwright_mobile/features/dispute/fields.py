"""What is asked for each reason: words, days, one of several, another payment."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Final

import flet as ft

from cardwright_mobile.api.models import PaymentView
from cardwright_mobile.design.choices import radios
from cardwright_mobile.design.pieces import LEAST_TOUCH, dim, marked, text
from cardwright_mobile.scope import Scope
from cardwright_mobile.state.disputes import Disputing
from cardwright_mobile.text.dates import day_text, moment_text
from cardwright_mobile.text.money import money

_LONGEST: Final = 2_000
_FAR: Final = datetime(2100, 1, 1, tzinfo=UTC)
_CHOICES: Final = {
    "product_kind": ("goods", "service"), "return_outcome": ("accepted", "refused"),
    "cancellation_policy_told": ("yes", "no"),
}  # fmt: skip


def field_of(scope: Scope, state: Disputing, name: str, again: Callable[[], None]) -> ft.Control:
    """Return the field of one thing that is asked."""
    words = scope.words
    label = words.of("dispute.field", name)

    def answer(value: str | bool) -> None:
        state.told[name] = value
        again()

    if name in _CHOICES:
        options = [(it, words(f"dispute.{it}")) for it in _CHOICES[name]]
        if name == "cancellation_policy_told":
            known = {True: "yes", False: "no"}
            chosen = known.get(bool(state.told[name])) if name in state.told else None
            return radios(name, label, options, chosen, lambda it: answer(it == "yes"))
        return radios(name, label, options, str(state.told.get(name, "")), answer)
    if name == "duplicate_of":
        return _duplicates(scope, state, label, answer)
    if name.endswith("_on"):
        return _day(scope, state, name, label, answer)
    is_long = name == "explanation"
    field = ft.TextField(
        label=label, value=str(state.told.get(name, "")), multiline=is_long, min_lines=4 if is_long else 1,
        max_lines=8 if is_long else 1, max_length=_LONGEST if is_long else None, border_radius=14,
        helper=words("dispute.hint") if is_long else None, helper_max_lines=3, border_color=ft.Colors.OUTLINE,
        # Not drawn anew with each letter, which would overtake whoever types.
        on_change=lambda event: state.told.update({name: event.control.value or ""}),
    )  # fmt: skip
    return marked(f"field-{name}", field)


def _day(scope: Scope, state: Disputing, name: str, label: str, answer: Callable[[str], None]) -> ft.Control:
    words = scope.words
    told = str(state.told.get(name, ""))
    shown = day_text(date.fromisoformat(told), words, with_year=True) if told else words("dispute.pick_day")

    def pick(_: object) -> None:
        def take(event: ft.Event[ft.DatePicker]) -> None:
            value = event.control.value
            if value is not None:
                answer(value.date().isoformat() if isinstance(value, datetime) else value.isoformat())

        scope.page.show_dialog(
            ft.DatePicker(
                value=datetime.fromisoformat(told) if told else None,
                on_change=take,
                last_date=datetime.now(UTC) if name != "expected_on" else _FAR,
            )
        )

    button = ft.OutlinedButton(
        shown, icon=ft.Icons.CALENDAR_TODAY_OUTLINED, height=LEAST_TOUCH, on_click=pick
    )
    return ft.Column([text(label, 15, is_strong=True), marked(f"field-{name}", button)], spacing=6)


def _duplicates(scope: Scope, state: Disputing, label: str, answer: Callable[[str], None]) -> ft.Control:
    words, now = scope.words, datetime.now(UTC)
    if not state.others:
        return ft.Column([text(label, 15, is_strong=True), dim(words("dispute.no_other"), 14)], spacing=6)

    def told(it: PaymentView) -> str:
        when = moment_text(it.opened_at, now, scope.account.zone, words)
        return f"{money(it.posted, it.currency, words.language)} · {when}"

    options = [(it.id, told(it)) for it in state.others]
    return radios("duplicate_of", label, options, str(state.told.get("duplicate_of", "")), answer)
