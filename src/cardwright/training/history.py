"""Samples from the platform's own past, each with what the live path would have read at its instant."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from cardwright import backtests, payments, rules
from cardwright.db.session import Session
from cardwright.rules import FEATURES
from cardwright.training.domain import Sample

_BATCH: Final = 1_000


async def samples_between(
    session: Session, program_id: str, *, since: datetime | None, until: datetime,
    advance: Callable[[int], object] = lambda _: None,
) -> Sequence[Sample]:  # fmt: skip
    """Return the approved authorizations decided from `since` until `until`, with what is known of them.

    What was declined never had the chance to be a fraud, so nothing is learned of it. `advance` is told of
    every batch how many it were.
    """
    known = await backtests.latest_labels(session, program_id)
    asked = await payments.approved_between(session, program_id, since=since, until=until)
    names = rules.velocity_of(FEATURES)
    samples: list[Sample] = []
    for start in range(0, len(asked), _BATCH):
        batch = asked[start : start + _BATCH]
        occurrences = await rules.occurrences_of(session, [it.decision_id for it in batch])
        for it in batch:
            occurred = occurrences.get(it.decision_id)
            if occurred is None:
                continue
            seen = await rules.read_past_velocity(
                session, names, occurred, amount=it.amount, currency=it.currency
            )
            features = rules.features_from(FEATURES, {**it.fields, **seen})
            is_fraud = known.get(it.payment_id) == backtests.FRAUD
            samples.append(Sample(it.decision_id, occurred.occurred_at, features, is_fraud))
        advance(len(batch))
    return samples
