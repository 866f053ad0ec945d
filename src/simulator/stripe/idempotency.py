"""Idempotency keys: the first answer to a key is the answer to every later request with it."""

import hashlib
from dataclasses import dataclass

from simulator.objects import JsonObject, ObjectStore
from simulator.stripe.errors import StripeError

KIND = "stripe.idempotency"
MAX_KEY_LENGTH = 255


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """The answer that a key already has, and the id of the request that got it."""

    status: int
    body: JsonObject
    request_id: str


class IdempotencyKeys:
    """What was answered to which key; a key under way is known to this process alone."""

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects
        self._under_way: set[str] = set()

    def begin(self, key: str, fingerprint: str) -> StoredAnswer | None:
        """Claim a key, or return its stored answer; StripeError when it is under way or used otherwise."""
        if len(key) > MAX_KEY_LENGTH:
            raise StripeError("An idempotency key has at most 255 characters.", kind="idempotency_error")
        kept = self._objects.get(KIND, key)
        if kept is not None and kept["fingerprint"] != fingerprint:
            raise StripeError(
                f"The idempotency key {key} was first used with another request; use a new key for this one.",
                kind="idempotency_error",
            )
        if kept is not None:
            return StoredAnswer(kept["status"], kept["body"], kept["request_id"])
        if key in self._under_way:
            raise StripeError(
                f"A request with the idempotency key {key} is still under way.",
                status=409,
                kind="idempotency_error",
                code="idempotency_key_in_use",
            )
        self._under_way.add(key)
        return None

    def keep(self, key: str, fingerprint: str, answer: StoredAnswer) -> None:
        """Make this the answer to the key from now on."""
        kept = {
            "id": key,
            "fingerprint": fingerprint,
            "status": answer.status,
            "body": answer.body,
            "request_id": answer.request_id,
        }
        self._objects.put(KIND, kept)

    def release(self, key: str) -> None:
        """Let the key go; without a kept answer it is as if it had never been used."""
        self._under_way.discard(key)


def fingerprint_of(method: str, path: str, body: bytes) -> str:
    """Return a digest that differs whenever the request does."""
    return hashlib.sha256(b"\0".join((method.encode(), path.encode(), body))).hexdigest()
