"""The demo's risk model: of an invented history, small, the same each time, and better than chance."""

from importlib.util import find_spec
from typing import Final

import pytest

from cardwright.demo import score
from cardwright.demo.invented import GAMBLING_MCC, Invented, invent
from cardwright.demo.invented_features import samples_of
from cardwright.rules import FEATURES, load_model, velocity_of
from cardwright.rules.scoring.runtime import thousandths
from cardwright.rules.velocity import definition
from cardwright.training import Sample, metrics_of
from optional import do_without
from unit.rules.velocity_by_hand import Happened, count

HELD_OUT_SEED: Final = 7
MOST_BYTES: Final = 200_000


@pytest.fixture(scope="module")
def history() -> list[Invented]:
    return [*invent(HELD_OUT_SEED, 80)]


@pytest.fixture(scope="module")
def held_out(history: list[Invented]) -> list[Sample]:
    return samples_of(history)


def probabilities(samples: list[Sample]) -> list[float]:
    model = load_model(score.demo_model())
    return [model.probability([it.features[name] for name in FEATURES]) for it in samples]


def test_the_file_is_small_and_says_that_its_history_was_generated() -> None:
    content = score.demo_model()
    assert len(content) < MOST_BYTES
    described = load_model(content).described
    assert described.features == FEATURES
    assert described.trained_on["source"] == "a generated history, for the demo only"
    assert (described.trained_on["seed"], described.trained_on["holders"]) == (score.SEED, score.HOLDERS)


def test_it_tells_frauds_from_others_in_a_history_it_was_not_trained_on(held_out: list[Sample]) -> None:
    assert score.SEED != HELD_OUT_SEED
    found = metrics_of([it.is_fraud for it in held_out], probabilities(held_out))
    assert found["auc"] > 0.9
    assert found["average_precision"] > 0.6


def test_it_says_the_same_to_the_bit_however_often_it_is_loaded(held_out: list[Sample]) -> None:
    first, second = probabilities(held_out[:400]), probabilities(held_out[:400])
    assert [it.hex() for it in first] == [it.hex() for it in second]
    assert {thousandths(it) for it in first} <= {*range(1_001)}


def test_an_invented_history_is_the_same_for_a_seed_and_another_for_another(history: list[Invented]) -> None:
    assert [*invent(HELD_OUT_SEED, 80)] == history
    assert [*invent(HELD_OUT_SEED + 1, 80)] != history
    instants = [it.at for it in history]
    assert instants == sorted(set(instants))
    assert all(it.at >= it.bearer.card_since for it in history)


def test_every_pattern_of_fraud_is_there_among_many_genuine_payments(history: list[Invented]) -> None:
    frauds = [it for it in history if it.is_fraud]
    assert len(frauds) * 10 < len(history)
    assert any(it.amount < 3_01 and it.shop.id.startswith("mer_tested") for it in frauds)
    assert any(it.shop.country not in {"US", "GB", "DE", "FR"} and it.amount >= 400_00 for it in frauds)
    assert any(it.shop.mcc == GAMBLING_MCC for it in frauds)
    assert any(it.shop.mcc == GAMBLING_MCC for it in history if not it.is_fraud)


def test_features_are_what_a_count_by_hand_gives(history: list[Invented], held_out: list[Sample]) -> None:
    happened = [
        Happened(
            it.bearer.card, it.bearer.holder, it.shop.id, it.shop.country, "USD", it.amount, it.is_approved,
            it.at,
        )
        for it in history
    ]  # fmt: skip
    by_instant = {it.at: it for it in happened}
    for sample in held_out[::97]:
        now = by_instant[sample.occurred_at]
        for name in velocity_of(FEATURES):
            found = definition(name)
            assert found is not None
            assert sample.features[name] == count(found, happened, now), name


def test_training_it_anew_gives_a_model_that_says_nearly_the_same(held_out: list[Sample]) -> None:
    if find_spec("lightgbm") is None:
        do_without("the dependency group `train` is not installed")
    # The bytes depend on LightGBM's version and the machine's arithmetic; here they are the same.
    model = load_model(score.train_demo_model().content)
    for sample, kept in zip(held_out[:500], probabilities(held_out[:500]), strict=True):
        assert abs(model.probability([sample.features[name] for name in FEATURES]) - kept) < 0.05


def test_it_needs_no_lightgbm(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "lightgbm", None)
    monkeypatch.setitem(sys.modules, "onnx", None)
    assert load_model(score.demo_model()).probability([None] * len(FEATURES)) < 1
