"""Push messages through Firebase Cloud Messaging, HTTP v1."""

import asyncio
import json
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import httpx
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import Request
from google.oauth2.service_account import Credentials

from cardwright.adapters.retry_after import retry_after_seconds
from cardwright.core.errors import Unavailable
from cardwright.notifications import AddressRefused, DeviceGone, PushMessage

_BASE_URL: Final = "https://fcm.googleapis.com"
_SCOPES: Final = ("https://www.googleapis.com/auth/firebase.messaging",)
_CONNECT_TIMEOUT_SECONDS: Final = 2.0
_TIMEOUT_SECONDS: Final = 10.0
_RATE_LIMITED: Final = 429
_PATIENCE_SECONDS: Final = 60
"""How long FCM wants to be left alone after a 429 that does not say."""
_LIFETIME: Final = "86400s"
_REFUSALS: Final = frozenset({"INVALID_ARGUMENT", "SENDER_ID_MISMATCH"})


class FcmPushSender:
    """Sends to the devices of one Firebase project, signed in as a service account of it."""

    def __init__(self, service_account_info: Mapping[str, Any], base_url: str | None = None) -> None:
        self._credentials = Credentials.from_service_account_info(  # type: ignore[no-untyped-call]
            dict(service_account_info), scopes=list(_SCOPES)
        )
        self._refreshing = asyncio.Lock()
        self._path = f"/v1/projects/{service_account_info['project_id']}/messages:send"
        self._http = httpx.AsyncClient(
            base_url=base_url or _BASE_URL,
            timeout=httpx.Timeout(_TIMEOUT_SECONDS, connect=_CONNECT_TIMEOUT_SECONDS),
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def send(self, message: PushMessage) -> str:
        """Send to one device; returns FCM's message name. Errors are those of the port."""
        authorization = {"Authorization": f"Bearer {await self._token()}"}
        try:
            answer = await self._http.post(
                self._path, json={"message": _wire(message)}, headers=authorization
            )
            document = answer.json()
        except (httpx.HTTPError, ValueError):
            raise _unavailable() from None
        if answer.is_success and isinstance(document, dict) and "name" in document:
            return str(document["name"])
        asked = retry_after_seconds(answer.headers.get("retry-after"))
        if asked is None and answer.status_code == _RATE_LIMITED:
            asked = _PATIENCE_SECONDS
        raise _translated(document, asked)

    async def _token(self) -> str:
        async with self._refreshing:
            if not self._credentials.valid:
                # google-auth speaks `requests`, which blocks: the loop must not wait for it.
                request = partial(Request(), timeout=_TIMEOUT_SECONDS)
                try:
                    await asyncio.to_thread(self._credentials.refresh, request)
                except (GoogleAuthError, TypeError, ValueError):
                    # Google's library reads an answer that is no JSON as if it were a token's.
                    raise _unavailable() from None
            return str(self._credentials.token)


def _wire(message: PushMessage) -> dict[str, Any]:
    # One key per platform makes a repeat replace the first on the screen.
    key = message.notification_id
    return {
        "token": message.push_token,
        "notification": {"title": message.title, "body": message.body},
        "data": {"notification_id": key, "event_type": message.event_type, **_actions(message)},
        "android": {"priority": "high", "ttl": _LIFETIME, "notification": {"tag": key}},
        "apns": {"headers": {"apns-collapse-id": key, "apns-priority": "10"}},
        "webpush": {"headers": {"Topic": key, "TTL": _LIFETIME.rstrip("s")}},
    }


def _actions(message: PushMessage) -> dict[str, str]:
    """Return the buttons for the app to draw, as JSON: Firebase carries nothing but texts."""
    if not message.actions:
        return {}
    told = [
        {"action": action.name, "title": action.title, "token": action.token.reveal()}
        for action in message.actions
    ]
    return {"actions": json.dumps(told, ensure_ascii=False)}


def _translated(document: Any, retry_after: int | None) -> Exception:
    code = _error_code(document)
    if code == "UNREGISTERED":
        return DeviceGone("device_unregistered")
    if code in _REFUSALS:
        return AddressRefused(code.lower())
    return _unavailable(retry_after)


def _error_code(document: Any) -> str:
    """Return FCM's own code, "" when the error has none: then it is about us and not about the device."""
    error = document.get("error") if isinstance(document, dict) else None
    details = error.get("details", ()) if isinstance(error, dict) else ()
    codes = (detail["errorCode"] for detail in details if isinstance(detail, dict) and "errorCode" in detail)
    return str(next(codes, ""))


def _unavailable(retry_after: int | None = None) -> Unavailable:
    asked = {} if retry_after is None else {"retry_after_seconds": retry_after}
    return Unavailable("push_unavailable", "The push service does not answer; it is tried again.", **asked)
