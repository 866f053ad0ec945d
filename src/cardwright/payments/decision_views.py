"""How decisions are shown: to their holder with every number, to staff with the facts as well."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import Field

from cardwright.http.strict import Id, Output
from cardwright.payments.decision import RULES_CHECK
from cardwright.payments.store import Decision


class CheckView(Output):
    """One check of a decision; `detail`, and what would pass a rule, are shown to staff only."""

    name: str
    passed: bool
    explanation: str
    would_pass: str | None
    detail: str | None


class VerdictView(Output):
    """Yes or no, and every check with the numbers that it looked at."""

    outcome: str
    reason_code: str | None
    response_code: str
    checks: list[CheckView]
    rulebook_version: int
    rulebook_hash: str


class DecisionView(VerdictView):
    """Why an authorization was approved or declined."""

    id: Id
    decided_by: str
    processor_reason: str | None = Field(
        description="The processor's own word, where it decided without us.", examples=["spending_controls"]
    )
    stages_us: dict[str, int] = Field(description="Microseconds each stage took.")
    decided_at: datetime


class StaffDecisionView(DecisionView):
    """The same with the facts, which replay it."""

    facts: dict[str, Any]


def show_verdict(decision: Decision, *, is_staff: bool) -> VerdictView:
    """Show what was decided and why, without saying that it happened."""
    return VerdictView.model_validate(_verdict(decision, is_staff=is_staff))


def show_decision(decision: Decision, *, is_staff: bool) -> DecisionView:
    """Show a decision; staff get the facts as well."""
    shown = {
        **_verdict(decision, is_staff=is_staff),
        "id": decision.id,
        "decided_by": decision.decided_by,
        "processor_reason": decision.facts.network and decision.facts.network.reason,
        "stages_us": decision.stages_us,
        "decided_at": decision.decided_at,
    }
    if is_staff:
        return StaffDecisionView.model_validate({**shown, "facts": decision.facts.to_json()})
    return DecisionView.model_validate(shown)


def _verdict(decision: Decision, *, is_staff: bool) -> dict[str, Any]:
    return {
        "outcome": decision.verdict["outcome"],
        "reason_code": decision.verdict["reason_code"],
        "response_code": decision.verdict["response_code"],
        "checks": [_check(check, is_staff=is_staff) for check in decision.verdict["checks"]],
        "rulebook_version": decision.facts.rulebook_version,
        "rulebook_hash": decision.facts.rulebook_hash,
    }


def _check(check: Mapping[str, Any], *, is_staff: bool) -> CheckView:
    hides_hint = check["name"] == RULES_CHECK and not is_staff
    return CheckView(
        name=check["name"], passed=check["passed"], explanation=check["explanation"],
        would_pass=None if hides_hint else check["would_pass"], detail=check["detail"] if is_staff else None,
    )  # fmt: skip
