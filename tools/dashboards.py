"""Writes the Grafana dashboards of deploy/observability; with the name of one, prints that one."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

_FOLDER: Final = Path(__file__).parents[1] / "deploy/observability/dashboards"
_SOURCE: Final = {"type": "prometheus", "uid": "${datasource}"}
_WIDTH, _HEIGHT, _ROW = 8, 8, 24
_P = "histogram_quantile({q}, sum by (le{by}) (rate({name}_bucket[5m])))"
_DECIDED = 'sum(rate(cardwright_authorizations_total{{outcome=~"{}"}}[5m]))'
_CALLS = 'sum by (provider) (rate(cardwright_provider_calls_total{{outcome=~"{}"}}[5m]))'
_WENT_WELL = "cardwright_periodic_last_success_timestamp_seconds"
Panel = tuple[str, str, Sequence[tuple[str, str]]]
"""A title, a unit of Grafana's, and expressions with what each is called."""


def _quantile(name: str, q: str, by: str = "") -> str:
    return _P.format(q=q, name=name, by=f", {by}" if by else "")


_PAYMENTS: Final[Sequence[Panel]] = (
    (
        "Approved, of what was decided", "percentunit",
        [(
            f'{_DECIDED.format("approved")} / {_DECIDED.format("approved|declined")}',
            "approved",
        )],
    ),
    (
        "Authorizations a second", "reqps",
        [("sum by (outcome) (rate(cardwright_authorizations_total[5m]))", "{{outcome}}")],
    ),
    (
        "Time to the answer", "s",
        [(_quantile("cardwright_authorization_seconds", q), f"p{q[2:]}") for q in ("0.50", "0.95", "0.99")],
    ),
    (
        "Stages of the decision, p99", "s",
        [(_quantile("cardwright_decision_stage_seconds", "0.99", "stage"), "{{stage}}")],
    ),
    (
        "Budget of undecided burnt, times what is allowed", "none",
        [
            (f"cardwright:authorizations_undecided:ratio_rate{window} / 0.0005", window)
            for window in ("5m", "30m", "1h", "6h", "3d")
        ],
    ),
    (
        "Budget of slow ones burnt, times what is allowed", "none",
        [
            (f"cardwright:authorizations_slow:ratio_rate{window} / 0.01", window)
            for window in ("5m", "30m", "1h", "6h", "3d")
        ],
    ),
    ("Holds open", "none", [("max by (currency) (cardwright_holds_open)", "{{currency}}")]),
    (
        "Held, in minor units", "none",
        [("max by (currency) (cardwright_holds_minor_units)", "{{currency}}")],
    ),
    (
        "Books: figures that are wrong, differences from vendors", "none",
        [("max(cardwright_ledger_drift)", "drift"), ("max(cardwright_differences_open)", "differences")],
    ),
    (
        "Books: since they were recomputed", "s",
        [("time() - max(cardwright_ledger_verified_timestamp_seconds)", "ago")],
    ),
)  # fmt: skip
_OPERATIONS: Final[Sequence[Panel]] = (
    (
        "Processes that answer", "none",
        [('sum by (job) (up{job=~"cardwright-.*"})', "{{job}}"), ("max(cardwright_database_up)", "database")],
    ),
    ("About to stop", "none", [("sum(cardwright_draining)", "API processes")]),
    (
        "Requests a second, by status", "reqps",
        [("sum by (status) (rate(cardwright_http_requests_total[5m]))", "{{status}}")],
    ),
    ("Requests, p99", "s", [(_quantile("cardwright_http_request_seconds", "0.99", "kind"), "{{kind}}")]),
    (
        "Oldest that waits", "s",
        [
            ("max(cardwright_outbox_oldest_seconds)", "outbox"),
            ("max(cardwright_queue_oldest_due_seconds)", "queue"),
            ("max(cardwright_inbox_oldest_seconds)", "inbox"),
            ("max(cardwright_webhook_deliveries_oldest_seconds)", "webhooks out"),
            ("max by (channel) (cardwright_messages_oldest_due_seconds)", "{{channel}}"),
        ],
    ),
    (
        "How much waits", "none",
        [
            ("max(cardwright_outbox_events)", "outbox"),
            ("max(cardwright_inbox_unhandled)", "inbox"),
            ("max(cardwright_webhook_deliveries_due)", "webhooks out"),
            ("max by (channel) (cardwright_messages_due)", "{{channel}}"),
        ],
    ),
    ("Jobs, by state", "none", [("max by (state) (cardwright_queue_jobs)", "{{state}}")]),
    (
        "Jobs a second, by end", "reqps",
        [("sum by (outcome) (rate(cardwright_jobs_total[5m]))", "{{outcome}}")],
    ),
    (
        "Jobs that failed in the last hour", "none",
        [(
            'topk(10, sum by (subscription) (increase(cardwright_jobs_total{outcome="failed"}[1h])))',
            "{{subscription}}",
        )],
    ),
    ("Jobs, p99", "s", [(_quantile("cardwright_job_seconds", "0.99"), "p99")]),
    (
        "Relay", "reqps",
        [
            ("sum(rate(cardwright_events_relayed_total[5m]))", "events"),
            ("sum(rate(cardwright_relays_failed_total[5m]))", "rounds that failed"),
        ],
    ),
    (
        "Providers: calls that fail", "percentunit",
        [(
            f'{_CALLS.format("unavailable")} / {_CALLS.format(".*")}',
            "{{provider}}",
        )],
    ),
    (
        "Providers: time, p95", "s",
        [(_quantile("cardwright_provider_call_seconds", "0.95", "provider"), "{{provider}}")],
    ),
    (
        "Providers left alone: 1 trying, 2 open", "none",
        [("max by (channel, provider) (cardwright_provider_breaker_state)", "{{channel}} {{provider}}")],
    ),
    (
        "Periodic work that failed in the last hour", "none",
        [('sum by (task) (increase(cardwright_periodic_runs_total{outcome="failed"}[1h])) > 0', "{{task}}")],
    ),
    (
        "Periodic work: since it went well", "s",
        [(f"topk(10, time() - max by (task) ({_WENT_WELL}))", "{{task}}")],
    ),
)  # fmt: skip
_DASHBOARDS: Final = {
    "payments": ("Cardwright: payments", _PAYMENTS),
    "operations": ("Cardwright: operations", _OPERATIONS),
}


