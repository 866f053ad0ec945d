"""The card's number, shown for seconds to whoever used a strong factor just now."""

from typing import Final

import flet as ft

from cardwright_mobile.api.card_models import CardNumberView
from cardwright_mobile.api.models import CardView
from cardwright_mobile.design.pieces import LEAST_TOUCH, dim, marked, named_button, panel, solid_button, text
from cardwright_mobile.scope import Scope, use_scope
from cardwright_mobile.state.deeds import Deed
from cardwright_mobile.state.secret import grouped

_ISOLATE: Final = "\u2066{}\u2069"


@ft.component
def Number(card: CardView) -> ft.Control:
    """A button, and instead of it the number while it is shown."""
    scope = use_scope()
    secret, _ = ft.use_state(scope.secret)
    deeds, _ = ft.use_state(scope.deeds)
    # Whoever leaves the screen leaves no number behind.
    ft.use_effect(lambda: None, [], cleanup=scope.secret.forget)
    words = scope.words

    async def reveal(_: object) -> None:
        await scope.do(Deed("reveal", (card.id,)))

    if card.state == "canceled" or card.last4 is None:
        return ft.Container(height=0)
    number = secret.of(card.id)
    if number is not None:
        return _shown(scope, number)
    if secret.is_elsewhere == card.id:
        told = ft.Column(
            [text(words("number.elsewhere"), 15, is_strong=True), dim(words("number.elsewhere_text"), 14)],
            spacing=6,
        )
        return marked("number-elsewhere", panel(told), live_region=True)
    is_busy = deeds.doing is not None and deeds.doing.name == "reveal"
    return ft.Row([solid_button("reveal", words("number.show"), reveal, is_busy=is_busy, is_quiet=True)])


def _shown(scope: Scope, number: CardNumberView) -> ft.Control:
    words, secret = scope.words, scope.secret
    expiry = f"{number.exp_month or 0:02}/{(number.exp_year or 0) % 100:02}"
    lines = [
        _line(scope, "number", words("number.number"), grouped(number.number), copied=number.number),
        _line(scope, "expiry", words("number.expiry"), expiry),
    ]
    if number.security_code:
        lines.append(_line(scope, "code", words("number.code"), number.security_code))
    hide = solid_button(
        "hide", f"{words('number.hide')} · {words('number.hides_in', seconds=secret.seconds_left)}",
        lambda _: secret.forget(), is_quiet=True,
    )  # fmt: skip
    return marked("number-shown", panel(ft.Column([*lines, ft.Row([hide])], spacing=12)), container=True)


def _line(scope: Scope, name: str, label: str, value: str, *, copied: str = "") -> ft.Control:
    async def copy(_: object) -> None:
        await ft.Clipboard().set(copied)
        scope.tell(scope.words("number.copied"))

    told = ft.Column([dim(label), text(_ISOLATE.format(value), 20, is_strong=True)], spacing=2, expand=True)
    shown: list[ft.Control] = [
        marked(f"secret-{name}", told, label=f"{label}, {value}", exclude_semantics=True, expand=True)
    ]
    if copied:
        button = ft.IconButton(
            ft.Icons.COPY, on_click=copy, width=LEAST_TOUCH, height=LEAST_TOUCH, icon_color=ft.Colors.PRIMARY
        )
        shown.append(named_button("copy", button, scope.words("number.copy"), copy))
    return ft.Row(shown)
