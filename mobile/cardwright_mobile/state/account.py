"""Whose app this is."""

from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

import flet as ft

from cardwright_mobile.api.client import Client
from cardwright_mobile.api.models import UserOutput
from cardwright_mobile.state.reading import Reading
from cardwright_mobile.text.dates import zone_named

_DONE: Final = frozenset({"approved", "reverification_due"})


@ft.observable
@dataclass
class Account(Reading):
    """The person who is signed in."""

    view: UserOutput | None = None
    standing: str = ""
    """Whether we know who they are: what the server calls it, nothing while nobody asked."""

    async def read(self, client: Client) -> None:
        """Read who it is."""
        found = await self.attempt(client.me())
        if found is not None:
            self.view = found
            self.is_ready = True

    async def follow(self, client: Client) -> None:
        """Read how far proving who one is has come, until it is done."""
        if self.standing in _DONE:
            return
        found = await self.attempt(client.standing())
        if found is not None:
            self.standing = found.status

    @property
    def is_new(self) -> bool:
        """Whether something has to be done before money and cards are of use."""
        return bool(self.standing) and self.standing not in _DONE

    @property
    def zone(self) -> tzinfo | None:
        """Where they live; None is where the device is."""
        profile = self.view.profile if self.view else None
        return zone_named(profile.time_zone) if profile else None
