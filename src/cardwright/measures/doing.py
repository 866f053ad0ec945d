"""Blocks of work that are counted by how they end, and timed."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.trace import SpanKind

from cardwright.core.errors import Unavailable
from cardwright.measures.metrics import (
    JOB_SECONDS,
    JOBS,
    PERIODIC_RUNS,
    PERIODIC_SUCCESS,
    PROVIDER_CALLS,
    PROVIDER_SECONDS,
)

_tracer = trace.get_tracer("cardwright")


@contextmanager
def provider_call(provider: str, but: type[Exception] | tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Count and time one call of a provider; what it raises goes on. What it is not to blame for is `but`."""
    outcome, began = "ok", time.perf_counter()
    try:
        yield
    except but:
        raise
    except (Unavailable, TimeoutError, OSError):
        outcome = "unavailable"
        raise
    except asyncio.CancelledError:
        outcome = "cut_off"
        raise
    except Exception:
        outcome = "refused"
        raise
    finally:
        PROVIDER_CALLS.labels(provider, outcome).inc()
        PROVIDER_SECONDS.labels(provider).observe(time.perf_counter() - began)


@contextmanager
def running_job(subscription: str, event_id: str, subject_id: str) -> Iterator[None]:
    """Count and time one run of a job, and trace it."""
    outcome, began = "done", time.perf_counter()
    about = {
        "cardwright.subscription": subscription, "cardwright.event_id": event_id,
        "cardwright.subject_id": subject_id,
    }  # fmt: skip
    try:
        with _tracer.start_as_current_span(
            f"job {subscription}", kind=SpanKind.CONSUMER, attributes=about, record_exception=False
        ):
            yield
    except asyncio.CancelledError:
        outcome = "cut_off"
        raise
    except Unavailable:
        outcome = "put_off"
        raise
    except Exception:
        outcome = "failed"
        raise
    finally:
        JOBS.labels(subscription, outcome).inc()
        JOB_SECONDS.observe(time.perf_counter() - began)


@contextmanager
def periodic_run(task: str) -> Iterator[None]:
    """Count one round of periodic work."""
    try:
        yield
    except Exception:
        PERIODIC_RUNS.labels(task, "failed").inc()
        raise
    PERIODIC_RUNS.labels(task, "ok").inc()
    PERIODIC_SUCCESS.labels(task).set_to_current_time()
