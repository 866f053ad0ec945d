"""Risk models made by hand: trees written out, in the shape in which LightGBM dumps them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from cardwright.rules import ModelDescribed
from cardwright.training.converting import to_onnx

LIKELY: Final = 4.0
UNLIKELY: Final = -4.0


def branch(
    feature: int, threshold: float, low: Mapping[str, Any], high: Mapping[str, Any], missing: str = "NaN",
    *, default_left: bool = True,
) -> dict[str, Any]:  # fmt: skip
    return {
        "split_feature": feature, "threshold": threshold, "decision_type": "<=", "missing_type": missing,
        "default_left": default_left, "left_child": low, "right_child": high,
    }  # fmt: skip


def leaf(value: float) -> dict[str, Any]:
    return {"leaf_value": value}


def dumped(*trees: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "objective": "binary sigmoid:1", "average_output": False,
        "tree_info": [{"tree_structure": tree} for tree in trees],
    }  # fmt: skip


def a_model(features: Sequence[str], *trees: Mapping[str, Any]) -> bytes:
    return to_onnx(dumped(*trees), ModelDescribed(tuple(features), {"auc": 0.5}, {"rows": 1_000}))


def above(feature: str, threshold: int) -> bytes:
    """A model that takes what is above a threshold for fraud: 982 thousandths, otherwise 18."""
    return a_model([feature], branch(0, threshold, leaf(UNLIKELY), leaf(LIKELY)))
