"""Risk models over HTTP: which there are, what they were made of, and which one scores."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends
from pydantic import Field

from cardwright.access import Actor, Reach, allow
from cardwright.http import strict
from cardwright.http.deps import SessionDep
from cardwright.http.strict import Id, Output
from cardwright.rules.scoring import models_of

router = strict.router("/v1/rules/models", "rules")

Reader = Annotated[Actor, Depends(allow("rules.read", reach=Reach.ANY))]


class RiskModelView(Output):
    """A risk model; its file stays here."""

    id: Id
    version: int
    hash: str = Field(description="Names what is in its file.")
    is_active: bool = Field(description="Whether it scores; at most one does.")
    features: list[str] = Field(description="What it reads, in the order of its columns.")
    metrics: Mapping[str, Any] = Field(description="How well it did, as its maker measured.")
    trained_on: Mapping[str, Any] = Field(description="What it learned from.")
    created_at: datetime
    created_by: str


@router.get("")
async def list_risk_models(session: SessionDep, actor: Reader) -> list[RiskModelView]:
    """Return the program's risk models, the newest first."""
    found = await models_of(session, actor.program_id)
    return [RiskModelView.model_validate(model) for model in reversed(found)]
