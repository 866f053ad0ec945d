"""Alerts and dashboards ask for figures that the product shows, and fire when, and only when, they should."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from integration.observability.rule_files import ALERTS, DASHBOARDS, FOLDER, ROOT, RULES
from optional import do_without

PARTS = ("## What it means", "## Look", "## Do", "## Afterwards")

# A minute of figures where all is well, to be gone on with.
_STEADY: Mapping[str, str] = {
    'cardwright_authorizations_total{outcome="approved",job="cardwright-api"}': "0+60x{n}",
    'cardwright_authorizations_total{outcome="declined",job="cardwright-api"}': "0+10x{n}",
    'cardwright_authorizations_total{outcome="stood_in_declined",job="cardwright-api"}': "0x{n}",
    'cardwright_authorizations_total{outcome="refused",job="cardwright-api"}': "0x{n}",
    'cardwright_authorization_seconds_bucket{le="0.5"}': "0+70x{n}",
    "cardwright_authorization_seconds_count": "0+70x{n}",
    'cardwright_http_requests_total{status="200",route="/v1/me"}': "0+100x{n}",
    'cardwright_http_requests_total{status="500",route="/v1/me"}': "0x{n}",
    'up{job="cardwright-api"}': "1x{n}",
    'up{job="cardwright-worker"}': "1x{n}",
    "cardwright_database_up": "1x{n}",
    "cardwright_outbox_oldest_seconds": "1x{n}",
    "cardwright_queue_oldest_due_seconds": "1x{n}",
    'cardwright_queue_jobs{state="held"}': "0x{n}",
    "cardwright_inbox_oldest_seconds": "1x{n}",
    'cardwright_messages_oldest_due_seconds{channel="sms"}': "1x{n}",
    "cardwright_webhook_deliveries_oldest_seconds": "1x{n}",
    'cardwright_provider_calls_total{provider="stripe",outcome="ok"}': "0+20x{n}",
    'cardwright_provider_calls_total{provider="stripe",outcome="unavailable"}': "0x{n}",
    'cardwright_provider_calls_total{provider="stripe",outcome="refused"}': "0x{n}",
    'cardwright_provider_breaker_state{channel="sms",provider="twilio",instance="a"}': "0x{n}",
    'cardwright_provider_breaker_state{channel="sms",provider="twilio",instance="b"}': "2x{n}",
    'cardwright_periodic_runs_total{task="sweep",outcome="ok"}': "0+1x{n}",
    'cardwright_periodic_runs_total{task="sweep",outcome="failed"}': "0x{n}",
    'cardwright_periodic_last_success_timestamp_seconds{task="seal_the_journal"}': "0+{seconds}x{n}",
    "cardwright_ledger_drift": "0x{n}",
    "cardwright_ledger_verified_timestamp_seconds": "0+{seconds}x{n}",
    "cardwright_differences_open": "0x{n}",
}
_LONG = 120
_GONE = "_x{n}"
_STUCK = "0+{seconds}x{n}"
# What is otherwise than above where an alert fires, each within the minutes.
_BROKEN: Mapping[str, tuple[int, Mapping[str, str]]] = {
    "AuthorizationsUndecided": (90, {"stood_in_declined": "0+2x{n}"}),
    "AuthorizationsUndecidedSlowly": (480, {"stood_in_declined": "0+0.1x{n}"}),
    "AuthorizationsSlow": (90, {'le="0.5"': "0+50x{n}"}),
    "ApprovalRateFell": (
        1500,
        {'"approved"': "0+60x144 8640+20x6", '"declined"': "0+10x144 1440+50x6"},
    ),
    "AuthorizationsRefused": (30, {'"refused",job': "0+60x{n}"}),
    "ApiDown": (10, {'up{job="cardwright-api': "0x{n}"}),
    "WorkerDown": (10, {'up{job="cardwright-worker': _GONE}),
    "DatabaseAway": (10, {"database_up": "0x{n}"}),
    "RequestsFail": (30, {'"500"': "0+5x{n}"}),
    "PeriodicWorkFails": (120, {'"sweep",outcome="ok"': "0x{n}", '"failed"': "0+1x{n}"}),
    "SealingStopped": (60, {"last_success": "0+60x10 600x{n}"}),
    "OutboxStuck": (10, {"outbox_oldest": _STUCK}),
    "QueueLate": (30, {"queue_oldest": _STUCK}),
    "JobsHeld": (30, {"queue_jobs": "3x{n}"}),
    "WebhooksUnhandled": (30, {"inbox_oldest": _STUCK}),
    "MessagesLate": (30, {"messages_oldest": _STUCK}),
    "WebhookDeliveriesLate": (60, {"deliveries_oldest": _STUCK}),
    "ProviderFails": (60, {'outcome="unavailable"': "0+8x{n}"}),
    "ProviderRefuses": (60, {'provider="stripe",outcome="refused"': "0+30x{n}"}),
    "ProviderLeftAlone": (30, {'instance="a"': "2x{n}"}),
    "LedgerDrift": (5, {"ledger_drift": "0x2 1x{n}"}),
    "BooksNotVerified": (400, {"ledger_verified": "60x{n}"}),
    "DifferencesOpen": (1500, {"differences_open": "1x{n}"}),
}


@pytest.mark.parametrize("name", sorted(ALERTS))
def test_an_alert_says_how_urgent_it_is_and_what_to_do(name: str) -> None:
    alert = ALERTS[name]
    assert alert["labels"]["severity"] in {"page", "ticket"}
    assert alert["annotations"]["summary"]
    runbook = (ROOT / alert["annotations"]["runbook"]).read_text()
    assert name in runbook
    assert [it for it in PARTS if it not in runbook] == []


def test_every_runbook_is_led_to_by_an_alert_and_names_no_metric_or_command_that_is_not_there() -> None:
    led_to = {alert["annotations"]["runbook"] for alert in ALERTS.values()}
    written = {str(path.relative_to(ROOT)) for path in (ROOT / "docs/runbooks").glob("*.md")}
    assert written - {"docs/runbooks/README.md"} == led_to
    from cardwright.cli import app

    commands = {it.name or it.callback.__name__ for it in app.registered_commands if it.callback is not None}
    commands |= {str(it.name) for it in app.registered_groups}
    for path in (ROOT / "docs/runbooks").glob("*.md"):
        assert set(re.findall(r"`cardwright ([a-z]+)", path.read_text())) <= commands, path.name


def test_the_committed_dashboards_are_those_that_the_code_gives() -> None:
    for path in DASHBOARDS:
        asked = [sys.executable, str(ROOT / "tools/dashboards.py"), path.stem]
        made = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
        assert path.read_text() == made, "run `make dashboards`"
    assert len(DASHBOARDS) == 2


def find_promtool() -> str:
    beside = ROOT / ".tools/bin/promtool"
    found = os.environ.get("PROMTOOL") or shutil.which("promtool")
    if not found and beside.is_file():
        found = str(beside)
    return found or do_without("there is no promtool here; name one with PROMTOOL=/path/to/promtool")


def _step(minutes: int) -> int:
    # What takes a day is looked at less often: each look costs.
    return 1 if minutes <= _LONG else 10


def a_test(name: str, minutes: int, changes: Mapping[str, str]) -> Mapping[str, Any]:
    """A world where an alert fires, or where all is well, and what promtool is to find in it."""
    series = dict(_STEADY)
    for part, values in changes.items():
        matching = [it for it in series if part in it]
        assert len(matching) == 1, f"{name}: {part} is not one series: {matching}"
        series[matching[0]] = values
    fires = {"expr": f'count(ALERTS{{alertstate="firing",alertname=~"{name}"}}) > bool 0'}
    samples: Sequence[Any] = [{"labels": "{}", "value": 1}] if changes else []
    step = _step(minutes)
    given = {"n": minutes // step, "seconds": 60 * step}
    return {
        "name": name,
        "interval": f"{step}m",
        "input_series": [{"series": it, "values": values.format(**given)} for it, values in series.items()],
        "promql_expr_test": [{**fires, "eval_time": f"{minutes}m", "exp_samples": samples}],
    }


def test_every_alert_fires_where_it_should_and_none_where_all_is_well(tmp_path: Path) -> None:
    promtool = find_promtool()
    assert set(_BROKEN) == set(ALERTS)
    worlds = [(name, *broken) for name, broken in _BROKEN.items()] + [(".+", 120, {}), (".+", 1500, {})]
    for step in (1, 10):
        tests = [a_test(*world) for world in worlds if _step(world[1]) == step]
        document = {
            "rule_files": [str(FOLDER / name) for name in RULES], "evaluation_interval": f"{step}m",
            "tests": tests,
        }  # fmt: skip
        path = tmp_path / f"every-{step}-minutes.yaml"
        path.write_text(yaml.safe_dump(document))
        done = subprocess.run(
            [promtool, "test", "rules", str(path)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
