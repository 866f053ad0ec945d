"""The metrics themselves, by the names that dashboards and alerts know them by."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

# The network waits for two seconds in all, and what is approved in its place begins at one and a half.
_DECISION: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 1.5, 2.0)
_STAGE: Final = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
_CALL: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

AUTHORIZATIONS: Final = Counter(
    "cardwright_authorizations", "Authorizations answered, by what the network was told.", ["outcome"]
)
"""`approved` and `declined` are decisions; `stood_in_…` had none in time; `refused` was not understood."""
for _outcome in ("approved", "declined", "stood_in_approved", "stood_in_declined", "refused"):
    AUTHORIZATIONS.labels(_outcome)
AUTHORIZATION_SECONDS: Final = Histogram(
    "cardwright_authorization_seconds", "From an authorization's arrival to its answer.", buckets=_DECISION
)
STAGE_SECONDS: Final = Histogram(
    "cardwright_decision_stage_seconds", "How long a stage of a decision took.", ["stage"], buckets=_STAGE
)
HTTP_REQUESTS: Final = Counter(
    "cardwright_http_requests",
    "Requests answered, by the pattern of their route.",
    ["method", "route", "status"],
)
HTTP_SECONDS: Final = Histogram(
    "cardwright_http_request_seconds",
    "From a request to the beginning of its answer.",
    ["kind"],
    buckets=_CALL,
)
DRAINING: Final = Gauge("cardwright_draining", "1 while the process is about to stop.")
EVENTS_RELAYED: Final = Counter("cardwright_events_relayed", "Events taken from the outbox.")
RELAYS_FAILED: Final = Counter("cardwright_relays_failed", "Rounds of the relay that failed.")
JOBS: Final = Counter("cardwright_jobs", "Jobs run, by how they ended.", ["subscription", "outcome"])
JOB_SECONDS: Final = Histogram("cardwright_job_seconds", "How long a job ran.", buckets=_CALL)
PERIODIC_RUNS: Final = Counter("cardwright_periodic_runs", "Rounds of periodic work.", ["task", "outcome"])
PERIODIC_SUCCESS: Final = Gauge(
    "cardwright_periodic_last_success_timestamp_seconds", "When periodic work went well last.", ["task"]
)
PROVIDER_CALLS: Final = Counter(
    "cardwright_provider_calls", "Calls of providers, by how they ended.", ["provider", "outcome"]
)
"""`unavailable` may heal by itself; `refused` is a mistake of our settings, or a no to one request."""
PROVIDER_SECONDS: Final = Histogram(
    "cardwright_provider_call_seconds", "How long a provider took.", ["provider"], buckets=_CALL
)
LEDGER_DRIFT: Final = Gauge(
    "cardwright_ledger_drift", "Figures that are not what their rows add up to, when last recomputed here."
)
LEDGER_VERIFIED: Final = Gauge(
    "cardwright_ledger_verified_timestamp_seconds", "When the books were recomputed here last."
)
