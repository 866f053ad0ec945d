"""What is read of the database to be shown as figures: counts and ages, nobody's in particular."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import text

from cardwright.db.session import Session

_BOOKS_LOCK: Final = 7_061_716_312
"""Any number that nothing else locks: of several workers one recomputes the books."""
_STAGES: Final = text("SELECT stages_us FROM decisions WHERE id = ANY(:ids) AND decided_by = 'cardwright'")
_WORK: Final = text("""
    SELECT (SELECT count(*) FROM outbox) AS outbox_events,
           (SELECT extract(epoch FROM clock_timestamp() - min(occurred_at))::float8
              FROM outbox) AS outbox_oldest_seconds,
           (SELECT count(*) FROM inbox WHERE handled_at IS NULL) AS inbox_unhandled,
           (SELECT extract(epoch FROM clock_timestamp() - min(received_at))::float8
              FROM inbox WHERE handled_at IS NULL) AS inbox_oldest_seconds,
           (SELECT count(*) FROM webhook_deliveries
              WHERE state = 'pending' AND due_at <= clock_timestamp()) AS webhooks_due,
           (SELECT extract(epoch FROM clock_timestamp() - min(due_at))::float8
              FROM webhook_deliveries WHERE state = 'pending'
              AND due_at <= clock_timestamp()) AS webhooks_oldest_seconds,
           (SELECT count(*) FROM differences WHERE closed_at IS NULL) AS differences_open
""")
_JOBS: Final = text("""
    SELECT count(*) FILTER (WHERE status = 'queued' AND execute_after <= clock_timestamp()) AS due,
           count(*) FILTER (WHERE status = 'queued' AND execute_after > clock_timestamp()) AS put_off,
           count(*) FILTER (WHERE status = 'picked') AS running,
           count(*) FILTER (WHERE status = 'failed') AS held,
           extract(epoch FROM clock_timestamp() - min(execute_after)
             FILTER (WHERE status = 'queued' AND execute_after <= clock_timestamp())
           )::float8 AS oldest_seconds
    FROM pgqueuer
""")
_MESSAGES: Final = text("""
    SELECT channel, count(*) AS due,
           extract(epoch FROM clock_timestamp() - min(due_at))::float8 AS oldest_seconds
    FROM notifications
    WHERE channel IN ('email', 'sms', 'push') AND state IN ('queued', 'sending', 'unknown')
      AND due_at <= clock_timestamp()
    GROUP BY channel
""")
_HOLDS: Final = text("""
    SELECT account.currency, count(*) AS open, sum(hold.remaining)::float8 AS minor_units
    FROM holds AS hold JOIN ledger_accounts AS account ON account.id = hold.account_id
    WHERE hold.remaining > 0 GROUP BY account.currency
""")
_TRY_BOOKS: Final = text("SELECT pg_try_advisory_xact_lock(:lock)")


async def stages_of(session: Session, decision_ids: Sequence[str]) -> Sequence[Mapping[str, int]]:
    """Return how long each stage of decisions took, in microseconds."""
    return (await session.execute(_STAGES, {"ids": list(decision_ids)})).scalars().all()


async def read_work(session: Session) -> Mapping[str, Any]:
    """Return how much waits in outbox and inbox, of webhooks and differences, and how long."""
    return dict((await session.execute(_WORK)).mappings().one())


async def read_jobs(session: Session) -> Mapping[str, Any]:
    """Return how many jobs are in which state, and since when the oldest that is due has been."""
    return dict((await session.execute(_JOBS)).mappings().one())


async def read_messages(session: Session) -> Sequence[Mapping[str, Any]]:
    """Return how many messages are due on each channel, and since when."""
    return [dict(row) for row in (await session.execute(_MESSAGES)).mappings()]


async def read_holds(session: Session) -> Sequence[Mapping[str, Any]]:
    """Return how many holds are open in each currency, and how much they hold."""
    return [dict(row) for row in (await session.execute(_HOLDS)).mappings()]


async def try_to_take_books(session: Session) -> bool:
    """Answer whether nobody else recomputes the books; until the session ends nobody else will."""
    return bool((await session.execute(_TRY_BOOKS, {"lock": _BOOKS_LOCK})).scalar_one())
