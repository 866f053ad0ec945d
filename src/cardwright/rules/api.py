"""The rules over HTTP: the active rulebook, proposing the next, checking a condition, its fields."""

from typing import Annotated

from fastapi import Depends

from cardwright.access import Actor, Reach, allow
from cardwright.approvals import ApprovalOutput
from cardwright.http import strict
from cardwright.http.deps import ClockDep, SessionDep, TransactionsDep, provided
from cardwright.rules import lists, proving, publishing
from cardwright.rules import rulebook as rulebooks
from cardwright.rules.language.catalogue import AUTHORIZATION_FIELDS
from cardwright.rules.language.checker import check
from cardwright.rules.language.diagnostics import ExpressionError
from cardwright.rules.ports import PastAuthorizations
from cardwright.rules.proofs_schemas import ProofsView, shown_witness
from cardwright.rules.proving import Next
from cardwright.rules.publishing import Proofs
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
HistoryDep = Annotated[PastAuthorizations, Depends(provided(PastAuthorizations))]


@router.get("")
async def get_active_rulebook(session: SessionDep, actor: Reader) -> RulebookView:
    """Return the rulebook that decides now."""
    return RulebookView.of(await rulebooks.find_active_publication(session, actor.program_id))


@router.put("", status_code=202)
async def propose_rulebook(
    body: RulebookBody, transactions: TransactionsDep, history: HistoryDep, clock: ClockDep, actor: Writer
) -> ApprovalOutput:
    """Propose the next version of the rulebook; it decides once somebody else approves it.

    What is proven of it is part of the proposal, with how often it has happened. Takes up to twelve seconds.
    """
    proposed = Next([rule.to_rule() for rule in body.rules], body.scoring.to_scoring())
    # A proof takes its time, and would be in vain.
    async with transactions() as session:
        await publishing.ensure_current(session, actor.program_id, body.expected_version)
    proven = await proving.prove_rules(
        transactions, actor.program_id, proposed, history=history, at=clock.now()
    )
    view = ProofsView.of(proven)
    obstacle = proving.find_obstacle(proven.report.guardrails, accepts_unproven=body.accept_unproven)
    if obstacle is not None:
        raise proving.refusal(obstacle, shown_witness(obstacle.witness))
    async with transactions() as session:
        approval = await publishing.propose_rulebook(
            session, program_id=actor.program_id, author_id=actor.user_id, rules=proposed.rules,
            scoring=proposed.scoring, note=body.note, expected_version=body.expected_version,
            proofs=Proofs(proven.kept, view.in_short()), at=clock.now(),
        )  # fmt: skip
    return ApprovalOutput.model_validate(approval)


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
