"""Backtests: rules tried on all recorded authorizations, with velocity as it was at each of them."""

from cardwright.backtests.domain import Change, Findings, RuleFindings, Share
from cardwright.backtests.duckdb_engine import open_duckdb
from cardwright.backtests.engines import Engine, Room
from cardwright.backtests.evaluation import evaluate
from cardwright.backtests.exporting import Exported, export
from cardwright.backtests.labels import latest_labels
from cardwright.backtests.match_queries import FRAUD
from cardwright.backtests.planning import findings_to_json, plan_of
from cardwright.backtests.recent import RecentAuthorizations
from cardwright.backtests.run import Request, Run, RunState
from cardwright.backtests.running import SUBSCRIPTIONS, forget_history, run_due
from cardwright.backtests.service import draft_request, get_run, lists_read, request_run
from cardwright.backtests.spark_engine import open_spark

__all__ = [
    "FRAUD",
    "SUBSCRIPTIONS",
    "Change",
    "Engine",
    "Exported",
    "Findings",
    "RecentAuthorizations",
    "Request",
    "Room",
    "RuleFindings",
    "Run",
    "RunState",
    "Share",
    "draft_request",
    "evaluate",
    "export",
    "findings_to_json",
    "forget_history",
    "get_run",
    "latest_labels",
    "lists_read",
    "open_duckdb",
    "open_spark",
    "plan_of",
    "request_run",
    "run_due",
]
