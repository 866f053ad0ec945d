"""Push messages to browsers: encrypted for the browser alone (RFC 8291), signed by us (VAPID, RFC 8292).

The endpoint is what a stranger's page handed over, so it is reached through the client that goes to public
addresses only. What the push service answers in words is not read.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import http_ece
import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02, VapidException

from cardwright.adapters.guarded_http import OutboundPolicy, OutboundRefused, guarded_client
from cardwright.adapters.retry_after import retry_after
from cardwright.core.clock import Clock
from cardwright.core.errors import Invalid
from cardwright.core.sensitive import Sensitive
from cardwright.notifications import (
    AddressRefused,
    BrowserSubscription,
    DeviceGone,
    PushMessage,
    RecipientAway,
    push_kind_of,
)

MOST_PAYLOAD_BYTES: Final = 3 * 1024
_CURVE: Final = ec.SECP256R1()
_SIGNED_FOR: Final = timedelta(hours=12)
_KEY_BYTES: Final = 32
_AUTH_BYTES: Final = 16
_LONGEST_WAIT: Final = timedelta(hours=1)
_TAKEN: Final = frozenset({201, 202})
_GONE: Final = frozenset({404, 410})
_BUSY: Final = frozenset({408, 425, 429})
_FIRST_SERVER_ERROR: Final = 500
_CUT: Final = "…"


class WebPushSender:
    """Keeps the ports PushSender, for devices that are browsers, and BrowserPush.

    `private_key` is 32 bytes as base64url; ValueError for any other. `contact` is a mailto: or https: URL
    where the makers of browsers can complain.
    """

    def __init__(self, private_key: Sensitive, contact: str, policy: OutboundPolicy, clock: Clock) -> None:
        self._signer = _signer(private_key)
        self._contact = contact
        self._policy = policy
        self._clock = clock
        # Made when something is sent: the API only looks at subscriptions.
        self._http: httpx.AsyncClient | None = None
        point = self._signer.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self._public_key = _base64url(point)
        # A contact that push services would refuse is refused when we start.
        self._signed("https://push.example")

    @property
    def public_key(self) -> str | None:
        """The key that pages subscribe with."""
        return self._public_key

    async def aclose(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.aclose()

    def ensure_acceptable(self, subscription: BrowserSubscription) -> None:
        """Raise Invalid `subscription_refused` for what nothing will ever be sent to."""
        try:
            self._policy.ensure_url(subscription.endpoint)
        except OutboundRefused as refused:
            raise _refused(refused.reason, str(refused)) from refused
        try:
            _receiver(subscription)
            self._signed(subscription.endpoint)
        except ValueError:
            raise _refused("keys", "The keys are not those of a browser's subscription.") from None

    async def send(self, message: PushMessage) -> str:
        """Send to one browser; returns where the push service says the message is. Errors are the port's."""
        try:
            subscription = BrowserSubscription.of_token(message.push_token)
            self._policy.ensure_url(subscription.endpoint)
            answer = await self._post(subscription, message)
        except OutboundRefused as refused:
            raise AddressRefused(f"endpoint_refused_{refused.reason}") from refused
        except (httpx.HTTPError, httpx.InvalidURL):
            raise _unavailable(None) from None
        except ValueError:
            raise AddressRefused("subscription_invalid") from None
        # A proxy in between that says 200 to everything has taken nothing.
        if answer.status_code in _TAKEN:
            return str(answer.headers.get("location") or f"web-push:{message.notification_id}")[:500]
        raise self._translated(answer)

    async def _post(self, subscription: BrowserSubscription, message: PushMessage) -> httpx.Response:
        kind = push_kind_of(message.event_type)
        headers = {
            **self._signed(subscription.endpoint),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(int(kind.lifetime.total_seconds())),
            "Urgency": kind.urgency,
            # Letters, digits and underscores, 30 of them: as it stands it is a topic (RFC 8030, 5.4).
            "Topic": message.notification_id,
        }
        body = _sealed(subscription, _payload(message))
        if self._http is None:
            self._http = guarded_client(self._policy)
        request = self._http.build_request("POST", subscription.endpoint, content=body, headers=headers)
        answer = await self._http.send(request, stream=True)
        await answer.aclose()
        return answer

    def _signed(self, endpoint: str) -> Mapping[str, str]:
        parts = urlsplit(endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int((self._clock.now() + _SIGNED_FOR).timestamp()),
            "sub": self._contact,
        }
        try:
            signed: Mapping[str, str] = self._signer.sign(claims)  # type: ignore[no-untyped-call]
        except VapidException as error:
            raise ValueError(f"this cannot be signed: {error}") from None
        return signed

    def _translated(self, answer: httpx.Response) -> Exception:
        status = answer.status_code
        if status in _GONE:
            return DeviceGone("subscription_gone")
        if answer.is_success or status in _BUSY or status >= _FIRST_SERVER_ERROR:
            return _unavailable(self._wait(answer.headers.get("retry-after")))
        # 403 among them: where our key is wrong, all browsers would be forgotten for a mistake in settings.
        return AddressRefused(f"push_refused_{status}")

    def _wait(self, header: str | None) -> int | None:
        asked = retry_after(header, self._clock.now())
        return None if asked is None else int(min(asked, _LONGEST_WAIT).total_seconds())


def _signer(private_key: Sensitive) -> Vapid02:
    written = private_key.reveal()
    try:
        signer: Vapid02 | None = (
            Vapid02.from_raw(written.encode())  # type: ignore[no-untyped-call]
            if len(_bytes(written)) == _KEY_BYTES
            else None
        )
    except (VapidException, ValueError):
        signer = None
    if signer is None:
        raise ValueError("web_push.private_key is not 32 bytes of base64url")
    return signer


def _payload(message: PushMessage) -> bytes:
    """Return what the service worker is given; a text that is too long is cut, and says so."""
    shown = {
        "notification_id": message.notification_id,
        "event_type": message.event_type,
        "title": message.title,
        "body": message.body,
        "actions": [
            {"action": action.name, "title": action.title, "token": action.token.reveal()}
            for action in message.actions
        ],
    }
    while (written := _json(shown)) and len(written) > MOST_PAYLOAD_BYTES:
        over = len(written) - MOST_PAYLOAD_BYTES
        longest = max(("title", "body"), key=lambda name: len(str(shown[name])))
        text = str(shown[longest]).removesuffix(_CUT)
        shown[longest] = text[: max(0, len(text) - over // 4 - 2)] + _CUT
    return written


def _json(shown: Any) -> bytes:
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode()


def _sealed(subscription: BrowserSubscription, payload: bytes) -> bytes:
    point, auth = _receiver(subscription)
    sealed: bytes = http_ece.encrypt(  # type: ignore[no-untyped-call]
        payload, private_key=ec.generate_private_key(_CURVE), dh=point, auth_secret=auth, version="aes128gcm"
    )
    return sealed


def _receiver(subscription: BrowserSubscription) -> tuple[bytes, bytes]:
    """Return a browser's public key and secret; ValueError when they are none."""
    point, auth = _bytes(subscription.p256dh), _bytes(subscription.auth)
    ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point)
    if len(auth) != _AUTH_BYTES:
        raise ValueError("the secret has 16 bytes")
    return point, auth


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))


def _base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _refused(reason: str, message: str) -> Invalid:
    return Invalid("subscription_refused", message, reason=reason)


def _unavailable(retry_after_seconds: int | None) -> RecipientAway:
    told = {} if retry_after_seconds is None else {"retry_after_seconds": retry_after_seconds}
    return RecipientAway("push_unavailable", "The push service does not answer; it is tried again.", **told)
