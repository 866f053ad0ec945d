"""What somebody was told, and how much of it they have not seen."""

from dataclasses import dataclass

import flet as ft

from cardwright_mobile.api.answer_models import NotificationAnswer
from cardwright_mobile.api.client import Client
from cardwright_mobile.state.reading import Reading


@ft.observable
@dataclass
class Inbox(Reading):
    """Notifications, the newest first."""

    told: tuple[NotificationAnswer, ...] = ()
    next_cursor: str | None = None
    unread: int = 0

    async def count(self, client: Client) -> None:
        """Read how much is unread; where that fails the last count stays, as nobody misses it."""
        found = await self.attempt(client.unread())
        if found is not None:
            self.unread = found

    async def read(self, client: Client) -> None:
        """Read the newest page anew, and keep the older ones that were read before."""
        page = await self.attempt(client.notifications())
        if page is None:
            return
        last = min((it.id for it in page.data), default="")
        older = tuple(it for it in self.told if it.id < last)
        self.told = (*page.data, *older)
        if not older:
            self.next_cursor = page.next_cursor
        self.is_ready = True

    async def read_more(self, client: Client) -> None:
        """Read the next older page."""
        if self.next_cursor is None:
            return
        page = await self.attempt(client.notifications(self.next_cursor))
        if page is not None:
            known = {it.id for it in self.told}
            self.told += tuple(it for it in page.data if it.id not in known)
            self.next_cursor = page.next_cursor

    async def mark_seen(self, client: Client) -> None:
        """Note that all that is shown was seen."""
        if self.unread and self.told:
            found = await self.attempt(client.read_up_to(self.told[0].id))
            self.unread = self.unread if found is None else found

    def forget(self) -> None:
        """Empty it for whoever comes next."""
        self.told, self.next_cursor, self.unread, self.is_ready = (), None, 0, False
