"""Whether it is the device's owner: by fingerprint, face or the device's own code."""

import logging
from typing import Any, Protocol

import flet as ft
import flet_local_auth as fla

_log = logging.getLogger(__name__)


class Biometrics(Protocol):
    """Asks the device."""

    async def is_there(self) -> bool:
        """Answer whether the device has such a lock that an app may ask for."""
        ...

    async def confirm(self, reason: str) -> bool:
        """Let the device ask, and answer whether it was its owner."""
        ...


class DeviceBiometrics:
    """Touch ID, Face ID, Android's and Windows Hello's; there are none in browsers and on Linux."""

    def __init__(self, page: ft.Page) -> None:
        self._has_none = bool(page.web) or page.platform == ft.PagePlatform.LINUX
        self._device: Any = None if self._has_none else fla.LocalAuthentication()

    async def is_there(self) -> bool:
        """Answer whether the device has such a lock that an app may ask for."""
        if self._has_none:
            return False
        try:
            return bool(await self._device.is_device_supported())
        except (RuntimeError, TimeoutError, ft.FletUnsupportedPlatformException) as error:
            _log.warning("the device does not say whether it has a lock: %s", error)
            return False

    async def confirm(self, reason: str) -> bool:
        """Let the device ask, and answer whether it was its owner."""
        if self._has_none:
            return False
        try:
            return bool(await self._device.authenticate(reason))
        except (RuntimeError, TimeoutError, fla.LocalAuthException, ft.FletUnsupportedPlatformException):
            return False
