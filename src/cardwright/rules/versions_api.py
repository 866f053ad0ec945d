"""The versions of the rules over HTTP: looking back, going back, and stopping all rules at once."""

from typing import Annotated

from fastapi import Depends, Query

from cardwright.access import Actor, Reach, allow
from cardwright.db.confinement import confine_to_program
from cardwright.http import strict
from cardwright.http.deps import ClockDep, SessionDep, TransactionsDep
from cardwright.http.pagination import Limit
from cardwright.http.strict import IN_DIGITS
from cardwright.rules import proving, restoring, store
from cardwright.rules.domain import MAX_VERSION
from cardwright.rules.proofs import GuardrailVerdict
from cardwright.rules.proofs_schemas import shown_witness
from cardwright.rules.restoring import HeldTo
from cardwright.rules.schemas import KillBody, RollbackBody, RulebookView

router = strict.router("/v1/rules", "rules")

Reader = Annotated[Actor, Depends(allow("rules.read", reach=Reach.ANY))]
Writer = Annotated[Actor, Depends(allow("rules.write", reach=Reach.ANY))]


@router.get("/versions")
async def list_rulebook_versions(
    session: SessionDep, actor: Reader, limit: Limit = 20,
    before: Annotated[
        int | None, Query(ge=1, le=MAX_VERSION, description="Only versions older than this."), IN_DIGITS
    ] = None,
) -> list[RulebookView]:  # fmt: skip
    """Return the published versions, newest first."""
    found = await store.versions_before(session, actor.program_id, before or MAX_VERSION, limit)
    return [RulebookView.of(publication) for publication in found]


@router.post("/rollback")
async def roll_rulebook_back(
    body: RollbackBody, transactions: TransactionsDep, clock: ClockDep, actor: Writer
) -> RulebookView:
    """Let the rules of an earlier version decide again, at once: two people agreed to them before.

    They are held to the guardrails that are kept now, which takes up to three seconds.
    """
    proofs, kept = await proving.prove_restored(transactions, actor.program_id, body.version)
    obstacle = proving.find_obstacle(proofs, accepts_unproven=body.accept_unproven)
    if obstacle is not None:
        raise proving.refusal(obstacle, shown_witness(obstacle.witness))
    unproven = [it.guardrail for it in proofs if it.verdict is not GuardrailVerdict.HOLDS]
    async with transactions() as session:
        await confine_to_program(session, program_id=actor.program_id, user_id=actor.user_id)
        restored = await restoring.roll_back(
            session, actor.program_id, body.version, held_to=HeldTo(kept, unproven), reason=body.reason,
            by=actor.user_id, at=clock.now(),
        )  # fmt: skip
    return RulebookView.of(restored)


@router.post("/kill")
async def kill_rules(body: KillBody, session: SessionDep, clock: ClockDep, actor: Writer) -> RulebookView:
    """Let every rule only watch from now on; a rollback to the version before ends it.

    No guardrail and no proof stands against it.
    """
    killed = await restoring.kill(
        session, actor.program_id, reason=body.reason, by=actor.user_id, at=clock.now()
    )
    return RulebookView.of(killed)
