"""What somebody was told, and how much of it nobody has read."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import flet as ft

from cardwright_mobile.api.client import Client
from cardwright_mobile.api.person_models import NotificationAnswer
from cardwright_mobile.state.reading import Reading


@ft.observable
@dataclass
class Inbox(Reading):
    """Messages, the newest first."""

    messages: tuple[NotificationAnswer, ...] = ()
    unread: int = 0
    next_cursor: str | None = None
    is_reading_more: bool = False

    async def read(self, client: Client) -> None:
        """Read the newest page anew, and keep the older ones that were read before."""
        found = await self.attempt(asyncio.gather(client.notifications(), client.unread()))
        if found is None:
            return
        page, self.unread = found
        # Ids rise with time, so what is older than the page's last was on a page after it.
        last = min((it.id for it in page.data), default="")
        older = tuple(it for it in self.messages if it.id < last)
        if not older:
            self.next_cursor = page.next_cursor
        self.messages = (*page.data, *older)
        self.is_ready = True

    async def count(self, client: Client) -> None:
        """Read only how much is unread."""
        unread = await self.attempt(client.unread())
        if unread is not None:
            self.unread = unread

    async def read_more(self, client: Client) -> None:
        """Read the next older page."""
        if self.next_cursor is None or self.is_reading_more:
            return
        self.is_reading_more = True
        try:
            page = await self.attempt(client.notifications(self.next_cursor))
        finally:
            self.is_reading_more = False
        if page is not None:
            known = {it.id for it in self.messages}
            self.messages += tuple(it for it in page.data if it.id not in known)
            self.next_cursor = page.next_cursor

    async def mark(self, client: Client, message_id: str) -> None:
        """Say that one was read, which shows at once."""
        before, now = self.messages, datetime.now(UTC)
        if all(it.id != message_id or it.read_at is not None for it in before):
            return
        self.messages = tuple(replace(it, read_at=now) if it.id == message_id else it for it in before)
        if await self.attempt(client.mark_read(message_id)) is None:
            self.messages = before
        else:
            self.unread = max(0, self.unread - 1)

    async def mark_all(self, client: Client) -> None:
        """Say that all were read: those that are shown, and all older ones."""
        if not self.messages:
            return
        left = await self.attempt(client.mark_read_up_to(self.messages[0].id))
        if left is not None:
            now = datetime.now(UTC)
            self.messages = tuple(replace(it, read_at=it.read_at or now) for it in self.messages)
            self.unread = left


def place_of(message: NotificationAnswer) -> str:
    """Return the place of the app that a message is about; the list itself where there is none."""
    area = message.event_type.partition(".")[0]
    if area in {"challenges", "cases"}:
        return "/approvals"
    about = message.about_id or ""
    known = {"pay": f"/payments/{about}", "card": f"/cards/{about}"}
    places = {
        "funding": "/add-money", "kyc": "/settings/identity", "authentication": "/settings/security",
        "users": "/settings/security",
    }  # fmt: skip
    return known.get(about.partition("_")[0]) or places.get(area, "/inbox")
