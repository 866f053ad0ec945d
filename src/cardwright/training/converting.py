"""A LightGBM model as ONNX: the same trees with the same thresholds, in double precision."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cardwright.rules import MODEL_DESCRIPTION, ModelDescribed

_OPSETS: Final = {"": 18, "ai.onnx.ml": 3}
_IR_VERSION: Final = 9
_BINARY: Final = "binary sigmoid:1"


class ModelNotConvertible(ValueError):
    """The model holds what this converter does not translate."""


@dataclass(slots=True)
class _Columns:
    """All trees' nodes, one list per attribute of the ONNX operator; leaves are the last three."""

    tree: list[int] = field(default_factory=list)
    node: list[int] = field(default_factory=list)
    feature: list[int] = field(default_factory=list)
    mode: list[str] = field(default_factory=list)
    threshold: list[float] = field(default_factory=list)
    true_node: list[int] = field(default_factory=list)
    false_node: list[int] = field(default_factory=list)
    missing_is_true: list[int] = field(default_factory=list)
    leaf_tree: list[int] = field(default_factory=list)
    leaf_node: list[int] = field(default_factory=list)
    leaf_value: list[float] = field(default_factory=list)


def to_onnx(dumped: Mapping[str, Any], described: ModelDescribed) -> bytes:
    """Return a file for ONNX Runtime of what LightGBM's `dump_model()` returns, with its description.

    It takes `features`, a row of doubles of which those that are missing are NaN, and returns `probability`.
    Raises ModelNotConvertible for other than trees of a binary objective that compare numbers.
    """
    from onnx import TensorProto, helper  # noqa: PLC0415 - of the group `train` alone

    if dumped["objective"] != _BINARY or dumped["average_output"]:
        raise ModelNotConvertible(f"the objective is {dumped['objective']}, not {_BINARY}")
    columns = _Columns()
    for place, tree in enumerate(dumped["tree_info"]):
        _add_tree(columns, place, tree["tree_structure"])
    trees = helper.make_node(
        "TreeEnsembleRegressor", ["features"], ["sum"], domain="ai.onnx.ml", n_targets=1,
        aggregate_function="SUM", post_transform="NONE", **_attributes(columns),
    )  # fmt: skip
    width = len(described.features)
    graph = helper.make_graph(
        [trees, helper.make_node("Sigmoid", ["sum"], ["probability"])],
        "risk",
        [helper.make_tensor_value_info("features", TensorProto.DOUBLE, [None, width])],
        [helper.make_tensor_value_info("probability", TensorProto.FLOAT, [None, 1])],
    )
    opsets = [helper.make_opsetid(domain, version) for domain, version in _OPSETS.items()]
    model = helper.make_model(graph, opset_imports=opsets, producer_name="cardwright")
    model.ir_version = _IR_VERSION
    helper.set_model_props(model, {MODEL_DESCRIPTION: described.to_text()})
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def _attributes(columns: _Columns) -> dict[str, Any]:
    from onnx import TensorProto, helper  # noqa: PLC0415

    def doubles(name: str, values: Sequence[float]) -> Any:
        return helper.make_tensor(name, TensorProto.DOUBLE, [len(values)], values)

    return {
        "nodes_treeids": columns.tree,
        "nodes_nodeids": columns.node,
        "nodes_featureids": columns.feature,
        "nodes_modes": columns.mode,
        "nodes_values_as_tensor": doubles("thresholds", columns.threshold),
        "nodes_truenodeids": columns.true_node,
        "nodes_falsenodeids": columns.false_node,
        "nodes_missing_value_tracks_true": columns.missing_is_true,
        "target_treeids": columns.leaf_tree,
        "target_nodeids": columns.leaf_node,
        "target_ids": [0] * len(columns.leaf_node),
        "target_weights_as_tensor": doubles("leaves", columns.leaf_value),
    }


def _add_tree(columns: _Columns, tree: int, root: Mapping[str, Any]) -> None:
    nodes = list(_numbered(root))
    numbers = {id(node): number for number, node in enumerate(nodes)}
    for number, node in enumerate(nodes):
        is_leaf = "leaf_value" in node
        columns.tree.append(tree)
        columns.node.append(number)
        columns.mode.append("LEAF" if is_leaf else "BRANCH_LEQ")
        columns.feature.append(0 if is_leaf else node["split_feature"])
        columns.threshold.append(0.0 if is_leaf else node["threshold"])
        columns.true_node.append(0 if is_leaf else numbers[id(node["left_child"])])
        columns.false_node.append(0 if is_leaf else numbers[id(node["right_child"])])
        columns.missing_is_true.append(0 if is_leaf else int(_goes_left_if_missing(node)))
        if is_leaf:
            columns.leaf_tree.append(tree)
            columns.leaf_node.append(number)
            columns.leaf_value.append(node["leaf_value"])


def _numbered(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield node
    if "leaf_value" not in node:
        yield from _numbered(node["left_child"])
        yield from _numbered(node["right_child"])


def _goes_left_if_missing(node: Mapping[str, Any]) -> bool:
    if node["decision_type"] != "<=":
        raise ModelNotConvertible(f"it compares by {json.dumps(node['decision_type'])}, not by <=")
    match node["missing_type"]:
        case "NaN":
            return bool(node["default_left"])
        case "None":
            # Nothing was missing when it was trained: LightGBM takes what is missing for zero.
            return bool(node["threshold"] >= 0)
        case other:
            raise ModelNotConvertible(f"it treats {json.dumps(other)} as missing")
