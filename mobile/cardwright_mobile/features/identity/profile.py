"""Who somebody is, as their document says it: asked once."""

from datetime import UTC, date, datetime
from typing import Any, Final

import flet as ft

from cardwright_mobile.design.fields import pick_field, text_field
from cardwright_mobile.design.pieces import (
    LEAST_TOUCH,
    banner,
    dim,
    heading,
    marked,
    primary_button,
    reason,
    text,
)
from cardwright_mobile.scope import Scope, use_made
from cardwright_mobile.state.identity import ZONES, profile_of
from cardwright_mobile.state.identity import Identity as State
from cardwright_mobile.text.dates import day_text

_FIRST_YEAR: Final = 1900
_USUAL_YEAR: Final = 1990


@ft.component
def Profile(scope: Scope, state: State) -> ft.Control:
    """A form; what is typed is not drawn anew."""
    ft.use_state(state)
    form: dict[str, str] = use_made(lambda: {"country": "US"})
    turn, draw = ft.use_state(0)
    words = scope.words

    def choose(name: str, value: str) -> None:
        form[name] = value
        draw(turn + 1)

    async def save(_: object) -> None:
        profile = profile_of(form, words.language, datetime.now(UTC).date())
        if profile is None:
            scope.tell(words("profile.incomplete"), is_wrong=True)
        elif await scope.ask(lambda client: state.say_who(client, profile)):
            scope.tell(words("profile.saved"))
            await scope.ask(scope.account.read)

    countries = [(code, words.of("country", code)) for code in ZONES]
    zones = ZONES[form["country"]]
    zone = form.get("time_zone", "")
    zone_pick = pick_field(
        "time_zone", words("profile.time_zone"), [(it, it.replace("_", " ")) for it in zones],
        zone if zone in zones else zones[0], lambda it: choose("time_zone", it),
    )  # fmt: skip
    return ft.Column(
        [
            heading(words("profile.title"), 22),
            dim(words("profile.text"), 15),
            *([banner(reason(words, state, is_deed=True))] if state.trouble else []),
            text_field("full_name", words("profile.name"), form),
            _birth(scope, form, choose),
            text_field(
                "phone", words("profile.phone"), form, helper=words("profile.phone_hint"),
                keyboard=ft.KeyboardType.PHONE,
            ),
            text_field("line1", words("profile.line1"), form),
            text_field("postal_code", words("profile.postal_code"), form),
            text_field("city", words("profile.city"), form),
            pick_field(
                "country", words("profile.country"), countries, form["country"],
                lambda it: choose("country", it),
            ),
            *([zone_pick] if len(zones) > 1 else []),
            primary_button("save-profile", words("profile.save"), save, is_busy=state.is_sending),
        ],
        spacing=16,
    )  # fmt: skip


def _birth(scope: Scope, form: dict[str, str], choose: Any) -> ft.Control:
    words = scope.words
    told = form.get("date_of_birth", "")
    shown = day_text(date.fromisoformat(told), words, with_year=True) if told else words("dispute.pick_day")

    def pick(_: object) -> None:
        def take(event: ft.Event[ft.DatePicker]) -> None:
            value = event.control.value
            if value is not None:
                day = value.date() if isinstance(value, datetime) else value
                choose("date_of_birth", day.isoformat())

        scope.page.show_dialog(
            ft.DatePicker(
                value=datetime.fromisoformat(told) if told else datetime(_USUAL_YEAR, 1, 1, tzinfo=UTC),
                first_date=datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC), last_date=datetime.now(UTC),
                on_change=take,
            )
        )  # fmt: skip

    button = ft.OutlinedButton(
        shown, icon=ft.Icons.CALENDAR_TODAY_OUTLINED, height=LEAST_TOUCH, on_click=pick
    )
    return ft.Column(
        [text(words("profile.birth"), 15, is_strong=True), marked("field-date_of_birth", button)], spacing=6
    )
