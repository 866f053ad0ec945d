"""The rules and dashboards of deploy/observability, and what their expressions ask for."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import promql_parser
import yaml
from promql_parser import AggregateExpr, Expr, VectorSelector

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "deploy/observability"
RULES = ("objectives.yaml", "alerts.yaml")
DASHBOARDS = sorted(FOLDER.glob("dashboards/*.json"))
SCRAPED = {"job", "instance"}


def rules(name: str) -> Iterator[Mapping[str, Any]]:
    document = yaml.safe_load((FOLDER / name).read_text())
    return (rule for group in document["groups"] for rule in group["rules"])


ALERTS = {rule["alert"]: rule for rule in rules("alerts.yaml")}


def expressions() -> Iterator[tuple[str, str]]:
    """Where each expression stands, and the expression."""
    for name in RULES:
        for rule in rules(name):
            yield f"{name}: {rule.get('alert') or rule['record']}", rule["expr"]
    for path in DASHBOARDS:
        for panel in json.loads(path.read_text())["panels"]:
            for target in panel.get("targets", ()):
                yield f"{path.name}: {panel['title']}", target["expr"]


def parts(expression: Expr) -> Iterator[Expr]:
    found: list[Expr] = []
    promql_parser.walk(expression, found.append)
    return iter(found)


def asked_of(text: str) -> Iterator[tuple[str, set[str]]]:
    """Each metric that an expression names, with the labels that it is asked for."""
    for part in parts(promql_parser.parse(text)):
        if isinstance(part, VectorSelector):
            yield str(part.name), {it.name for it in part.matchers.matchers} - SCRAPED


def grouped_by(text: str) -> set[str]:
    found: set[str] = set()
    for part in parts(promql_parser.parse(text)):
        if isinstance(part, AggregateExpr) and part.modifier is not None:
            found |= set(part.modifier.labels)
    return found - SCRAPED
