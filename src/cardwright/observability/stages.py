"""How long the stages of decisions took, read from the decisions themselves: the hot path counts nothing."""

from cardwright.db.session import Begin
from cardwright.measures import STAGE_SECONDS
from cardwright.observability import store
from cardwright.observability.asking import Answered

_MICROSECONDS = 1_000_000


async def observe_stages(begin: Begin, answered: Answered) -> None:
    """Time the stages of what this process answered since the last time, of at most 500 decisions."""
    decision_ids = answered.take()
    if not decision_ids:
        return
    async with begin() as session:
        for stages in await store.stages_of(session, decision_ids):
            for stage, microseconds in stages.items():
                STAGE_SECONDS.labels(stage).observe(microseconds / _MICROSECONDS)