def dashboard(name: str) -> str:
    """Return one as Grafana imports it."""
    title, panels = _DASHBOARDS[name]
    document = {
        "uid": f"cardwright-{name}", "title": title, "tags": ["cardwright"], "schemaVersion": 39,
        "editable": False, "refresh": "30s", "time": {"from": "now-6h", "to": "now"}, "timezone": "utc",
        "templating": {"list": [{"name": "datasource", "type": "datasource", "query": "prometheus"}]},
        "panels": [_panel(place, *panel) for place, panel in enumerate(panels)],
    }  # fmt: skip
    return json.dumps(document, indent=1) + "\n"


def _panel(place: int, title: str, unit: str, asked: Sequence[tuple[str, str]]) -> dict[str, Any]:
    in_row = _ROW // _WIDTH
    return {
        "id": place + 1, "title": title, "type": "timeseries", "datasource": _SOURCE,
        "gridPos": {
            "x": place % in_row * _WIDTH, "y": place // in_row * _HEIGHT, "w": _WIDTH, "h": _HEIGHT,
        },
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}},
        "targets": [
            {"refId": chr(65 + number), "expr": expression, "legendFormat": legend, "datasource": _SOURCE}
            for number, (expression, legend) in enumerate(asked)
        ],
    }  # fmt: skip


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.stdout.write(dashboard(sys.argv[1]))
    else:
        for each in _DASHBOARDS:
            (_FOLDER / f"{each}.json").write_text(dashboard(each))
