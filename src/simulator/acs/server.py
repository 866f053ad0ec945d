"""Challenges and how they end: by the issuer's answer, by the merchant's change of mind, or by time."""

import asyncio
import json
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from simulator.acs.errors import AcsError
from simulator.acs.signatures import new_signing_secret, signature_headers
from simulator.clock import VirtualClock
from simulator.objects import JsonObject, ObjectStore
from simulator.webhooks import Dispatcher, Message

KIND = "acs.challenge"
CHANNEL = "acs"
SWEEP_SECONDS = 0.5
_ENDPOINT_KIND = "acs.endpoint"
_ENDPOINT_ID = "endpoint"
_ANSWER_KIND = "acs.answer"
End = Literal["timed_out", "canceled"]


class Seller(BaseModel):
    """Who wants to be paid."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(min_length=1, max_length=60)
    name: str = Field(min_length=1, max_length=120)
    category_code: str = Field(pattern="^[0-9]{4}$")
    country: str | None = Field(default=None, pattern="^[A-Z]{2}$")


class Wanted(BaseModel):
    """A purchase that the merchant's side wants to have confirmed; `card` is the issuer's own reference."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    card: str = Field(min_length=1, max_length=60)
    merchant: Seller
    amount: int = Field(ge=0)
    currency: str = Field(pattern="^[A-Z]{3}$")
    expires_in_seconds: int = Field(default=300, ge=1, le=3600)


class ChallengeServer:
    """Every challenge, the endpoint that hears of them, and the task that lets them time out."""

    def __init__(self, objects: ObjectStore, clock: VirtualClock, dispatcher: Dispatcher) -> None:
        self._objects = objects
        self._clock = clock
        self._dispatcher = dispatcher
        self._task: asyncio.Task[None] | None = None
        dispatcher.register_signer(CHANNEL, signature_headers)
        clock.on_advance(self.time_out)

    def set_endpoint(self, url: str) -> JsonObject:
        """Set where webhooks go; the signing secret stays the same for as long as there is one."""
        kept = self.endpoint()
        secret = kept["secret"] if kept else new_signing_secret()
        endpoint = {"id": _ENDPOINT_ID, "url": url, "secret": secret}
        self._objects.put(_ENDPOINT_KIND, endpoint)
        return endpoint

    def endpoint(self) -> JsonObject | None:
        """Return {"url", "secret"}, or None: then nobody hears of anything."""
        return self._objects.get(_ENDPOINT_KIND, _ENDPOINT_ID)

    def create(self, wanted: Wanted) -> JsonObject:
        """Ask for a purchase."""
        now = self._clock.timestamp()
        challenge = {
            **wanted.model_dump(exclude={"expires_in_seconds"}),
            "id": self._objects.new_id("acsch"),
            "object": "challenge",
            "status": "pending",
            "is_redeemed": False,
            "created": now,
            "expires_at": now + wanted.expires_in_seconds,
        }
        self._objects.put(KIND, challenge)
        self._tell("challenge.created", challenge)
        return challenge

    def get(self, challenge_id: str) -> JsonObject:
        """Return a challenge as it stands now; AcsError 404 for what there is not."""
        self.time_out()
        challenge = self._objects.get(KIND, challenge_id)
        if challenge is None:
            raise AcsError(404, "challenge_unknown", f"No such challenge: {challenge_id}")
        return challenge

    def answer(self, challenge_id: str, *, approved: bool, key: str) -> JsonObject:
        """Take the issuer's answer; one that comes too late, or under a used key, changes nothing."""
        challenge = self.get(challenge_id)
        wanted = "approved" if approved else "refused"
        known = self._objects.get(_ANSWER_KIND, key)
        if known is not None:
            if (known["challenge"], known["wanted"]) != (challenge_id, wanted):
                raise AcsError(422, "key_reused", "This key was used for another answer.")
            return challenge
        if challenge["status"] in {"approved", "refused"}:
            raise AcsError(409, "challenge_answered", "This challenge was answered before.")
        if challenge["status"] == "pending":
            challenge["status"] = wanted
            self._objects.put(KIND, challenge)
        self._objects.put(_ANSWER_KIND, {"id": key, "challenge": challenge_id, "wanted": wanted})
        return challenge

    def redeem(self, challenge_id: str) -> JsonObject:
        """Let the merchant pay on an approval, once; AcsError 409 for anything else."""
        challenge = self.get(challenge_id)
        if challenge["status"] != "approved":
            raise AcsError(409, "not_approved", f"This challenge is {challenge['status']}.")
        if challenge["is_redeemed"]:
            raise AcsError(409, "redeemed", "This approval was used before.")
        challenge["is_redeemed"] = True
        self._objects.put(KIND, challenge)
        return challenge

    def cancel(self, challenge_id: str) -> JsonObject:
        """Stop asking, as when the shopper closes the merchant's page; AcsError 409 once it has ended."""
        challenge = self.get(challenge_id)
        if challenge["status"] != "pending":
            raise AcsError(409, "challenge_ended", f"This challenge is {challenge['status']}.")
        return self._end(challenge, "canceled")

    def time_out(self) -> None:
        """End what nobody answered in time."""
        now = self._clock.timestamp()
        for challenge in self._objects.list(KIND, where=lambda it: it["status"] == "pending"):
            if challenge["expires_at"] <= now:
                self._end(challenge, "timed_out")

    def answers(self) -> int:
        """Say how many answers were taken or came too late."""
        return self._objects.count(_ANSWER_KIND)

    async def start(self) -> None:
        """Begin to watch the time."""
        self._task = asyncio.create_task(self._sweep())

    async def stop(self) -> None:
        """Stop watching."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _sweep(self) -> None:
        while True:
            self.time_out()
            await asyncio.sleep(SWEEP_SECONDS)

    def _end(self, challenge: JsonObject, status: End) -> JsonObject:
        challenge["status"] = status
        self._objects.put(KIND, challenge)
        self._tell(f"challenge.{status}", challenge)
        return challenge

    def _tell(self, event_type: str, challenge: JsonObject) -> None:
        endpoint = self.endpoint()
        if endpoint is None:
            return
        event = {
            "id": self._objects.new_id("msg"),
            "type": event_type,
            "timestamp": self._clock.timestamp(),
            "data": challenge,
        }
        message = Message(
            channel=CHANNEL,
            endpoint=CHANNEL,
            url=endpoint["url"],
            topic=event_type,
            reference=challenge["id"],
            body=json.dumps(event),
            secret=endpoint["secret"],
        )
        self._dispatcher.submit(message)
