"""Proofs over HTTP: what rules can never do, and what they would do, before anybody publishes them."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Final

from fastapi import Depends

from cardwright.access import Actor, Reach, allow
from cardwright.http import strict
from cardwright.http.deps import TransactionsDep
from cardwright.rules import lists
from cardwright.rules.domain import Rulebook
from cardwright.rules.evaluation import CompiledRulebook, compile_rulebook
from cardwright.rules.language.catalogue import Catalogue
from cardwright.rules.proofs import Report, prove
from cardwright.rules.proofs_schemas import ProofsBody, ProofsView
from cardwright.rules.rulebook import active_rulebook

router = strict.router("/v1/rules", "rules")

Reader = Annotated[Actor, Depends(allow("rules.read", reach=Reach.ANY))]
_BUDGET_SECONDS: Final = 10.0
# One proof at a time, beside the event loop: whoever asks for many shall not slow authorizations down.
_PROVING: Final = ThreadPoolExecutor(1, thread_name_prefix="proofs")


@router.post("/proofs")
async def prove_rules(body: ProofsBody, transactions: TransactionsDep, actor: Reader) -> ProofsView:
    """Prove which rules never fire, are shadowed or contradict, and what would change. Nothing is stored.

    Takes up to ten seconds; what is not decided by then is told as unknown.
    """
    # The connection is given back before the work begins.
    async with transactions() as session:
        active = await active_rulebook(session, actor.program_id)
        catalogue = await lists.catalogue_of(session, actor.program_id)
    report = await asyncio.get_running_loop().run_in_executor(_PROVING, _proven, body, active, catalogue)
    return ProofsView.of(report, active.rulebook.version)


def _proven(body: ProofsBody, active: CompiledRulebook, catalogue: Catalogue) -> Report:
    book = active
    if body.rules is not None:
        rules = tuple(rule.to_rule() for rule in body.rules)
        rulebook = Rulebook(active.rulebook.version + 1, rules, body.scoring.to_scoring())
        book = compile_rulebook(rulebook, catalogue)
    guardrails = [guardrail.to_guardrail() for guardrail in body.guardrails]
    return prove(book, active, guardrails, budget_seconds=_BUDGET_SECONDS, catalogue=catalogue)
