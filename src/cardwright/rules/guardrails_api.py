"""Guardrails over HTTP: what no version of the rules may refuse."""

from typing import Annotated

from fastapi import Depends, Path, Response

from cardwright.access import Actor, Reach, allow
from cardwright.approvals import ApprovalOutput
from cardwright.core.ids import ID_PATTERN
from cardwright.http import strict
from cardwright.http.deps import ClockDep, IdempotencyDep, SessionDep
from cardwright.rules import guardrail_store, guardrails
from cardwright.rules.proofs_schemas import DropGuardrail, KeepGuardrail, KeptGuardrailView

router = strict.router("/v1/rules/guardrails", "rules")

Reader = Annotated[Actor, Depends(allow("rules.read", reach=Reach.ANY))]
Writer = Annotated[Actor, Depends(allow("rules.write", reach=Reach.ANY))]
Approver = Annotated[Actor, Depends(allow("rules.approve", reach=Reach.ANY))]
GuardrailId = Annotated[str, Path(pattern=ID_PATTERN, max_length=40)]


@router.get("")
async def list_guardrails(session: SessionDep, actor: Reader) -> list[KeptGuardrailView]:
    """Return the program's guardrails by name."""
    kept = await guardrail_store.kept_guardrails(session, actor.program_id)
    return [KeptGuardrailView.model_validate(it) for it in kept]


@router.post("", status_code=201, response_model=KeptGuardrailView)
async def keep_guardrail(
    body: KeepGuardrail, session: SessionDep, clock: ClockDep, actor: Approver, call: IdempotencyDep
) -> Response:
    """Keep a guardrail: no rules are published that break it.

    The active rules are not changed; `POST /v1/rules/proofs` tells whether they hold to it.
    """

    async def effect() -> KeptGuardrailView:
        kept = await guardrails.keep(
            session, actor.program_id, body.to_guardrail(), reason=body.reason, by=actor.user_id,
            at=clock.now(),
        )  # fmt: skip
        return KeptGuardrailView.model_validate(kept)

    return await call.once(actor.user_id, effect)


@router.post("/{guardrail_id}/drop", status_code=202, response_model=ApprovalOutput)
async def propose_guardrail_drop(
    guardrail_id: GuardrailId, body: DropGuardrail, actor: Writer, call: IdempotencyDep
) -> Response:
    """Propose to keep it no longer; rules are held to it until somebody else approves that."""

    async def effect() -> ApprovalOutput:
        proposed = await guardrails.propose_drop(
            call.session, actor.program_id, guardrail_id, reason=body.reason, by=actor.user_id,
            at=call.clock.now(),
        )  # fmt: skip
        return ApprovalOutput.model_validate(proposed)

    return await call.once(actor.user_id, effect, status=202)
