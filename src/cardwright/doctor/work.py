"""Whether somebody works in the background, and whether the work gets done; and the books themselves."""

from typing import Final

from cardwright import ledger, payments
from cardwright.db.jobs import WORKER_NAME
from cardwright.db.session import Session
from cardwright.doctor import store
from cardwright.doctor.findings import Finding, ok, problem, skipped, warning

_SILENT_SECONDS: Final = 10.0
"""A queue asks for work every second."""
_LATE_SECONDS: Final = 30.0
_STUCK_SECONDS: Final = 300.0
_SHOWN: Final = 5
_START: Final = "Start `cardwright worker` with the same environment; look into its log if it runs."


async def examine_work(session: Session) -> list[Finding]:
    """Look at the worker, the outbox, the queue and the webhooks that came in."""
    waiting = await store.waiting(session)
    said = [
        await _worker(session),
        _age("outbox", "event(s) wait to be relayed", waiting["events"], waiting["events_age"]),
        _age("queue", "job(s) are due", waiting["due"], waiting["due_age"]),
        _age("inbox", "webhook(s) are not handled", waiting["unhandled"], waiting["unhandled_age"]),
    ]
    if waiting["held"]:
        remedy = (
            "Find `job_failed` in the worker's log, mend the cause, and queue them again (docs/runbooks)."
        )
        said.append(
            warning("queue", f"{waiting['held']} job(s) failed twelve times and wait for people.", remedy)
        )
    if waiting["retried"]:
        remedy = "Nothing, if a vendor is down: they go through once it is back. Else see the worker's log."
        said.append(warning("queue", f"{waiting['retried']} job(s) failed and are tried again.", remedy))
    return said


async def _worker(session: Session) -> Finding:
    connections, silent = await store.workers(session, WORKER_NAME)
    if not connections:
        return problem("worker", "No worker is connected to the database.", _START)
    if silent is None:
        remedy = "Run this with the same role as the worker, or grant it pg_read_all_stats."
        return skipped("worker", "A worker is connected; this role may not see what it does.", remedy)
    if silent > _SILENT_SECONDS:
        return problem(
            "worker", f"A worker is connected, and has not asked for work for {silent:.0f} s.", _START
        )
    return ok("worker", f"A worker asked for work {max(0.0, silent):.1f} s ago.")


def _age(check: str, what: str, number: int, age: float | None) -> Finding:
    seconds = max(0.0, age or 0.0)
    said = f"{number} {what}, the oldest for {seconds:.0f} s."
    if seconds > _STUCK_SECONDS:
        return problem(check, said, _START)
    if seconds > _LATE_SECONDS:
        remedy = "Look again in a minute; if it grows, start another worker and see the log of the first."
        return warning(check, said, remedy)
    return ok(check, said if number else "Nothing waits.")


async def examine_books(session: Session) -> list[Finding]:
    """Recompute every balance, hold, entry and payment: on a large installation this takes minutes."""
    wrong = [*await ledger.verify(session), *await payments.verify(session)]
    if not wrong:
        return [
            ok(
                "books",
                "Every balance equals its postings, every entry sums to zero, every hold is a payment's.",
            )
        ]
    shown = "; ".join(
        f"{found.what} of {found.subject_id} is {found.stored}, not {found.recomputed}"
        for found in wrong[:_SHOWN]
    )
    remedy = "Stop moving money: docs/runbooks/ledger-drift.md. `cardwright verify` shows all of it."
    return [problem("books", f"{len(wrong)} figure(s) are not what their rows add up to: {shown}.", remedy)]
