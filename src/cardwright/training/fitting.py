"""Training a model of samples with LightGBM, judging it by what came later, and writing it as ONNX."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from cardwright.rules import FEATURES, ModelDescribed, load_model
from cardwright.training.converting import to_onnx
from cardwright.training.domain import Sample, Split, account_of, metrics_of

_ROUNDS: Final = 150
# The same samples give the same bytes, on one machine at least.
_PARAMETERS: Final = {
    "objective": "binary", "num_leaves": 15, "learning_rate": 0.05, "min_data_in_leaf": 20, "seed": 1,
    "deterministic": True, "force_row_wise": True, "num_threads": 1, "verbosity": -1,
}  # fmt: skip
_MOST_APART: Final = 1e-6


class TrainingUnavailable(RuntimeError):
    """What training needs is not installed."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model's file, and what it says of itself."""

    content: bytes
    described: ModelDescribed


def fit(split: Split, *, about: Mapping[str, Any] = MappingProxyType({})) -> Fitted:
    """Train on what came earlier and judge by what came later; `about` joins what the file says of that.

    Raises TrainingUnavailable without the group `train`, and ValueError where ONNX Runtime and LightGBM do
    not say the same of what came later.
    """
    booster = train(split.earlier)
    rows, _ = _columns(split.later)
    expected = [float(it) for it in booster.predict(rows)]
    metrics = metrics_of([it.is_fraud for it in split.later], expected)
    described = ModelDescribed(FEATURES, metrics, {**account_of(split), **about})
    content = to_onnx(booster.dump_model(), described)
    loaded = load_model(content)
    for sample, answer in zip(split.later, expected, strict=True):
        given = loaded.probability([sample.features[name] for name in FEATURES])
        if abs(given - answer) > _MOST_APART:
            raise ValueError(f"the model's file says {given} where LightGBM says {answer}")
    return Fitted(content, described)


def train(samples: Sequence[Sample]) -> Any:
    """Return what LightGBM learned of samples, its `Booster`; raises TrainingUnavailable."""
    lightgbm = _lightgbm()
    return lightgbm.train(_PARAMETERS, lightgbm.Dataset(*_columns(samples)), _ROUNDS)


def _columns(samples: Sequence[Sample]) -> tuple[Any, Any]:
    import numpy as np  # noqa: PLC0415 - with LightGBM

    rows = [
        [math.nan if (value := sample.features[name]) is None else float(value) for name in FEATURES]
        for sample in samples
    ]
    return np.array(rows, dtype=np.float64), np.array([int(it.is_fraud) for it in samples])


def _lightgbm() -> Any:
    try:
        import lightgbm  # noqa: PLC0415 - of the group `train` alone
        import onnx  # noqa: F401, PLC0415 - missed now, not when all is trained
    except ImportError as error:
        raise TrainingUnavailable(
            "LightGBM and onnx are not installed: install the dependency group `train`"
        ) from error
    except OSError as error:
        # LightGBM is there and its library does not load.
        raise TrainingUnavailable(
            f"LightGBM does not load, it needs the system's OpenMP library, libgomp: {error}"
        ) from error
    return lightgbm
