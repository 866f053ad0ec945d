"""Features in their order, probabilities in thousandths, trees that say the same in another runtime."""

import math
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardwright.rules import AUTHORIZATION_FIELDS, FEATURES, features_from, load_model, velocity_of
from cardwright.rules.scoring.runtime import thousandths
from cardwright.training.converting import ModelNotConvertible, to_onnx
from risk_models import a_model, above, branch, dumped, leaf

FIRST = (
    "amount", "kind", "channel", "merchant.mcc", "card.type", "card.age_days", "holder.kyc_level",
    "holder.age_days", "velocity.card.attempted_count_5m", "velocity.card.attempted_count_1h",
    "velocity.card.attempted_count_24h", "velocity.card.declined_count_1h",
    "velocity.card.declined_count_24h", "velocity.card.approved_amount_1h",
    "velocity.card.approved_amount_24h", "velocity.card.approved_amount_7d",
    "velocity.card.approved_count_30d", "velocity.card.distinct_merchants_24h",
    "velocity.card.distinct_countries_24h", "velocity.card.percent_of_mean_30d",
    "velocity.card.seconds_since_last", "velocity.card.seconds_since_first",
    "velocity.holder.attempted_count_1h", "velocity.holder.attempted_count_24h",
    "velocity.holder.declined_count_24h", "velocity.holder.approved_amount_24h",
    "velocity.holder.distinct_merchants_24h", "velocity.merchant.attempted_count_1h",
    "velocity.merchant.attempted_count_24h", "velocity.merchant.declined_count_1h",
    "velocity.merchant.declined_count_24h", "velocity.merchant.distinct_cards_1h",
    "velocity.merchant.distinct_cards_24h", "velocity.card_merchant.attempted_count_90d",
    "velocity.card_merchant.seconds_since_first",
)  # fmt: skip


def test_features_only_ever_grow_at_the_end() -> None:
    assert FEATURES[: len(FIRST)] == FIRST
    assert all(AUTHORIZATION_FIELDS.find(name) for name in FEATURES)
    assert set(velocity_of(FEATURES)) == {name for name in FIRST if name.startswith("velocity.")}


def test_words_are_numbers_by_their_place_for_ever() -> None:
    # Models are trained with these numbers: none may ever mean another word.
    words: dict[str, list[str]] = {
        "kind": ["authorization", "increment", "verification", "balance_inquiry", "refund_authorization"],
        "channel": ["ecommerce", "in_person", "wallet", "atm"],
        "card.type": ["standard", "single_use", "limited_use", "exact_amount", "merchant_locked",
                      "recurring", "dated"],
    }  # fmt: skip
    for name, known in words.items():
        assert [features_from([name], {name: word})[name] for word in known] == [*range(len(known))]
        field = AUTHORIZATION_FIELDS.find(name)
        assert field is not None
        assert field.type.vocabulary is not None
        assert all(features_from([name], {name: it})[name] is not None for it in field.type.vocabulary.words)


def test_a_feature_is_a_number_or_nothing() -> None:
    fields = {"merchant.mcc": "0742", "channel": "telepathy", "amount": 12}
    assert features_from(["merchant.mcc", "channel", "amount", "card.age_days"], fields) == {
        "merchant.mcc": 742, "channel": None, "amount": 12, "card.age_days": None,
    }  # fmt: skip
    with pytest.raises(KeyError):
        features_from(["merchant.name"], {"merchant.name": "Bakery"})


@given(st.floats(0, 1))
def test_thousandths_are_rounded_half_up(probability: float) -> None:
    assert thousandths(probability) == math.floor(Fraction(probability) * 1_000 + Fraction(1, 2))


def test_thousandths_at_their_borders() -> None:
    below = math.nextafter(0.0005, 0)
    assert [thousandths(it) for it in (0.0, below, 0.0625, 0.9375, 1.0)] == [0, 0, 63, 938, 1_000]


def by_hand(tree: dict[str, Any], row: list[int | None]) -> float:
    """LightGBM's written rule: missing goes its default way, or counts as zero where none was missing."""
    while "leaf_value" not in tree:
        value = row[tree["split_feature"]]
        if value is None and tree["missing_type"] == "NaN":
            goes_left = tree["default_left"]
        else:
            goes_left = float(value or 0) <= tree["threshold"]
        tree = tree["left_child"] if goes_left else tree["right_child"]
    return float(tree["leaf_value"])


NUMBERS = st.integers(-5, 5) | st.integers(0, 2**53)
TREES = st.recursive(
    st.builds(leaf, st.floats(-2, 2)),
    lambda children: st.builds(
        branch, st.integers(0, 1), NUMBERS.map(float) | st.floats(-6, 6), children, children,
        st.sampled_from(["NaN", "None"]), default_left=st.booleans(),
    ),
    max_leaves=12,
)  # fmt: skip


@given(st.lists(TREES, min_size=1, max_size=5), st.lists(st.tuples(*[st.none() | NUMBERS] * 2), max_size=20))
def test_a_converted_model_goes_the_way_of_its_trees(
    trees: list[dict[str, Any]], rows: list[tuple[int | None, int | None]]
) -> None:
    model = load_model(a_model(["amount", "card.age_days"], *trees))
    borders = [
        (int(node["threshold"]) + by, None) for tree in trees for node in [tree] if "threshold" in node
        for by in (-1, 0, 1)
    ]  # fmt: skip
    for row in [*rows, *borders]:
        expected = sum(by_hand(tree, list(row)) for tree in trees)
        assert abs(model.probability(row) - 1 / (1 + math.exp(-expected))) < 1e-6


@pytest.mark.parametrize(
    "change",
    [
        {"objective": "regression"},
        {"average_output": True},
        {"tree_info": [{"tree_structure": branch(0, 1, leaf(0.0), leaf(1.0), "Zero")}]},
        {"tree_info": [{"tree_structure": {**branch(0, 1, leaf(0), leaf(1)), "decision_type": "=="}}]},
    ],
)
def test_what_would_be_translated_wrongly_is_not_translated(change: dict[str, Any]) -> None:
    described = load_model(above("amount", 1)).described
    with pytest.raises(ModelNotConvertible):
        to_onnx({**dumped(leaf(0.0)), **change}, described)


def test_the_same_model_is_the_same_bytes() -> None:
    assert above("amount", 7) == above("amount", 7)


def test_the_runtime_is_loaded_by_the_first_model_only_and_tells_nobody(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(above("amount", 1))
    program = """
import pathlib, sys
import cardwright.payments
from cardwright.rules import load_model
assert not {"onnxruntime", "lightgbm", "onnx"} & set(sys.modules)
print(load_model(pathlib.Path(sys.argv[1]).read_bytes()).probability([5]))
assert "lightgbm" not in sys.modules
"""
    home = tmp_path / "home"
    home.mkdir()
    environment = {**os.environ, "HOME": str(home), "XDG_CACHE_HOME": str(home)}
    environment.pop("ORT_DISABLE_TELEMETRY", None)
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "model.onnx")],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert 0.98 < float(done.stdout) < 0.99
    assert [*home.rglob("*")] == []
