"""Changing the live rules: one proposes a rulebook, another approves it, and it decides from then on."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

from cardwright import approvals
from cardwright.approvals import Approval, ApprovalKind
from cardwright.audit import record
from cardwright.core.errors import Conflict
from cardwright.db import outbox
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.rules import guardrail_store, store
from cardwright.rules.domain import Rule, Rulebook, Scoring, rule_to_json, scoring_to_json
from cardwright.rules.rulebook import compile_kept
from cardwright.rules.store import ActiveVersion, Publication


@dataclass(frozen=True, slots=True)
class Proofs:
    """What was proven of a proposal: the kept guardrails that it was held to, and the answers as JSON."""

    guardrails: Mapping[str, str] = field(default_factory=dict)
    shown: Mapping[str, Any] | None = None


async def ensure_current(session: Session, program_id: str, expected_version: int) -> None:
    """Raise Conflict `rulebook_version_conflict` when another version is active."""
    _ensure_current(await store.find_active(session, program_id), expected_version)


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
    proofs: Proofs = Proofs(),
) -> Approval:
    """Propose rules as the next version, checked as they will be checked again when they are approved.

    Raises RulebookInvalid when a rule has a fault, Conflict `rulebook_version_conflict` when the active
    version is not `expected_version`, and Conflict `guardrails_changed` when others are kept by now than were
    proven. 0 means that none is published yet.
    """
    await ensure_current(session, program_id, expected_version)
    await ensure_guarded(session, program_id, proofs.guardrails)
    rulebook = Rulebook(expected_version + 1, tuple(rules), scoring)
    await compile_kept(session, program_id, rulebook)
    payload: dict[str, Any] = {
        "expected_version": expected_version,
        "hash": rulebook.hash,
        "rules": [rule_to_json(rule) for rule in rulebook.rules],
    }
    if proofs.guardrails:
        payload["guardrails"] = dict(proofs.guardrails)
    if proofs.shown is not None:
        payload["proofs"] = proofs.shown
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
    await ensure_guarded(session, program_id, approval.payload.get("guardrails", {}))
    scoring = Scoring(**approval.payload.get("scoring", {}))
    rulebook = Rulebook(expected_version + 1, store.stored_rules(approval.payload["rules"]), scoring)
    await compile_kept(session, program_id, rulebook)
    publication = Publication(rulebook, approval.proposed_by, approval.reason, at, approval.id)
    await store.insert_publication(session, program_id, publication)
    details = {"version": rulebook.version, "hash": rulebook.hash, "author_id": approval.proposed_by}
    trail = {**details, "before": asdict(active), "approval_id": approval.id}
    await record(session, str(approval.decided_by), program_id, "rulebook.published", program_id, trail, at)
    await outbox.append(session, Event("rulebook.published", program_id, program_id, at, details))


async def ensure_guarded(session: Session, program_id: str, proven: Mapping[str, str]) -> None:
    """Raise Conflict `guardrails_changed` when a guardrail is kept that rules were not held to."""
    await guardrail_store.lock_guardrails(session, program_id)
    kept = {it.name: it.when for it in await guardrail_store.kept_guardrails(session, program_id)}
    if not kept.items() <= proven.items():
        raise Conflict(
            "guardrails_changed",
            "Guardrails are kept that these rules were not held to: ask again.",
        )


def _ensure_current(active: ActiveVersion | None, expected_version: int) -> None:
    version = active.version if active else 0
    if version != expected_version:
        raise Conflict(
            "rulebook_version_conflict",
            f"Version {version} is active, not {expected_version}: read it, then propose again.",
            active_version=version,
        )


RULEBOOK_PUBLICATION: Final = ApprovalKind("rulebook.publish", "rules.write", "rules.approve", _publish)
