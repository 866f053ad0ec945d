"""The rules over HTTP: the active rulebook, proposing the next, checking a condition, its fields."""

from typing import Annotated

from fastapi import Depends

from cardwright.access import Actor, Reach, allow
from cardwright.approvals import ApprovalOutput
from cardwright.http import strict
from cardwright.http.deps import ClockDep, SessionDep
from cardwright.rules import lists, publishing
from cardwright.rules import rulebook as rulebooks
from cardwright.rules.language.catalogue import AUTHORIZATION_FIELDS
from cardwright.rules.language.checker import check
from cardwright.rules.language.diagnostics import ExpressionError
from cardwright.rules.schemas import (
    CheckBody,
    CheckView,
    DiagnosticView,
    FieldView,
    RulebookBody,
    RulebookView,
)

router = strict.router("/v1/rules", "rules")

Reader = Annotated[Actor, Depends(allow("rules.read", reach=Reach.ANY))]
Writer = Annotated[Actor, Depends(allow("rules.write", reach=Reach.ANY))]


@router.get("")
async def get_active_rulebook(session: SessionDep, actor: Reader) -> RulebookView:
    """Return the rulebook that decides now."""
    return RulebookView.of(await rulebooks.find_active_publication(session, actor.program_id))


@router.put("", status_code=202)
async def propose_rulebook(
    body: RulebookBody, session: SessionDep, clock: ClockDep, actor: Writer
) -> ApprovalOutput:
    """Propose the next version of the rulebook; it decides once somebody else approves it."""
    proposed = await publishing.propose_rulebook(
        session,
        program_id=actor.program_id,
        author_id=actor.user_id,
        rules=[rule.to_rule() for rule in body.rules],
        scoring=body.scoring.to_scoring(),
        note=body.note,
        expected_version=body.expected_version,
        at=clock.now(),
    )
    return ApprovalOutput.model_validate(proposed)


@router.post("/check")
async def check_condition(body: CheckBody, session: SessionDep, actor: Reader) -> CheckView:
    """Check a condition: every fault with its place, or the fields it reads. Nothing is stored."""
    catalogue = await lists.catalogue_of(session, actor.program_id)
    try:
        checked = check(body.when, catalogue)
    except ExpressionError as error:
        faults = [DiagnosticView.model_validate(diagnostic) for diagnostic in error.diagnostics]
        return CheckView(is_valid=False, diagnostics=faults, fields=[])
    return CheckView(is_valid=True, diagnostics=[], fields=[FieldView.of(field) for field in checked.fields])


@router.get("/fields")
async def list_fields(actor: Reader) -> list[FieldView]:
    """Return the catalogue of fields: what each is, its unit and range, whether it can be missing."""
    del actor
    return [FieldView.of(field) for field in AUTHORIZATION_FIELDS.fields]
