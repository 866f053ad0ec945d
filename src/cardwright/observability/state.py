"""The state of the work, read when asked for: what waits, for how long, which providers are left alone."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from cardwright.core.clock import Clock
from cardwright.db.session import Begin
from cardwright.notifications import PORTS, chain_of
from cardwright.observability import store

_KEPT_SECONDS: Final = 5.0
"""Several that ask within it are shown the same."""
_BREAKER: Final = {"closed": 0, "half_open": 1, "open": 2}
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Read:
    work: Mapping[str, Any]
    jobs: Mapping[str, Any]
    messages: Sequence[Mapping[str, Any]]
    holds: Sequence[Mapping[str, Any]]


class StateOfWork(Collector):
    """Every worker shows the same of the database, so that one is enough: take the highest of all."""

    def __init__(self, begin: Begin, provided: Mapping[type, Any]) -> None:
        self._begin = begin
        self._provided = provided
        self._read: _Read | None = None
        self._read_at = 0.0

    async def refresh(self) -> None:
        """Read the database anew, unless it has just been; when it is away nothing is shown of it."""
        if time.monotonic() - self._read_at < _KEPT_SECONDS:
            return
        self._read_at = time.monotonic()
        try:
            async with self._begin() as session:
                self._read = _Read(
                    await store.read_work(session), await store.read_jobs(session),
                    await store.read_messages(session), await store.read_holds(session),
                )  # fmt: skip
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            _log.warning("state_not_read", error=type(error).__name__)
            self._read = None

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield what was read last."""
        up = 0 if self._read is None else 1
        yield _gauge("database_up", "1 while the database answers.", up)
        yield self._breakers()
        if self._read is not None:
            yield from _shown(self._read)

    def _breakers(self) -> GaugeMetricFamily:
        found = GaugeMetricFamily(
            "cardwright_provider_breaker_state", "0 closed, 1 trying, 2 open: the provider is left alone.",
            labels=["channel", "provider"],
        )  # fmt: skip
        clock: Clock = self._provided[Clock]
        for channel, port in PORTS.items():
            if port in self._provided:
                for provider in chain_of(self._provided[port], clock).providers:
                    found.add_metric([channel, provider.name], _BREAKER[provider.breaker.state(clock.now())])
        return found


def _shown(read: _Read) -> Iterator[GaugeMetricFamily]:
    work, jobs = read.work, read.jobs
    yield _gauge("outbox_events", "Events that wait to be relayed.", work["outbox_events"])
    yield _gauge("outbox_oldest_seconds", "Since when the oldest does.", _age(work["outbox_oldest_seconds"]))
    yield _gauge("inbox_unhandled", "Webhooks that came in and are not handled.", work["inbox_unhandled"])
    yield _gauge("inbox_oldest_seconds", "Since when the oldest is not.", _age(work["inbox_oldest_seconds"]))
    yield _gauge("webhook_deliveries_due", "Webhooks that are due to go out.", work["webhooks_due"])
    yield _gauge(
        "webhook_deliveries_oldest_seconds",
        "Since when the oldest is.",
        _age(work["webhooks_oldest_seconds"]),
    )
    yield _gauge("differences_open", "Differences from what vendors report.", work["differences_open"])
    states = ("due", "put_off", "running", "held")
    yield _labelled("queue_jobs", "Jobs, by state.", "state", {state: jobs[state] for state in states})
    yield _gauge(
        "queue_oldest_due_seconds", "Since when the oldest job is due.", _age(jobs["oldest_seconds"])
    )
    due = {"email": 0, "sms": 0, "push": 0} | {row["channel"]: row["due"] for row in read.messages}
    yield _labelled("messages_due", "Messages to people that are due.", "channel", due)
    ages = {row["channel"]: _age(row["oldest_seconds"]) for row in read.messages}
    yield _labelled(
        "messages_oldest_due_seconds", "Since when the oldest is.", "channel", dict.fromkeys(due, 0.0) | ages
    )
    holds = {row["currency"]: row for row in read.holds}
    yield _labelled(
        "holds_open", "Holds that are open.", "currency", {it: row["open"] for it, row in holds.items()}
    )
    yield _labelled(
        "holds_minor_units", "What is held, in minor units.", "currency",
        {it: row["minor_units"] for it, row in holds.items()},
    )  # fmt: skip


def _age(seconds: float | None) -> float:
    return max(0.0, seconds or 0.0)


def _gauge(name: str, said: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"cardwright_{name}", said, value=value)


def _labelled(name: str, said: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    found = GaugeMetricFamily(f"cardwright_{name}", said, labels=[label])
    for each, value in values.items():
        found.add_metric([each], value)
    return found
