"""Where the app keeps its few secrets: the device's safe place, or what there is instead."""

import logging
from typing import Protocol

import flet as ft
import flet_secure_storage as fss

_log = logging.getLogger(__name__)


class Storage(Protocol):
    """Keeps short texts by name."""

    async def get(self, name: str) -> str | None:
        """Return what was kept under a name."""
        ...

    async def put(self, name: str, value: str) -> None:
        """Keep a text."""
        ...

    async def remove(self, name: str) -> None:
        """Forget a text."""
        ...


class MemoryStorage:
    """Keeps until the app ends; for devices that keep nothing, and for tests."""

    def __init__(self) -> None:
        self._kept: dict[str, str] = {}

    async def get(self, name: str) -> str | None:
        """Return what was kept under a name."""
        return self._kept.get(name)

    async def put(self, name: str, value: str) -> None:
        """Keep a text."""
        self._kept[name] = value

    async def remove(self, name: str) -> None:
        """Forget a text."""
        self._kept.pop(name, None)


class DeviceStorage:
    """Keychain or Keystore on a phone, encrypted local storage in a browser.

    In a browser the key lies beside what it locks: no secret from scripts of the same page. Where the device
    refuses, the texts are kept in memory, and somebody has to sign in again at the next start.
    """

    def __init__(self) -> None:
        self._device = fss.SecureStorage()
        self._instead = MemoryStorage()

    async def get(self, name: str) -> str | None:
        """Return what was kept under a name."""
        try:
            found: str | None = await self._device.get(name)
        except (RuntimeError, TimeoutError, ft.FletUnsupportedPlatformException) as error:
            _log.warning("the device's storage did not answer: %s", error)
            found = None
        return found if found is not None else await self._instead.get(name)

    async def put(self, name: str, value: str) -> None:
        """Keep a text."""
        try:
            await self._device.set(name, value)
        except (RuntimeError, TimeoutError, ft.FletUnsupportedPlatformException) as error:
            _log.warning("the device's storage did not keep: %s", error)
            await self._instead.put(name, value)

    async def remove(self, name: str) -> None:
        """Forget a text."""
        await self._instead.remove(name)
        try:
            await self._device.remove(name)
        except (RuntimeError, TimeoutError, ft.FletUnsupportedPlatformException) as error:
            _log.warning("the device's storage did not forget: %s", error)
