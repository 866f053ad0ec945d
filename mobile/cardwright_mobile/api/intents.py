"""Keys for what happens once, however often it is asked for."""

from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Final, TypeVar
from uuid import uuid4

from cardwright_mobile.api.problems import ApiError, Refused

T = TypeVar("T")
_KEPT_SECONDS: Final = 600
"""Whoever asks for the same after so long means another one."""
_STILL_RUNNING: Final = "idempotency_key_in_use"


class Intents:
    """Holds the key of each wish until the server answered it.

    A tap that is repeated after an answer was lost sends the same key, and the server does the thing once.
    """

    def __init__(self) -> None:
        self._open: dict[str, tuple[str, float]] = {}

    async def fulfil(self, wish: str, act: Callable[[str], Awaitable[T]]) -> T:
        """Return what acting with the key of a wish brings; the wish tells the whole request."""
        key = self._key(wish)
        try:
            brought = await act(key)
        except ApiError as error:
            if _is_answer(error):
                self._open.pop(wish, None)
            raise
        self._open.pop(wish, None)
        return brought

    def _key(self, wish: str) -> str:
        now = monotonic()
        key, since = self._open.get(wish, ("", now))
        if not key or now - since > _KEPT_SECONDS:
            key = str(uuid4())
            self._open[wish] = (key, now)
        return key


def _is_answer(error: ApiError) -> bool:
    # A gateway that fails in between, as a server that is still at it, leaves open what became of the wish.
    return isinstance(error, Refused) and error.is_final and error.code != _STILL_RUNNING
