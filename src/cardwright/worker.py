"""The background process: relays the outbox into the job queue, runs the jobs, keeps the periodic work."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

import asyncpg
import structlog
from pgqueuer import AsyncpgDriver, Job, PgQueuer, Queries, RetryRequested
from structlog.contextvars import bind_contextvars

from cardwright import (
    approvals,
    audit,
    authentication,
    backtests,
    cards,
    cases,
    challenges,
    disputes,
    events,
    funding,
    kyc,
    ledger,
    measures,
    notifications,
    oauth,
    payments,
    reconciliation,
    rules,
    users,
    webhooks,
)
from cardwright.core.errors import Unavailable
from cardwright.db import outbox
from cardwright.db.jobs import ATTEMPTS, WORKER_NAME, AtOnce, Subscription, Work, pause_after
from cardwright.db.listening import ListeningFirst
from cardwright.db.outbox import Event
from cardwright.db.session import Session, canonical_json, plain_url
from cardwright.wiring import SUBSCRIPTIONS

_ENTRYPOINT: Final = "event"
_RELAYED_AT_ONCE: Final = 200
_RELAY_PAUSE_SECONDS: Final = 0.05
_JOBS_AT_ONCE: Final = 25
_MOST_JOBS: Final = 50
"""What runs at a time: more would wait for the connections of the pool, and give up."""
_LOST_AFTER: Final = timedelta(seconds=10)
"""A job that gave no sign of life for so long is done anew: the worker that had it was killed."""
_RECONNECT_SECONDS: Final = 1.0
_STUCK_SECONDS: Final = 60.0
_FINISH_WITHIN: Final = timedelta(seconds=20)

_log = structlog.get_logger()
Periodic: TypeAlias = tuple[str, float, Callable[[Work], Awaitable[Any]]]
"""A name, how many seconds lie between two rounds, and what is done."""
_PERIODIC: Final[Sequence[Periodic]] = (
    ("seal_the_audit_trail", 2.0, audit.seal),
    ("seal_the_journal", 2.0, ledger.seal_journal),
    ("forget_abandoned", 600.0, authentication.forget_abandoned),
    ("forget_old_numbers", 600.0, users.forget_old_numbers),
    ("index_names", 600.0, users.index_names),
    ("erase_closed_accounts", 60.0, users.erase_closed_accounts),
    ("expire_holds", 5.0, payments.expire_holds),
    ("expire_challenges", 5.0, challenges.expire_challenges),
    ("forget_stale_invitations", 600.0, challenges.forget_stale_invitations),
    ("expire_approvals", 60.0, approvals.expire_approvals),
    ("close_cards_that_are_over", 30.0, cards.close_over),
    ("close_used_up_cards", 30.0, payments.close_used_up_cards),
    ("tell_of_expiring_cards", 600.0, cards.tell_of_expiry),
    ("erase_numbers_of_canceled_cards", 600.0, cards.erase_numbers),
    ("forget_reveal_grants", 600.0, cards.forget_grants),
    ("find_drift_of_cards", 300.0, cards.find_drift),
    ("sweep_the_network", 60.0, payments.sweep),
    ("refresh_silent_verifications", 60.0, kyc.refresh_silent_verifications),
    ("sweep_verifications", 60.0, kyc.sweep_verifications),
    ("screen_nightly", 60.0, kyc.screen_nightly),
    ("mark_overdue_reviews", 60.0, kyc.mark_overdue_reviews),
    ("sweep_identity_documents", 60.0, kyc.sweep_documents),
    ("refresh_silent_disputes", 60.0, disputes.refresh_silent_disputes),
    ("remind_of_dispute_deadlines", 600.0, disputes.remind_of_deadlines),
    ("expire_dispute_drafts", 60.0, disputes.expire_drafts),
    ("mark_overdue_cases", 60.0, cases.mark_overdue_cases),
    ("forget_numbers_of_questions", 600.0, cases.forget_numbers),
    ("refresh_silent_top_ups", 60.0, funding.refresh_silent_top_ups),
    ("expire_abandoned_top_ups", 60.0, funding.expire_abandoned_top_ups),
    ("refresh_silent_methods", 60.0, funding.refresh_silent_methods),
    ("refresh_silent_refunds", 60.0, funding.refresh_silent_refunds),
    ("sweep_top_up_disputes", 300.0, funding.sweep_disputes),
    ("reconcile_nightly", 300.0, reconciliation.reconcile_nightly),
    ("take_up_backtests", 15.0, backtests.run_due),
    ("forget_exported_history", 600.0, backtests.forget_history),
    ("sweep_lists_of_rules", 600.0, rules.sweep_lists),
    ("roll_up_velocity", 5.0, rules.roll_up_velocity),
    ("sweep_events", 600.0, events.sweep_events),
    ("release_held_messages", 10.0, notifications.release_held),
    ("forget_what_expired", 60.0, oauth.forget_what_expired),
    ("sweep_webhook_log", 600.0, webhooks.sweep_log),
)


class Worker:
    """Runs until it is told to stop; several may run beside each other."""

    def __init__(
        self, work: Work, database_url: str, subscriptions: Sequence[Subscription] = SUBSCRIPTIONS, *,
        finish_within: timedelta = _FINISH_WITHIN, besides: Sequence[Periodic] = (),
    ) -> None:  # fmt: skip
        self._work = work
        self._database_url = database_url
        self._by_name: Mapping[str, Subscription] = {found.name: found for found in subscriptions}
        self._by_type: dict[str, list[Subscription]] = {}
        for subscription in subscriptions:
            self._by_type.setdefault(subscription.event_type, []).append(subscription)
        self._queue: PgQueuer | None = None
        self._finish_within = finish_within
        self._periodic = (*_PERIODIC, *besides)
        self._relayed_at = time.monotonic()
        self._handling: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()
        self._messages_due = asyncio.Event()
        self._webhooks_due = asyncio.Event()

    async def run(self) -> None:
        """Relay, run jobs and do the periodic work until `stop`; a database that goes away is waited for."""
        background = [
            asyncio.create_task(self._relay_forever(), name="relay"),
            asyncio.create_task(notifications.send_forever(self._work, self._messages_due), name="messages"),
            asyncio.create_task(webhooks.deliver_forever(self._work, self._webhooks_due), name="webhooks"),
        ]
        background += [
            asyncio.create_task(self._repeat(*periodic), name=periodic[0]) for periodic in self._periodic
        ]
        try:
            while not self._stopping.is_set():
                try:
                    await self._run_queue()
                except Exception as error:  # noqa: BLE001 - whatever ended the queue, jobs are still waiting
                    _log.error("queue_failed", error=type(error).__name__, exc_info=True)
                    await asyncio.sleep(_RECONNECT_SECONDS)
        finally:
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)

    def stop(self) -> None:
        """Finish the jobs that run, then return from `run`; jobs that take too long are left to others."""
        if not self._stopping.is_set():
            asyncio.get_running_loop().call_later(self._finish_within.total_seconds(), self._cut_off)
        self._stopping.set()
        if self._queue is not None:
            self._queue.shutdown.set()

    def is_alive(self) -> bool:
        """Answer whether the relay still goes round; it does so without a database, too."""
        return time.monotonic() - self._relayed_at < _STUCK_SECONDS

    def _cut_off(self) -> None:
        for handling in self._handling:
            handling.cancel()

    async def _run_queue(self) -> None:
        # The queue leaves nothing behind in a session, so none is reset between its statements.
        async with asyncpg.create_pool(
            plain_url(self._database_url), min_size=2, max_size=5, reset=_leave_as_it_is,
            server_settings={"application_name": WORKER_NAME},
        ) as pool:  # fmt: skip
            self._queue = PgQueuer(ListeningFirst(pool))
            self._queue.entrypoint(_ENTRYPOINT, on_failure="hold")(self._run_job)
            if self._stopping.is_set():
                # Asked while the connections were made: there was no queue yet to tell.
                return
            # A deferred job is noticed when the queue looks again, so it looks every second.
            await self._queue.run(
                dequeue_timeout=timedelta(seconds=1),
                batch_size=_JOBS_AT_ONCE,
                max_concurrent_tasks=_MOST_JOBS,
                heartbeat_timeout=_LOST_AFTER,
                shutdown_on_listener_failure=True,
            )

    async def relay(self) -> int:
        """Turn waiting events into what follows of them, in one transaction; return how many events."""
        async with self._work.transaction() as session:
            if not await outbox.is_any_waiting(session):
                return 0
            await events.begin_recording(session)
            taken = await outbox.take(session, _RELAYED_AT_ONCE)
            recorded = await events.record(session, taken, at=self._work.clock.now())
            await webhooks.queue_deliveries(session, recorded)
            jobs, afterwards = await self._handled_at_once(session, taken)
            if jobs:
                raw = (await session.get_raw_connection()).driver_connection
                assert isinstance(raw, asyncpg.Connection)  # noqa: S101 - the engine is on asyncpg
                await Queries(AsyncpgDriver(raw)).enqueue(
                    [_ENTRYPOINT] * len(jobs),
                    [_pack(subscription, event) for subscription, event in jobs],
                    [0] * len(jobs),
                    dedupe_key=[f"{event.id}:{subscription.name}" for subscription, event in jobs],
                )
        self._messages_due.set()
        self._webhooks_due.set()
        await notifications.tell_of_events(self._work.provided, recorded)
        for tell in afterwards:
            await tell()
        return len(taken)

    async def _handled_at_once(
        self, session: Session, taken: Sequence[Event]
    ) -> tuple[Sequence[tuple[Subscription, Event]], Sequence[Callable[[], Awaitable[None]]]]:
        """Handle what can be handled for all events together; return what is left for jobs, and for later.

        Should that fail, each event gets its job, so that one that is at fault holds up no other.
        """
        jobs: list[tuple[Subscription, Event]] = []
        together: dict[AtOnce, list[tuple[Subscription, Event]]] = {}
        for event in taken:
            for subscription in self._by_type.get(event.type, ()):
                kind = subscription.at_once
                (jobs if kind is None else together.setdefault(kind, [])).append((subscription, event))
        afterwards = []
        for handle, pairs in together.items():
            try:
                async with session.begin_nested():
                    afterwards.append(await handle(session, self._work, [event for _, event in pairs]))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is one event's
                _log.warning("not_handled_at_once", number=len(pairs), error=type(error).__name__)
                jobs += pairs
        return jobs, afterwards

    async def _run_job(self, job: Job) -> None:
        subscription_name, event = _unpack(job.payload or b"")
        subscription = self._by_name.get(subscription_name)
        if subscription is None:
            raise LookupError(f"no subscription is named {subscription_name}")
        bind_contextvars(subscription=subscription_name, event_id=event.id, subject_id=event.subject_id)
        try:
            await self._handle(subscription, event)
        except asyncio.CancelledError:
            # Never the queue's own doing, which would forget the job: it is handed back.
            _log.warning("job_cut_off")
            raise RetryRequested(delay=timedelta(), reason="cut_off") from None
        except Exception as error:
            is_patient = isinstance(error, Unavailable)
            _log.warning(
                "job_failed", attempt=job.attempts, error=type(error).__name__, exc_info=not is_patient,
            )  # fmt: skip
            if not is_patient and job.attempts >= ATTEMPTS:
                raise
            raise RetryRequested(
                delay=pause_after(job.attempts, error), reason=type(error).__name__
            ) from error

    async def _handle(self, subscription: Subscription, event: Event) -> None:
        # A task of our own, as the queue takes a task of its that is canceled for a job that is not wanted.
        handling = asyncio.create_task(_as_coroutine(subscription.handle(self._work, event)))
        self._handling.add(handling)
        handling.add_done_callback(self._handling.discard)
        with measures.running_job(subscription.name, event.id, event.subject_id):
            await handling

    async def _relay_forever(self) -> None:
        while True:
            try:
                relayed = await self.relay()
                measures.EVENTS_RELAYED.inc(relayed)
            except Exception as error:  # noqa: BLE001 - the database may be away; the relay must outlive it
                _log.warning("relay_failed", error=type(error).__name__)
                measures.RELAYS_FAILED.inc()
                relayed = 0
                await asyncio.sleep(1)
            self._relayed_at = time.monotonic()
            if relayed < _RELAYED_AT_ONCE:
                await asyncio.sleep(_RELAY_PAUSE_SECONDS)

    async def _repeat(self, name: str, every_seconds: float, do: Callable[[Work], Awaitable[Any]]) -> None:
        while True:
            await asyncio.sleep(every_seconds)
            try:
                with measures.periodic_run(name):
                    await do(self._work)
            except Exception as error:  # noqa: BLE001 - the next round tries again
                _log.warning("periodic_failed", name=name, error=type(error).__name__, exc_info=True)


async def _as_coroutine(handling: Awaitable[None]) -> None:
    await handling


async def _leave_as_it_is(_connection: object) -> None:
    """Do nothing."""


def _pack(subscription: Subscription, event: Event) -> bytes:
    return canonical_json({"subscription": subscription.name, "event": asdict(event)}).encode()


def _unpack(payload: bytes) -> tuple[str, Event]:
    packed = json.loads(payload)
    stored = packed["event"]
    occurred_at = datetime.fromisoformat(stored.pop("occurred_at"))
    return packed["subscription"], Event(**stored, occurred_at=occurred_at)
