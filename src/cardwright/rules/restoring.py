"""Changing the live rules at once and alone: back to what two people agreed to, or no rule at all.

Each is a version of its own, so that a decision always names the rules that it was made by. The database
checks that these are rules of an earlier version, or the active ones that only watch. What decides again is
held to the guardrails of now; switching off never is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from cardwright.audit import Action, record
from cardwright.core.errors import Conflict
from cardwright.db import outbox
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.rules import store
from cardwright.rules.domain import Rulebook, RuleStage
from cardwright.rules.proving import unknown_version
from cardwright.rules.publishing import ensure_guarded
from cardwright.rules.rulebook import compile_kept
from cardwright.rules.store import Publication


@dataclass(frozen=True, slots=True)
class HeldTo:
    """What earlier rules were held to before they decide again, by name, and what of it was not decided."""

    guardrails: Mapping[str, str] = field(default_factory=dict)
    unproven: Sequence[str] = ()


async def roll_back(
    session: Session, program_id: str, version: int, *, held_to: HeldTo, reason: str, by: str, at: datetime
) -> Publication:
    """Publish the rules of an earlier version again.

    Raises Invalid `rulebook_version_unknown`, Conflict `rulebook_is_active` when its rules decide now, and
    Conflict `guardrails_changed` when a guardrail is kept that is not among those it was held to.
    """
    active = await store.find_active_for_update(session, program_id)
    found = await store.find_version(session, program_id, version)
    if found is None:
        raise unknown_version(version)
    earlier = found.rulebook
    if earlier.hash == active.hash:
        raise Conflict("rulebook_is_active", f"The rules of version {version} decide already.")
    await ensure_guarded(session, program_id, held_to.guardrails)
    book = replace(earlier, version=active.version + 1)
    restored = Publication(book, by, reason, at, None, restores=version)
    await _publish(session, program_id, restored, active, "rulebook.rolled_back", held_to)
    return restored


async def kill(session: Session, program_id: str, *, reason: str, by: str, at: datetime) -> Publication:
    """Publish the active rules as such that only watch; raise Conflict `no_rule_decides` if none decides."""
    active = await store.find_active_for_update(session, program_id)
    found = await store.find_version(session, program_id, active.version)
    if found is None or not any(rule.is_deciding for rule in found.rulebook.rules):
        raise Conflict("no_rule_decides", "No rule decides: there is nothing to stop.")
    watching = tuple(
        replace(rule, stage=RuleStage.SHADOW, sample_percent=None) if rule.is_deciding else rule
        for rule in found.rulebook.rules
    )
    killed = Publication(
        Rulebook(active.version + 1, watching, found.rulebook.scoring), by, reason, at, None
    )  # fmt: skip
    await _publish(session, program_id, killed, active, "rulebook.killed")
    return killed


async def _publish(
    session: Session, program_id: str, publication: Publication, before: store.ActiveVersion, action: Action,
    held_to: HeldTo = HeldTo(),
) -> None:  # fmt: skip
    book = publication.rulebook
    await compile_kept(session, program_id, book)
    await store.insert_publication(session, program_id, publication)
    details = {"version": book.version, "hash": book.hash, "author_id": publication.author_id}
    trail: dict[str, Any] = {
        **details, "before": asdict(before), "reason": publication.note, "restores": publication.restores
    }  # fmt: skip
    if held_to.unproven:
        trail["unproven_guardrails"] = list(held_to.unproven)
    at = publication.published_at
    await record(session, publication.author_id, program_id, action, program_id, trail, at)
    await outbox.append(session, Event("rulebook.published", program_id, program_id, at, details))
