"""Samples of the past, how they are split in time, and how well scores rank them. No I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final

LEAST_ROWS: Final = 200
LEAST_FRAUDS: Final = 20
_LATER_SHARE: Final = 4
"""One of so many rows, the latest ones, is kept for judging."""
_ALERTS: Final = 100


class TooLittleHistory(ValueError):
    """There is not enough to learn from."""


@dataclass(frozen=True, slots=True)
class Sample:
    """An approved authorization as it was seen when it occurred, and what became known of it later."""

    decision_id: str
    occurred_at: datetime
    features: Mapping[str, int | None]
    is_fraud: bool


@dataclass(frozen=True, slots=True)
class Split:
    """What is learned from, and what came later and judges it."""

    earlier: Sequence[Sample]
    later: Sequence[Sample]


def split_in_time(samples: Sequence[Sample]) -> Split:
    """Split samples where the last quarter begins; raises TooLittleHistory."""
    ordered = sorted(samples, key=lambda it: (it.occurred_at, it.decision_id))
    frauds = sum(it.is_fraud for it in ordered)
    if len(ordered) < LEAST_ROWS or frauds < LEAST_FRAUDS:
        raise TooLittleHistory(
            f"there are {len(ordered)} approved authorizations and {frauds} frauds among them, and it takes"
            f" at least {LEAST_ROWS} and {LEAST_FRAUDS}"
        )
    border = len(ordered) - len(ordered) // _LATER_SHARE
    split = Split(ordered[:border], ordered[border:])
    for name, part in (("first three quarters", split.earlier), ("last quarter", split.later)):
        if len({it.is_fraud for it in part}) == 1:
            raise TooLittleHistory(f"the {name} of the history are all of one kind: choose another span")
    return split


def metrics_of(labels: Sequence[bool], scores: Sequence[float]) -> dict[str, float]:
    """Return how well scores rank frauds first, each from 0 to 1; there are some of either kind.

    `auc` is the chance that a fraud scores higher than another payment, a tie being half of one;
    `average_precision` the area under precision over recall, by steps; `precision_at_100` the share of frauds
    among the hundred highest scores, or among all where there are fewer.
    """
    ranked = sorted(zip(scores, labels, strict=True), key=lambda it: -it[0])
    frauds = sum(labels)
    found = passed = 0
    pairs = precision = 0.0
    for _, tied in groupby(ranked, key=lambda it: it[0]):
        group = [label for _, label in tied]
        hits, misses = sum(group), len(group) - sum(group)
        pairs += misses * (found + hits / 2)
        found, passed = found + hits, passed + misses
        precision += hits * found / (found + passed)
    top = [label for _, label in ranked[:_ALERTS]]
    return {
        "auc": round(pairs / (frauds * passed), 6),
        "average_precision": round(precision / frauds, 6),
        "precision_at_100": round(sum(top) / len(top), 6),
    }


def account_of(split: Split) -> dict[str, Any]:
    """Return what a model was made of, as JSON: rows, frauds, and the span of time."""
    every = [*split.earlier, *split.later]
    return {
        "rows": len(every),
        "frauds": sum(it.is_fraud for it in every),
        "judged_on": len(split.later),
        "since": every[0].occurred_at.isoformat(),
        "until": every[-1].occurred_at.isoformat(),
    }
