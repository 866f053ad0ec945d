"""Everything that somebody was told, and where it leads."""

from datetime import UTC, datetime
from typing import Final

import flet as ft

from cardwright_mobile.api.person_models import NotificationAnswer
from cardwright_mobile.design.pieces import (
    TOUCH,
    dim,
    empty,
    marked,
    placeholder,
    plain_button,
    rows,
    stale,
    text,
    trouble,
)
from cardwright_mobile.frame import tab_view
from cardwright_mobile.scope import Scope, use_following, use_scope
from cardwright_mobile.state.inbox import place_of
from cardwright_mobile.text.dates import moment_text
from cardwright_mobile.text.told import facts, isolated

_ICONS: Final = {
    "payments": ft.Icons.CREDIT_CARD, "cards": ft.Icons.CREDIT_CARD, "funding": ft.Icons.ACCOUNT_BALANCE,
    "ledger": ft.Icons.ACCOUNT_BALANCE, "kyc": ft.Icons.BADGE_OUTLINED,
    "authentication": ft.Icons.LOCK_OUTLINE, "users": ft.Icons.LOCK_OUTLINE,
    "challenges": ft.Icons.VERIFIED_USER_OUTLINED, "cases": ft.Icons.VERIFIED_USER_OUTLINED,
    "disputes": ft.Icons.BALANCE_OUTLINED,
}  # fmt: skip


@ft.component
def Inbox() -> ft.View:
    """The list behind the third tab."""
    scope = use_scope()
    inbox, _ = ft.use_state(scope.inbox)
    use_following(scope, inbox.read)
    words, title = scope.words, scope.words("inbox.title")

    async def retry(_: object) -> None:
        await scope.ask(inbox.read)

    async def read_all(_: object) -> None:
        await scope.ask(inbox.mark_all)

    if not inbox.is_ready:
        inner = trouble(words, inbox, retry) if inbox.trouble else placeholder(words, 84, 84, 84, 84)
        return tab_view(scope, "/inbox", title, inner)
    if not inbox.messages:
        nothing = empty(ft.Icons.INBOX_OUTLINED, words("inbox.none"), words("inbox.none_text"))
        return tab_view(scope, "/inbox", title, *stale(words, scope.zone, inbox), nothing)
    tools = [plain_button("read-all", words("inbox.read_all"), read_all)] if inbox.unread else []
    now = datetime.now(UTC)
    lines = rows([_line(scope, it, now) for it in inbox.messages])
    return tab_view(scope, "/inbox", title, *stale(words, scope.zone, inbox), *tools, lines, *_more(scope))


def _line(scope: Scope, message: NotificationAnswer, now: datetime) -> ft.Control:
    words = scope.words
    is_unread = message.read_at is None
    when = moment_text(message.created_at, now, scope.account.zone, words)
    body = isolated(facts(message.body, scope.zone, words))
    title = isolated(message.title)
    is_bad = message.event_type.endswith("declined")
    icon = ft.Icons.CREDIT_CARD_OFF if is_bad else _ICONS.get(
        message.event_type.partition(".")[0], ft.Icons.NOTIFICATIONS_OUTLINED
    )  # fmt: skip
    mark = ft.Container(
        ft.Icon(icon, size=20, color=ft.Colors.ERROR if is_bad else ft.Colors.ON_PRIMARY_CONTAINER),
        width=40, height=40, border_radius=20, alignment=ft.Alignment.CENTER,
        bgcolor=ft.Colors.ERROR_CONTAINER if is_bad else ft.Colors.PRIMARY_CONTAINER,
    )  # fmt: skip
    dot = ft.Container(
        width=9, height=9, border_radius=5, bgcolor=ft.Colors.PRIMARY, visible=is_unread,
        margin=ft.Margin.only(top=7),
    )  # fmt: skip
    told = ft.Column(
        [text(title, 15, is_strong=is_unread), dim(body, 14), dim(when, 12)], spacing=3, expand=True
    )

    async def follow(_: object) -> None:
        scope.page.navigate(place_of(message))
        await scope.ask(lambda client: scope.inbox.mark(client, message.id))

    top = ft.CrossAxisAlignment.START
    line = ft.Container(
        ft.Row([mark, told, dot], spacing=14, vertical_alignment=top), padding=16, ink=True, on_click=follow
    )
    label = ", ".join((*([words("inbox.unread")] if is_unread else []), message.title, body, when))
    return marked(
        f"message-{message.id}", line, label=label, button=True, exclude_semantics=True, on_tap=follow
    )


def _more(scope: Scope) -> list[ft.Control]:
    inbox = scope.inbox
    if inbox.next_cursor is None:
        return []

    async def read_more(_: object) -> None:
        await scope.ask(inbox.read_more)

    button = ft.OutlinedButton(
        scope.words("inbox.more"), height=TOUCH, on_click=read_more, disabled=inbox.is_reading_more
    )
    return [ft.Row([marked("more", button)], alignment=ft.MainAxisAlignment.CENTER)]
