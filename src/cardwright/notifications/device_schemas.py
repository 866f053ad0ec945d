"""Devices as they are registered and shown."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from cardwright.http.strict import Input, Output
from cardwright.notifications.browser_push import BrowserSubscription
from cardwright.notifications.domain import Platform

_ENDPOINT = "https://updates.push.example/wpush/v2/gAAAAABn"
_KEYS: dict[str, str] = {
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
}
_BASE64URL = "^[A-Za-z0-9_-]+={0,2}$"
PushToken = Annotated[
    str,
    StringConstraints(strict=True, pattern=r"^[A-Za-z0-9_:.\-]+$", min_length=8, max_length=4096),
    Field(
        description="What the push service gave the app; never shown again.", examples=["fTk3:APA91bH-x_9"]
    ),
]


class SubscriptionKeys(Input):
    """What only the browser can read messages with."""

    p256dh: Annotated[str, StringConstraints(pattern=_BASE64URL, min_length=86, max_length=90)] = Field(
        description="The browser's public key, base64url.", examples=[_KEYS["p256dh"]]
    )
    auth: Annotated[str, StringConstraints(pattern=_BASE64URL, min_length=22, max_length=24)] = Field(
        description="The browser's secret, base64url.", examples=[_KEYS["auth"]]
    )


class SubscriptionInput(Input):
    """What `PushSubscription.toJSON()` gives in a browser."""

    endpoint: Annotated[str, StringConstraints(pattern="^https?://[!-~]+$", max_length=2048)] = Field(
        description="Where the browser's push service listens; never shown again.", examples=[_ENDPOINT]
    )
    keys: SubscriptionKeys
    expirationTime: Annotated[int, Field(ge=0, le=2**53)] | None = Field(  # noqa: N815 - the browser's name
        default=None, description="As the browser gives it; not used.", examples=[None]
    )


class DeviceRegistration(Input):
    """An installed app or a browser that push messages can be sent to."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"platform": "android", "push_token": "fTk3:APA91bH-x_9"},
                {"platform": "web", "subscription": {"endpoint": _ENDPOINT, "keys": {**_KEYS}}},
            ]
        }
    )

    platform: Platform = Field(description="`web` is a browser.", examples=["android"])
    push_token: PushToken | None = Field(default=None, description="Of apps: what their push service gave.")
    subscription: SubscriptionInput | None = Field(
        default=None, description="Of browsers: what they subscribed with, using `GET /v1/push-key`."
    )

    @model_validator(mode="after")
    def _name_one_address(self) -> Self:
        has_right_one = (self.subscription is not None) == (self.platform == "web")
        if not has_right_one or (self.push_token is None) == (self.subscription is None):
            raise ValueError("browsers register a subscription, all other devices a push_token")
        return self

    def browser(self) -> BrowserSubscription | None:
        """Return the subscription of a browser; None for an app."""
        if self.subscription is None:
            return None
        keys = self.subscription.keys
        return BrowserSubscription(self.subscription.endpoint, keys.p256dh.rstrip("="), keys.auth.rstrip("="))


class DeviceAnswer(Output):
    """A device that gets push messages."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "dev_01jd9zq3f8e7vtm5g6w2x4y8zn",
                    "platform": "android",
                    "created_at": "2026-11-23T12:00:00Z",
                }
            ]
        }
    )

    id: str
    platform: Platform
    created_at: datetime


class PushKeyAnswer(Output):
    """What a page gives to `pushManager.subscribe` as `applicationServerKey`."""

    public_key: str = Field(
        description="A point of P-256, uncompressed, base64url.", examples=[_KEYS["p256dh"]]
    )
