"""The shape of a push message, as strict as Google reads it."""

import json
import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from simulator.fcm.errors import GoogleError

_MOST_BYTES = 4096
_MOST_BYTES_TO_TOPIC = 2048
_LONGEST_TTL_SECONDS = 2_419_200
_TTL = re.compile(r"(\d{1,7})(\.\d{1,9})?s", re.ASCII)


def _allowed_data(data: dict[str, str]) -> dict[str, str]:
    for key in data:
        if key in {"from", "message_type"} or key.startswith(("google", "gcm")):
            raise ValueError(f"the key {key!r} is reserved")
    return data


def _allowed_ttl(ttl: str) -> str:
    written = _TTL.fullmatch(ttl)
    if written is None or int(written[1]) > _LONGEST_TTL_SECONDS:
        raise ValueError('a duration such as "3600s", at most four weeks')
    return ttl


Data = Annotated[dict[str, str], AfterValidator(_allowed_data)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Notification(_Part):
    """What the phone shows by itself."""

    title: str | None = None
    body: str | None = None
    image: str | None = None


class Android(_Part):
    """Options for Android; the nested objects are carried as they are."""

    collapse_key: str | None = None
    priority: Annotated[str, Field(pattern="^(?i:normal|high)$")] | None = None
    ttl: Annotated[str, AfterValidator(_allowed_ttl)] | None = None
    restricted_package_name: str | None = None
    data: Data = Field(default_factory=dict)
    notification: dict[str, Any] | None = None
    fcm_options: dict[str, Any] | None = None
    direct_boot_ok: bool | None = None


class Apns(_Part):
    """Options for Apple's service."""

    headers: dict[str, str] = Field(default_factory=dict)
    payload: dict[str, Any] | None = None
    fcm_options: dict[str, Any] | None = None
    live_activity_token: str | None = None


class Webpush(_Part):
    """Options for browsers."""

    headers: dict[str, str] = Field(default_factory=dict)
    data: Data = Field(default_factory=dict)
    notification: dict[str, Any] | None = None
    fcm_options: dict[str, Any] | None = None


class PushMessage(_Part):
    """A message to one device, one topic, or the devices that a condition selects."""

    token: Annotated[str, Field(min_length=1)] | None = None
    topic: Annotated[str, Field(pattern=r"^[a-zA-Z0-9\-_.~%]+$")] | None = None
    condition: Annotated[str, Field(min_length=1)] | None = None
    notification: Notification | None = None
    data: Data = Field(default_factory=dict)
    android: Android | None = None
    apns: Apns | None = None
    webpush: Webpush | None = None
    fcm_options: dict[str, Any] | None = None

    @property
    def recipient(self) -> str:
        """The device token as it is; a topic or a condition says so."""
        if self.token is not None:
            return self.token
        return f"topic {self.topic}" if self.topic is not None else f"condition {self.condition}"

    @model_validator(mode="after")
    def _has_one_recipient(self) -> "PushMessage":
        named = [value for value in (self.token, self.topic, self.condition) if value is not None]
        if len(named) != 1:
            raise ValueError("exactly one of token, topic and condition is expected")
        return self

    @model_validator(mode="after")
    def _fits(self) -> "PushMessage":
        shown = self.notification.model_dump(exclude_none=True) if self.notification else {}
        size_bytes = sum(len(part.encode()) for pair in {**self.data, **shown}.items() for part in pair)
        if size_bytes > (_MOST_BYTES_TO_TOPIC if self.topic else _MOST_BYTES):
            raise ValueError(f"the message is too big: {size_bytes} bytes")
        return self


class SendRequest(_Part):
    """The body of `messages:send`."""

    message: PushMessage
    validate_only: bool = False


def parse_send_request(body: bytes) -> SendRequest:
    """Read a request; GoogleError INVALID_ARGUMENT names every field that is wrong."""
    try:
        return SendRequest.model_validate(json.loads(body))
    except ValidationError as error:
        violations = [_violation(item["loc"], item["msg"]) for item in error.errors()]
    except ValueError:
        violations = [{"field": "", "description": "The body is not JSON."}]
    message = "; ".join(f"{it['field']}: {it['description']}" for it in violations)
    raise GoogleError(
        "INVALID_ARGUMENT",
        f"Invalid JSON payload received. {message}",
        fcm_code="INVALID_ARGUMENT",
        violations=violations,
    )


def _violation(location: tuple[int | str, ...], description: str) -> dict[str, str]:
    return {"field": ".".join(str(step) for step in location), "description": description}
