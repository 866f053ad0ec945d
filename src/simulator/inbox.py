"""Everything that reached a person: each e-mail, text message and push, newest first."""

from typing import Any, Literal

from simulator.clock import VirtualClock
from simulator.objects import ObjectStore

Channel = Literal["email", "sms", "push"]
KIND = "inbox"


class Inbox:
    """The phones and mailboxes of everyone, kept in the object store."""

    def __init__(self, objects: ObjectStore, clock: VirtualClock) -> None:
        self._objects = objects
        self._clock = clock

    def add(
        self,
        channel: Channel,
        *,
        to: str,
        sender: str,
        subject: str | None,
        text: str,
        html: str | None = None,
        extra: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Keep one arrived message and return it with its id and its time of arrival (ISO 8601)."""
        message = {
            "id": self._objects.new_id("msg"),
            "channel": channel,
            "to": to,
            "from": sender,
            "subject": subject,
            "text": text,
            "html": html,
            "extra": extra or {},
            "at": self._clock.now().isoformat(),
        }
        self._objects.put(KIND, message)
        return message

    def list(self, channel: str | None = None, to: str | None = None) -> list[dict[str, Any]]:
        """Return the messages of a channel and a recipient (None: any), newest first."""

        def is_wanted(message: dict[str, Any]) -> bool:
            return channel in {None, message["channel"]} and to in {None, message["to"]}

        return self._objects.list(KIND, where=is_wanted)
