"""The app's own lock: opened by whoever can open the device."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import flet as ft

from cardwright_mobile.device.biometrics import Biometrics
from cardwright_mobile.device.storage import Storage

_NAME: Final = "cardwright.lock"
_AWAY: Final = timedelta(minutes=1)


@ft.observable
@dataclass
class Lock:
    """Off until somebody turns it on; it guards what is shown: tokens lie in the device's safe anyhow."""

    storage: Storage
    biometrics: Biometrics
    is_there: bool = False
    is_on: bool = False
    is_locked: bool = False
    _left_at: datetime | None = None

    async def begin(self) -> None:
        """Lock the app at its start, where that was chosen."""
        self.is_on = await self.storage.get(_NAME) == "on"
        self.is_locked = self.is_on
        self.is_there = await self.biometrics.is_there()

    async def turn(self, reason: str) -> bool:
        """Turn it on, or off; either takes the device's owner. Answer whether it was."""
        if not await self.biometrics.confirm(reason):
            return False
        self.is_on = not self.is_on
        if self.is_on:
            await self.storage.put(_NAME, "on")
        else:
            await self.storage.remove(_NAME)
        return True

    async def unlock(self, reason: str) -> bool:
        """Open it for the device's owner."""
        if await self.biometrics.confirm(reason):
            self.is_locked = False
        return not self.is_locked

    async def reset(self) -> None:
        """Be off again, for whoever signs in next."""
        self.is_on = self.is_locked = False
        await self.storage.remove(_NAME)

    def leave(self, now: datetime) -> None:
        """Note that the app is looked at no more."""
        self._left_at = self._left_at or now

    def come_back(self, now: datetime) -> None:
        """Lock it where it was left for too long."""
        left_at, self._left_at = self._left_at, None
        if self.is_on and left_at is not None and now - left_at >= _AWAY:
            self.is_locked = True
