"""The way of an accepted message to its recipient, told to the sender by signed status callbacks.

A recipient made of `+1500555` and a carrier's five-digit error code never gets the message: `+150055530003`
ends `undelivered` with error 30003. With 30001 and 30002 it does not even leave the queue and ends `failed`.
"""

import asyncio
import base64
import hashlib
import hmac
import re
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from simulator.twilio.segments import segment_count
from simulator.webhooks import Message
from simulator.world import World

KIND = "twilio_message"
CHANNEL = "twilio"
FINAL_STATUSES = frozenset({"delivered", "undelivered", "failed", "received"})
_SCRIPTED_RECIPIENT = re.compile(r"\+1500555(\d{5})", re.ASCII)
_CARRIER_ERRORS = {
    30001: "Queue overflow",
    30002: "Account suspended",
    30003: "Unreachable destination handset",
    30004: "Message blocked",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Message filtered",
    30008: "Unknown error",
    30034: "Message from an unregistered number",
}
_NEVER_SENT = frozenset({30001, 30002})


def status_path(recipient: str) -> list[tuple[str, int | None]]:
    """Return the statuses that follow `queued` for a recipient, each with its error code."""
    scripted = _SCRIPTED_RECIPIENT.fullmatch(recipient)
    code = int(scripted[1]) if scripted else None
    if code not in _CARRIER_ERRORS:
        return [("sent", None), ("delivered", None)]
    return [("failed", code)] if code in _NEVER_SENT else [("sent", None), ("undelivered", code)]


def signed_headers(url: str, body: str, auth_token: str) -> dict[str, str]:
    """Sign a callback as Twilio does: HMAC-SHA1 over the URL and the form's sorted names and values."""
    parameters = sorted(parse_qsl(body, keep_blank_values=True))
    signed = url + "".join(name + value for name, value in parameters)
    digest = hmac.new(auth_token.encode(), signed.encode(), hashlib.sha1).digest()
    return {"X-Twilio-Signature": base64.b64encode(digest).decode()}


class SmsDelivery:
    """Carries each accepted message to its last status, in the background."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._tasks: set[asyncio.Task[None]] = set()
        world.dispatcher.register_signer(CHANNEL, signed_headers)

    def start(self, sid: str) -> None:
        """Set a queued message on its way."""
        task = asyncio.create_task(self._carry(sid))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def resume(self) -> None:
        """Go on with the messages that an earlier run left under way."""
        for message in self._world.objects.list(KIND):
            if message["status"] not in FINAL_STATUSES:
                self.start(message["sid"])

    async def aclose(self) -> None:
        """Stop; messages under way stay as they are until the next start."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _carry(self, sid: str) -> None:
        message = self._world.objects.get(KIND, sid)
        if message is None:
            return
        if message["status"] == "queued":
            self._call_back(message)
        for status, error_code in _rest_of_path(message):
            await asyncio.sleep(self._world.settings.sms_step_milliseconds / 1000)
            # A reset in the meantime forgets the message, and then nothing more may happen to it.
            if self._world.objects.get(KIND, sid) is None:
                return
            self._move_on(message, status, error_code)
            self._call_back(message)

    def _move_on(self, message: dict[str, Any], status: str, error_code: int | None) -> None:
        now = format_datetime(self._world.clock.now())
        sender = message["from"] or self._world.settings.twilio_numbers[0]
        message |= {"status": status, "date_updated": now, "from": sender}
        message["num_segments"] = str(segment_count(message["body"]))
        if status == "sent":
            message["date_sent"] = now
        if error_code is not None:
            message |= {"error_code": error_code, "error_message": _CARRIER_ERRORS[error_code]}
        self._world.objects.put(KIND, message)
        if status == "delivered":
            details = {"sid": message["sid"]}
            self._world.inbox.add(
                "sms", to=message["to"], sender=sender, subject=None, text=message["body"], extra=details
            )

    def _call_back(self, message: dict[str, Any]) -> None:
        url = message["status_callback"]
        if url is None:
            return
        callback = Message(
            channel=CHANNEL,
            endpoint=url,
            url=url,
            topic=f"twilio.message.{message['status']}",
            reference=message["sid"],
            body=urlencode(_callback_parameters(message)),
            secret=self._world.settings.twilio_auth_token,
            content_type="application/x-www-form-urlencoded",
        )
        self._world.dispatcher.submit(callback)


def _rest_of_path(message: dict[str, Any]) -> list[tuple[str, int | None]]:
    path = status_path(message["to"])
    if message["status"] == "queued":
        return path
    passed = [status for status, _ in path].index(message["status"])
    return path[passed + 1 :]


def _callback_parameters(message: dict[str, Any]) -> dict[str, str]:
    parameters = {
        "AccountSid": message["account_sid"],
        "ApiVersion": message["api_version"],
        "From": message["from"] or "",
        "MessageSid": message["sid"],
        "MessageStatus": message["status"],
        "SmsSid": message["sid"],
        "SmsStatus": message["status"],
        "To": message["to"],
    }
    if message["messaging_service_sid"] is not None:
        parameters["MessagingServiceSid"] = message["messaging_service_sid"]
    if message["error_code"] is not None:
        parameters["ErrorCode"] = str(message["error_code"])
    return parameters
