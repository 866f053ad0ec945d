"""What challenges need of the outside world: the server that asks, and takes the answer."""

from enum import StrEnum
from typing import Protocol


class Outcome(StrEnum):
    """What the server did with an answer: took it, or had ended the challenge before it came."""

    TAKEN = "taken"
    TIMED_OUT = "timed_out"
    CANCELED = "canceled"


class ChallengeServer(Protocol):
    """The issuer's access control server, which asks the cardholder on the merchant's behalf."""

    async def answer(self, reference: str, *, approved: bool, key: str) -> Outcome:
        """Tell what was decided; the same key has no second effect and the same outcome.

        Raises Unavailable when the server does not answer: then it may have taken it or not.
        """
        ...
