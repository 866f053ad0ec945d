"""What this process counts and times. Labels are few and fixed: no id, no word of anybody's is among them."""

from cardwright.measures.doing import periodic_run, provider_call, running_job
from cardwright.measures.metrics import (
    AUTHORIZATION_SECONDS,
    AUTHORIZATIONS,
    DRAINING,
    EVENTS_RELAYED,
    HTTP_REQUESTS,
    HTTP_SECONDS,
    LEDGER_DRIFT,
    LEDGER_VERIFIED,
    RELAYS_FAILED,
    STAGE_SECONDS,
)

__all__ = [
    "AUTHORIZATIONS",
    "AUTHORIZATION_SECONDS",
    "DRAINING",
    "EVENTS_RELAYED",
    "HTTP_REQUESTS",
    "HTTP_SECONDS",
    "LEDGER_DRIFT",
    "LEDGER_VERIFIED",
    "RELAYS_FAILED",
    "STAGE_SECONDS",
    "periodic_run",
    "provider_call",
    "running_job",
]
