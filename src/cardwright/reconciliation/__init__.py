"""Reconciliation: what vendors report, record by record against what is recorded and posted here."""

from cardwright.reconciliation.domain import SENTENCES, Difference, Report, Run, RunState, Stream
from cardwright.reconciliation.kinds import fingerprint
from cardwright.reconciliation.ports import Reporter, Reporters, ReportPage
from cardwright.reconciliation.run_store import find_unfinished
from cardwright.reconciliation.running import SUBSCRIPTIONS, reconcile_nightly, request_run, run_due
from cardwright.reconciliation.store import open_differences

__all__ = [
    "SENTENCES",
    "SUBSCRIPTIONS",
    "Difference",
    "Report",
    "ReportPage",
    "Reporter",
    "Reporters",
    "Run",
    "RunState",
    "Stream",
    "find_unfinished",
    "fingerprint",
    "open_differences",
    "reconcile_nightly",
    "request_run",
    "run_due",
]
