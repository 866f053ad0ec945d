"""Words between processes that something is new for somebody: they wake streams, and may be lost."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from cardwright.events import RecordedEvent

_THINGS: Final[Mapping[str, tuple[str, str]]] = {
    "payments": ("payment.changed", "payment_id"),
    "cards": ("card.changed", "card_id"),
    "challenges": ("challenge.changed", "challenge_id"),
    "disputes": ("dispute.changed", "dispute_id"),
    "cases": ("question.changed", "question_id"),
    "funding": ("money.changed", ""),
    "kyc": ("identity.changed", ""),
}


@dataclass(frozen=True, slots=True)
class Hint:
    """That something changed: `kind` says what sort of thing, `id` which one."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Signal:
    """That something is new for a person: in their inbox, or with a thing of theirs."""

    user_id: str
    hint: Hint | None = None


class Signals(Protocol):
    """What carries signals from any process to all that have streams open."""

    async def publish(self, program_id: str, signals: Sequence[Signal]) -> None:
        """Send signals, if it can be done at once; never raises for a carrier that is away."""
        ...

    def listen(self, program_id: str) -> AsyncIterator[Signal | None]:
        """Yield None once nothing is missed any more, then what comes; ends when the carrier goes away."""
        ...


class NoSignals:
    """Keeps Signals where there is no carrier: streams look into the database by themselves."""

    async def publish(self, program_id: str, signals: Sequence[Signal]) -> None:
        """Send nothing."""

    async def listen(self, program_id: str) -> AsyncIterator[Signal | None]:  # noqa: ARG002 - the port's
        """End at once."""
        for never in tuple[Signal, ...]():
            yield never


def hint_of(event: RecordedEvent) -> Signal | None:
    """Return whom an event of the stream tells to look at what again; None when it is nobody's matter.

    >>> from datetime import UTC, datetime
    >>> at = datetime(2026, 11, 23, tzinfo=UTC)
    >>> told = ("evt_1", "prog_1", 7, "payments.payment_cleared", "pay_1", "user_1", at, {})
    >>> hint_of(RecordedEvent(*told))
    Signal(user_id='user_1', hint=Hint(kind='payment.changed', id='pay_1'))
    """
    found = _THINGS.get(event.type.partition(".")[0])
    if found is None or event.user_id is None:
        return None
    kind, field = found
    return Signal(event.user_id, Hint(kind, str(event.data.get(field, event.subject_id))))


def hints_of(events: Iterable[RecordedEvent]) -> Mapping[str, Sequence[Signal]]:
    """Return by program what events tell people to look at again, each thing once."""
    by_program: dict[str, dict[Signal, None]] = {}
    for event in events:
        signal = hint_of(event)
        if signal is not None:
            by_program.setdefault(event.program_id, {})[signal] = None
    return {program_id: list(signals) for program_id, signals in by_program.items()}


async def tell_of_events(provided: Mapping[type, Any], events: Iterable[RecordedEvent]) -> None:
    """Wake those whose things changed; call it once the events are committed."""
    for program_id, signals in hints_of(events).items():
        await _carrier(provided).publish(program_id, signals)


async def tell_of_inboxes(provided: Mapping[type, Any], whose: Iterable[tuple[str, str]]) -> None:
    """Wake people's streams, by program and person; call it once what is new is committed."""
    by_program: dict[str, list[Signal]] = {}
    for program_id, user_id in whose:
        by_program.setdefault(program_id, []).append(Signal(user_id))
    for program_id, signals in by_program.items():
        await _carrier(provided).publish(program_id, signals)


def _carrier(provided: Mapping[type, Any]) -> Signals:
    found: Signals = provided.get(Signals) or NoSignals()
    return found
