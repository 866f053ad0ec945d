"""Where somebody is signed in, to be ended there, and how they prove that it is them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import flet as ft

from cardwright_mobile.api.person_models import ConnectionOutput, FactorsOutput, SessionOutput
from cardwright_mobile.design.pieces import (
    dim,
    heading,
    marked,
    named_button,
    panel,
    placeholder,
    plain_button,
    rows,
    solid_button,
    stale,
    text,
    trouble,
)
from cardwright_mobile.frame import inner_view
from cardwright_mobile.scope import Scope, use_following, use_made, use_scope
from cardwright_mobile.state.deeds import Deed
from cardwright_mobile.state.security import Security as State
from cardwright_mobile.text.dates import day_text, moment_text

PLACE: Final = "/settings/security"
_PHONES: Final = ("Android", "iPhone", "iPad")
Doing = Callable[..., Callable[[object], Any]]


@ft.component
def Security() -> ft.View:
    """Come to from settings, and from messages about sign-ins."""
    scope = use_scope()
    state = use_made(State)
    ft.use_state(scope.deeds)
    use_following(scope, state.read)
    words, title = scope.words, scope.words("security.title")

    async def retry(_: object) -> None:
        await scope.ask(state.read)

    def doing(name: str, *about: str) -> Callable[[object], Any]:
        async def do(_: object = None) -> None:
            if await scope.do(Deed(name, about)):
                await scope.ask(state.read)

        return do

    if state.factors is None:
        inner = trouble(words, state, retry) if state.trouble else placeholder(words, 160, 72, 72)
        return inner_view(scope, PLACE, title, inner)
    now = datetime.now(UTC)
    sessions = rows([_session(scope, it, now, doing) for it in state.sessions])
    others = [_end_others(scope, doing)] if state.has_others else []
    apps = [_app(scope, it, doing) for it in state.connections]
    return inner_view(
        scope, PLACE, title, *stale(words, scope.zone, state),
        heading(words("security.sessions")), sessions, *others,
        *([heading(words("security.phones")), rows(apps)] if apps else []),
        heading(words("security.factors")), _factors(scope, state.factors),
    )  # fmt: skip


def _session(scope: Scope, it: SessionOutput, now: datetime, doing: Doing) -> ft.Control:
    words = scope.words
    is_phone = any(name in (it.user_agent or "") for name in _PHONES)
    seen = moment_text(it.last_seen_at, now, scope.account.zone, words)
    when = words("security.this") if it.is_current else words("security.seen", when=seen)
    where = [f"\u2066{it.client_address}\u2069"] if it.client_address else []
    icon = ft.Icons.SMARTPHONE if is_phone else ft.Icons.COMPUTER
    end = None if it.is_current else doing("end_session", it.id)
    return _line(scope, f"session-{it.id}", icon, it.device, " · ".join((when, *where)), end)


def _app(scope: Scope, it: ConnectionOutput, doing: Doing) -> ft.Control:
    words = scope.words
    day = day_text(it.created_at.astimezone(scope.account.zone).date(), words)
    told = words("security.since", day=day)
    return _line(scope, f"app-{it.id}", ft.Icons.APPS, it.client_name, told, doing("end_connection", it.id))


def _line(
    scope: Scope, identifier: str, icon: ft.IconData, name: str, told: str,
    end: Callable[[object], Any] | None,
) -> ft.Control:  # fmt: skip
    words = scope.words
    named = marked(
        identifier, ft.Column([text(name, 15, is_strong=True), dim(told)], spacing=2),
        label=f"{name}, {told}", exclude_semantics=True, expand=True,
    )  # fmt: skip
    parts: list[ft.Control] = [ft.Icon(icon, color=ft.Colors.ON_SURFACE_VARIANT), named]
    if end is not None:
        label = text(words("security.end"), 14, is_strong=True, color=ft.Colors.ERROR)
        button = ft.TextButton(label, height=48, on_click=end)
        parts.append(named_button(f"end-{identifier}", button, words("security.end_one", device=name), end))
    return ft.Container(ft.Row(parts, spacing=14), padding=ft.Padding.symmetric(horizontal=16, vertical=12))


def _end_others(scope: Scope, doing: Doing) -> ft.Control:
    words = scope.words

    def ask(_: object) -> None:
        title = words("security.end_others")
        scope.confirm(
            title, words("security.end_confirm"), title, words("security.keep"),
            lambda: doing("end_others")(None),
        )  # fmt: skip

    return plain_button(
        "end-others", words("security.end_others"), ask, icon=ft.Icons.LOGOUT, is_warning=True
    )


def _factors(scope: Scope, factors: FactorsOutput) -> ft.Control:
    words = scope.words
    since = factors.totp_confirmed_at
    app = words("security.app_off")
    if since is not None:
        app = words("security.app_on", day=day_text(since.astimezone(scope.account.zone).date(), words))
    passkeys = ", ".join(it.name for it in factors.passkeys) or words("security.none")
    facts = [
        (words("security.app"), app), (words("security.passkeys"), passkeys),
        (words("security.codes"), str(factors.recovery_codes_left) if factors.recovery_codes_left else
         words("security.none")),
    ]  # fmt: skip
    lines: list[ft.Control] = [
        ft.Row([dim(name, 14), text(fact, 14, expand=True, text_align=ft.TextAlign.END)], spacing=16)
        for name, fact in facts
    ]

    async def open_page(_: object) -> None:
        server = str(scope.session.http.base_url).rstrip("/")
        await ft.UrlLauncher().launch_url(f"{server}/security")

    button = solid_button("open-security", words("security.open"), open_page, is_quiet=True)
    told = dim(words("security.factors_text"), 14)
    return panel(ft.Column([*lines, told, ft.Row([button])], spacing=14))
