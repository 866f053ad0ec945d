"""Keeping risk models and choosing the one that scores; every change is in the audit trail."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from cardwright import audit
from cardwright.core.errors import NotFound
from cardwright.core.ids import new_id
from cardwright.db.session import Session
from cardwright.rules.scoring import model_store, runtime
from cardwright.rules.scoring.model_store import RiskModel


async def import_model(
    session: Session, program_id: str, content: bytes, *, by: str, at: datetime
) -> RiskModel:
    """Keep a model's file under the next version, inactive; the same file again is the same version.

    Raises ModelUnusable for a file that could not score.
    """
    described = runtime.load(content).described
    hash_ = runtime.content_hash(content)
    await model_store.lock_models(session, program_id)
    kept = await model_store.models_of(session, program_id)
    for model in kept:
        if model.hash == hash_:
            return model
    version = max((model.version for model in kept), default=0) + 1
    made = RiskModel(
        new_id("rmd"), program_id, version, hash_, described.features, described.metrics,
        described.trained_on, at, by, is_active=False,
    )  # fmt: skip
    await model_store.insert_model(session, made, content)
    details = {"version": version, "hash": hash_}
    await audit.record(session, by, program_id, "risk_model.imported", made.id, details, at)
    return made


async def activate_model(
    session: Session, program_id: str, version: int, *, by: str, at: datetime
) -> RiskModel:
    """Let a version score from the next decision on; raises NotFound, or ModelUnusable if it cannot."""
    await model_store.lock_models(session, program_id)
    kept = await model_store.models_of(session, program_id)
    wanted = next((model for model in kept if model.version == version), None)
    if wanted is None:
        raise NotFound("risk_model_unknown", f"There is no risk model of version {version}.")
    if wanted.is_active:
        return wanted
    # What was kept by an older version of this software may name features that this one does not have.
    runtime.load(await model_store.content_of(session, wanted.id))
    await model_store.set_active(session, program_id, version)
    await _record(session, wanted, kept, "risk_model.activated", by, at)
    return replace(wanted, is_active=True)


async def deactivate_model(session: Session, program_id: str, *, by: str, at: datetime) -> RiskModel | None:
    """Let no model score; return the one that did."""
    await model_store.lock_models(session, program_id)
    kept = await model_store.models_of(session, program_id)
    active = next((model for model in kept if model.is_active), None)
    if active is not None:
        await model_store.set_active(session, program_id, None)
        await _record(session, active, kept, "risk_model.deactivated", by, at)
    return active


async def _record(
    session: Session, model: RiskModel, kept: Sequence[RiskModel], action: audit.Action, by: str, at: datetime
) -> None:
    before = next((it.version for it in kept if it.is_active), None)
    details = {"version": model.version, "hash": model.hash, "before": before}
    await audit.record(session, by, model.program_id, action, model.id, details, at)
