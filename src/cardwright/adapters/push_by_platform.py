"""One sender of push messages out of two: browsers by web push, apps by Firebase."""

from cardwright.adapters.fcm import FcmPushSender
from cardwright.adapters.web_push import WebPushSender
from cardwright.notifications import AddressRefused, PushMessage


class PushByPlatform:
    """Keeps the PushSender port; without a sender for browsers their messages are refused."""

    def __init__(self, apps: FcmPushSender, browsers: WebPushSender | None) -> None:
        self._apps = apps
        self._browsers = browsers

    async def aclose(self) -> None:
        """Close the connections of both."""
        await self._apps.aclose()
        if self._browsers is not None:
            await self._browsers.aclose()

    async def send(self, message: PushMessage) -> str:
        """Hand over a message; errors are those of the port."""
        if message.platform != "web":
            return await self._apps.send(message)
        if self._browsers is None:
            raise AddressRefused("browser_push_unavailable")
        return await self._browsers.send(message)
