"""Whose app this is."""

from dataclasses import dataclass
from datetime import tzinfo

import flet as ft

from cardwright_mobile.api.client import Client
from cardwright_mobile.api.models import UserOutput
from cardwright_mobile.state.reading import Reading
from cardwright_mobile.text.dates import zone_named


@ft.observable
@dataclass
class Account(Reading):
    """The person who is signed in."""

    view: UserOutput | None = None

    async def read(self, client: Client) -> None:
        """Read who it is."""
        found = await self.attempt(client.me())
        if found is not None:
            self.view = found
            self.is_ready = True

    @property
    def zone(self) -> tzinfo | None:
        """Where they live; None is where the device is."""
        profile = self.view.profile if self.view else None
        return zone_named(profile.time_zone) if profile else None
