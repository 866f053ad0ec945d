"""Changing the live rules: one proposes a rulebook, another approves it, and it decides from then on."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from cardwright import approvals
from cardwright.approvals import Approval, ApprovalKind
from cardwright.audit import record
from cardwright.core.errors import Conflict
from cardwright.db import outbox
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.rules import store
from cardwright.rules.domain import Rule, Rulebook, Scoring, rule_to_json, scoring_to_json
from cardwright.rules.rulebook import compile_kept
from cardwright.rules.store import ActiveVersion, Publication


async def propose_rulebook(
    session: Session,
    *,
    program_id: str,
    author_id: str,
    rules: Sequence[Rule],
    note: str,
    expected_version: int,
    at: datetime,
    scoring: Scoring = Scoring(),
) -> Approval:
    """Propose rules as the next version, checked as they will be checked again when they are approved.

    Raises RulebookInvalid when a rule has a fault, and Conflict `rulebook_version_conflict` when the active
    version is not `expected_version`. 0 means that none is published yet.
    """
    _ensure_current(await store.find_active(session, program_id), expected_version)
    rulebook = Rulebook(expected_version + 1, tuple(rules), scoring)
    await compile_kept(session, program_id, rulebook)
    payload: dict[str, Any] = {
        "expected_version": expected_version,
        "hash": rulebook.hash,
        "rules": [rule_to_json(rule) for rule in rulebook.rules],
    }
    if scoring != Scoring():
        payload["scoring"] = scoring_to_json(scoring)
    return await approvals.propose(
        session, RULEBOOK_PUBLICATION, program_id=program_id, subject_id=program_id, payload=payload,
        reason=note, by=author_id, at=at,
    )  # fmt: skip


async def _publish(session: Session, approval: Approval, at: datetime) -> None:
    program_id, expected_version = approval.program_id, approval.payload["expected_version"]
    active = await store.find_active_for_update(session, program_id)
    _ensure_current(active, expected_version)
    scoring = Scoring(**approval.payload.get("scoring", {}))
    rulebook = Rulebook(expected_version + 1, store.stored_rules(approval.payload["rules"]), scoring)
    await compile_kept(session, program_id, rulebook)
    publication = Publication(rulebook, approval.proposed_by, approval.reason, at, approval.id)
    await store.insert_publication(session, program_id, publication)
    details = {"version": rulebook.version, "hash": rulebook.hash, "author_id": approval.proposed_by}
    trail = {**details, "before": asdict(active), "approval_id": approval.id}
    await record(session, str(approval.decided_by), program_id, "rulebook.published", program_id, trail, at)
    await outbox.append(session, Event("rulebook.published", program_id, program_id, at, details))


def _ensure_current(active: ActiveVersion | None, expected_version: int) -> None:
    version = active.version if active else 0
    if version != expected_version:
        raise Conflict(
            "rulebook_version_conflict",
            f"Version {version} is active, not {expected_version}: read it, then propose again.",
            active_version=version,
        )


RULEBOOK_PUBLICATION: Final = ApprovalKind("rulebook.publish", "rules.write", "rules.approve", _publish)
