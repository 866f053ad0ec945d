"""A risk model's file in ONNX Runtime: what is in it, and what it says of one row of features."""

import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from cardwright.core.errors import Invalid
from cardwright.rules.language.catalogue import MOST_RISK
from cardwright.rules.scoring.features import FEATURES

if TYPE_CHECKING:
    import onnxruntime

MOST_BYTES: Final = 32_000_000
DESCRIPTION: Final = "cardwright"
"""The key of an ONNX file's metadata under which the model is described."""
_INPUT: Final = "features"


class ModelUnusable(Invalid):
    """A file is no risk model, or not one for these features."""

    def __init__(self, why: str) -> None:
        super().__init__("model_unusable", f"The model cannot be used: {why}.")


@dataclass(frozen=True, slots=True)
class Described:
    """What a model's file says of itself: `features` in the order of its columns, and how it came about."""

    features: tuple[str, ...]
    metrics: Mapping[str, Any]
    trained_on: Mapping[str, Any]

    def to_text(self) -> str:
        """Return it as the text that goes into the file."""
        told = {"features": self.features, "metrics": self.metrics, "trained_on": self.trained_on}
        return json.dumps(told, sort_keys=True)


class LoadedModel:
    """A model in memory; it may be asked from several threads."""

    def __init__(self, session: "onnxruntime.InferenceSession", described: Described) -> None:
        self.described: Final = described
        self._session: Final = session

    def probability(self, features: Sequence[int | None]) -> float:
        """Return how likely a row is fraud, from 0 to 1; the row has the model's columns in their order."""
        import numpy as np  # noqa: PLC0415 - with ONNX Runtime, where a rule reads the score

        row = [math.nan if value is None else float(value) for value in features]
        # One row of its own memory, in order: other layouts were read wrongly without a word.
        asked = np.array([row], dtype=np.float64, order="C")
        [answer] = self._session.run(None, {_INPUT: asked})
        found = float(answer.reshape(-1)[0])
        if answer.size != 1 or not 0 <= found <= 1:
            raise ModelUnusable("it does not answer with one probability")
        return found


def load(content: bytes) -> LoadedModel:
    """Read a model and try it on one row; raises ModelUnusable, saying why."""
    if len(content) > MOST_BYTES:
        raise ModelUnusable(f"it has more than {MOST_BYTES} bytes")
    model = _opened(content)
    model.probability([None] * len(model.described.features))
    return model


def content_hash(content: bytes) -> str:
    """Return the name of a model's content, SHA-256 in hexadecimal."""
    return sha256(content).hexdigest()


def thousandths(probability: float) -> int:
    """Return a probability in thousandths, rounded half up, without a rounding of its own on the way."""
    part, whole = probability.as_integer_ratio()
    return min(MOST_RISK, (2 * MOST_RISK * part + whole) // (2 * whole))


def _opened(content: bytes) -> LoadedModel:
    # Before it is loaded, which is when it would make an identifier of this machine and a queue to its
    # vendor: what a payment platform looks at is nobody else's.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime  # noqa: PLC0415 - tens of megabytes that only those need whose rules read the score

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        told = session.get_modelmeta().custom_metadata_map.get(DESCRIPTION)
        inputs = [(it.name, it.type, it.shape[1:]) for it in session.get_inputs()]
    except Exception as error:  # ONNX Runtime has a dozen kinds, none of which it names in Python
        raise ModelUnusable(f"it cannot be read as ONNX ({type(error).__name__})") from error
    described = _described(told)
    if inputs != [(_INPUT, "tensor(double)", [len(described.features)])]:
        raise ModelUnusable("its input is not one row of its features")
    return LoadedModel(session, described)


def _described(told: str | None) -> Described:
    try:
        found = json.loads(told or "")
        described = Described(tuple(found["features"]), found["metrics"], found["trained_on"])
    except (ValueError, KeyError, TypeError) as error:
        raise ModelUnusable("it does not say what its features are") from error
    unknown = [name for name in described.features if name not in FEATURES]
    if unknown or not described.features or len(set(described.features)) < len(described.features):
        raise ModelUnusable(f"its features are not those of this version: {', '.join(map(str, unknown))}")
    return described
