"""How history is split in time, how rankings are judged, and that both runtimes say the same of it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardwright.rules import FEATURES, load_model
from cardwright.training import Sample, TooLittleHistory, TrainingUnavailable, fit, metrics_of, split_in_time
from optional import do_without

BEGUN = datetime(2026, 3, 1, tzinfo=UTC)


def history(rows: int, seed: int = 1, *, fraud_above: int = 80_00, noise: float = 0.05) -> list[Sample]:
    """Large amounts shortly after another are frauds, mostly; a fifth of the values is missing."""
    random = Random(seed)  # noqa: S311 - made-up history
    made = []
    for number in range(rows):
        features: dict[str, int | None] = {
            name: None if random.random() < 0.2 else random.randrange(100) for name in FEATURES
        }
        amount, since = random.randrange(100_00), random.choice([None, *range(0, 90_000, 900)])
        features |= {"amount": amount, "velocity.card.seconds_since_last": since}
        is_fraud = (amount > fraud_above and (since or 0) < 60_000) != (random.random() < noise)
        made.append(Sample(f"dec_{number:06}", BEGUN + timedelta(minutes=number), features, is_fraud))
    return made


def test_the_last_quarter_judges_what_is_learned_of_the_others() -> None:
    samples = history(401)
    split = split_in_time([*reversed(samples)])
    assert [*split.earlier, *split.later] == samples
    assert (len(split.earlier), len(split.later)) == (301, 100)


@pytest.mark.parametrize(
    ("rows", "frauds", "said"),
    [
        (199, 40, "there are 199 approved authorizations and 40 frauds"),
        (400, 19, "400 approved authorizations and 19 frauds"),
        (400, 400, "all of one kind"),
        (400, 250, "the last quarter"),
    ],
)
def test_too_little_is_refused_with_the_numbers(rows: int, frauds: int, said: str) -> None:
    samples = [
        Sample(f"dec_{n:06}", BEGUN + timedelta(minutes=n), {}, is_fraud=n < frauds) for n in range(rows)
    ]
    with pytest.raises(TooLittleHistory, match=said):
        split_in_time(samples)


RANKED = st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=40).filter(
    lambda ranked: len({label for label, _ in ranked}) == 2
)


@given(RANKED)
def test_metrics_are_those_of_their_definitions(ranked: list[tuple[bool, int]]) -> None:
    labels = [label for label, _ in ranked]
    scores = [float(score) for _, score in ranked]
    found = metrics_of(labels, scores)
    assert found["auc"] == pytest.approx(_auc(labels, scores), abs=1e-6)
    assert found["average_precision"] == pytest.approx(_average_precision(labels, scores), abs=1e-6)
    assert found["precision_at_100"] == pytest.approx(sum(labels) / len(labels), abs=1e-6)


def _auc(labels: Sequence[bool], scores: Sequence[float]) -> float:
    frauds = [score for label, score in zip(labels, scores, strict=True) if label]
    others = [score for label, score in zip(labels, scores, strict=True) if not label]
    won = [(a > b) + (a == b) / 2 for a, b in product(frauds, others)]
    return sum(won) / len(won)


def _average_precision(labels: Sequence[bool], scores: Sequence[float]) -> float:
    area, recall_before = 0.0, 0.0
    for threshold in sorted(set(scores), reverse=True):
        taken = [label for label, score in zip(labels, scores, strict=True) if score >= threshold]
        recall = sum(taken) / sum(labels)
        area += (recall - recall_before) * sum(taken) / len(taken)
        recall_before = recall
    return area


def test_precision_at_100_is_of_the_hundred_highest() -> None:
    labels = [n % 4 == 0 for n in range(100)] + [True] * 300
    assert metrics_of(labels, [float(-n) for n in range(400)])["precision_at_100"] == 0.25


def test_a_trained_model_says_in_onnx_runtime_what_lightgbm_says() -> None:
    if find_spec("lightgbm") is None:
        do_without("the dependency group `train` is not installed")
    fitted = fit(split_in_time(history(1_200)))
    assert fitted == fit(split_in_time(history(1_200)))
    assert fitted.described.metrics["auc"] > 0.8
    assert fitted.described.trained_on["rows"] == 1_200
    assert fitted.described.trained_on["judged_on"] == 300
    assert load_model(fitted.content).described == fitted.described
    independent = _told_by_lightgbm(history(1_200), history(500, seed=2))
    model = load_model(fitted.content)
    for sample, expected in zip(history(500, seed=2), independent, strict=True):
        assert abs(model.probability([sample.features[name] for name in FEATURES]) - expected) < 1e-6


def _told_by_lightgbm(learned: Sequence[Sample], asked: Sequence[Sample]) -> list[float]:
    import lightgbm
    import numpy as np

    from cardwright.training import fitting

    def rows(samples: Sequence[Sample]) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
        return np.array(
            [[np.nan if (it := s.features[name]) is None else it for name in FEATURES] for s in samples],
            dtype=np.float64,
        )

    earlier = split_in_time(learned).earlier
    data = lightgbm.Dataset(rows(earlier), np.array([int(it.is_fraud) for it in earlier]))
    booster = lightgbm.train(fitting._PARAMETERS, data, fitting._ROUNDS)
    return [float(it) for it in booster.predict(rows(asked))]


def test_without_the_group_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "lightgbm", None)
    with pytest.raises(TrainingUnavailable, match="group `train`"):
        fit(split_in_time(history(400)))
