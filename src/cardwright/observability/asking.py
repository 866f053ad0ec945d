"""Counts what networks are answered, at the port that writes the answers."""

from collections import deque
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final

from cardwright.measures import AUTHORIZATIONS
from cardwright.payments import Answer, AuthorizationRequest, AuthorizationWire

_MOST_REMEMBERED: Final = 500


@dataclass(slots=True)
class Answered:
    """The decisions that this process answered with since they were last taken; the oldest are forgotten."""

    decision_ids: deque[str] = field(default_factory=lambda: deque(maxlen=_MOST_REMEMBERED))

    def take(self) -> list[str]:
        """Return them, each once, and begin anew."""
        taken = list(dict.fromkeys(self.decision_ids))
        self.decision_ids.clear()
        return taken


@dataclass(slots=True)
class Told:
    """What the request that is being handled was answered, for its line in the log."""

    outcome: str | None = None
    decision_id: str | None = None


current_answer: ContextVar[Told | None] = ContextVar("current_answer", default=None)


class MeasuredWire:
    """Keeps the AuthorizationWire port with another one of it, and counts."""

    def __init__(self, wire: AuthorizationWire, answered: Answered) -> None:
        self._wire = wire
        self._answered = answered

    def read(self, headers: Mapping[str, str], body: bytes) -> AuthorizationRequest | None:
        """Verify and translate, and count what is refused."""
        try:
            return self._wire.read(headers, body)
        except Exception:
            _note("refused", None)
            raise

    def answer(self, *, approved: bool, decision_id: str | None, amount: int | None = None) -> Answer:
        """Write the answer, and count it."""
        outcome = "approved" if approved else "declined"
        if decision_id is None:
            outcome = f"stood_in_{outcome}"
        else:
            self._answered.decision_ids.append(decision_id)
        _note(outcome, decision_id)
        return self._wire.answer(approved=approved, decision_id=decision_id, amount=amount)


def _note(outcome: str, decision_id: str | None) -> None:
    AUTHORIZATIONS.labels(outcome).inc()
    told = current_answer.get()
    if told is not None:
        told.outcome, told.decision_id = outcome, decision_id
