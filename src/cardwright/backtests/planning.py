"""Requests to plans, and findings to the JSON that is stored and shown."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

from cardwright.backtests.domain import Findings, Share
from cardwright.backtests.evaluation import Plan, microseconds
from cardwright.backtests.match_queries import Stretch, Trial
from cardwright.backtests.run import Request
from cardwright.rules import ListContent, catalogue_with, checked_rules


def plan_of(request: Request, lists: Sequence[ListContent]) -> Plan:
    """Return what an engine is asked; raise RulebookInvalid where a rule has faults."""
    checked = checked_rules(request.rules, catalogue_with(lists))
    tested = set(request.tested)
    trials = [Trial(rule, checked[rule.name], rule.name in tested) for rule in request.rules]
    stretch = Stretch(*(None if at is None else microseconds(at) for at in (request.since, request.until)))
    return Plan(trials, request.scoring, {it.name: frozenset(it.values) for it in lists}, stretch)


def findings_to_json(findings: Findings) -> Mapping[str, Any]:
    """Return findings as JSON; a share becomes its value and its interval beside its parts."""
    found: Mapping[str, Any] = _plain(findings)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Share):
        low, high = value.interval
        shown = {"value": value.value, "low": low, "high": high}
        return {
            "part": value.part,
            "whole": value.whole,
            **{name: round(it, 6) for name, it in shown.items()},
        }
    if is_dataclass(value):
        return {it.name: _plain(getattr(value, it.name)) for it in fields(value)}
    if isinstance(value, Mapping):
        return {name: _plain(it) for name, it in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(it) for it in value]
    return value.isoformat() if isinstance(value, datetime) else value
