"""Proofs over HTTP: what rules can never do, and what they would do, before anybody publishes them."""

from typing import Annotated

from fastapi import Depends

from cardwright.access import Actor, Reach, allow
from cardwright.http import strict
from cardwright.http.deps import ClockDep, TransactionsDep, provided
from cardwright.rules import proving
from cardwright.rules.ports import PastAuthorizations
from cardwright.rules.proofs_schemas import ProofsBody, ProofsView
from cardwright.rules.proving import Next

router = strict.router("/v1/rules", "rules")

Reader = Annotated[Actor, Depends(allow("rules.read", reach=Reach.ANY))]
HistoryDep = Annotated[PastAuthorizations, Depends(provided(PastAuthorizations))]


@router.post("/proofs")
async def prove_rules(
    body: ProofsBody, transactions: TransactionsDep, history: HistoryDep, clock: ClockDep, actor: Reader
) -> ProofsView:
    """Prove which rules never fire, are shadowed or contradict, and what would change. Nothing is stored.

    The guardrails that the program keeps are proven as well. Takes up to ten seconds; what is not decided by
    then is told as unknown. Two seconds more go into counting how often what was found has happened.
    """
    proposed = None
    if body.rules is not None:
        proposed = Next([rule.to_rule() for rule in body.rules], body.scoring.to_scoring())
    more = [guardrail.to_guardrail() for guardrail in body.guardrails]
    proven = await proving.prove_rules(
        transactions, actor.program_id, proposed, more, history=history, at=clock.now()
    )
    return ProofsView.of(proven)
