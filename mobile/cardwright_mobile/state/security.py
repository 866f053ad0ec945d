"""Where somebody is signed in, and what they prove with that it is them."""

import asyncio
from dataclasses import dataclass

import flet as ft

from cardwright_mobile.api.client import Client
from cardwright_mobile.api.person_models import ConnectionOutput, FactorsOutput, SessionOutput
from cardwright_mobile.state.reading import Reading


@ft.observable
@dataclass
class Security(Reading):
    """Browsers with a session, apps with a grant, and factors."""

    sessions: tuple[SessionOutput, ...] = ()
    connections: tuple[ConnectionOutput, ...] = ()
    factors: FactorsOutput | None = None

    async def read(self, client: Client) -> None:
        """Read all of it anew; what was known stays where that fails."""
        found = await self.attempt(asyncio.gather(client.sessions(), client.connections(), client.factors()))
        if found is not None:
            self.sessions, self.connections, self.factors = found
            self.is_ready = True

    @property
    def has_others(self) -> bool:
        """Whether somebody is signed in elsewhere, too."""
        return any(not it.is_current for it in self.sessions)
