"""The score of one authorization by the active model. Whatever is wrong with a model, a decision goes on."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final, TypeVar

import structlog

from cardwright.db.session import Session
from cardwright.rules.language.types import FactValue
from cardwright.rules.scoring import model_store, runtime
from cardwright.rules.scoring.features import features_from, velocity_of
from cardwright.rules.scoring.runtime import LoadedModel, ModelUnusable

T = TypeVar("T")
_MOST_KEPT: Final = 8
# Content never changes under a hash, so nothing here can be stale.
_loaded: Final[OrderedDict[str, LoadedModel]] = OrderedDict()
_RETRY_SECONDS: Final = 60.0
"""What could not be loaded is tried again after so long: memory may have been short, a disk full."""
_failed: Final[OrderedDict[str, float]] = OrderedDict()
"""When each last failed, by the clock that only goes forward."""
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Risk:
    """What the active model said: `score` in thousandths, from `features` as they were given to it.

    Without a score, `failure` says that the model could not be loaded, or failed on this row.
    """

    model_version: int
    model_hash: str
    score: int | None
    features: Mapping[str, int | None]
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Scorer:
    """The active model, or what is known of it where it cannot be loaded; `velocity` is what it counts."""

    version: int
    hash: str
    velocity: tuple[str, ...]
    model: LoadedModel | None

    def score(self, fields: Mapping[str, FactValue]) -> Risk:
        """Return what the model says of the values of fields; nothing that it does raises."""
        if self.model is None:
            return Risk(self.version, self.hash, None, {}, "not_loaded")
        features: dict[str, int | None] = {}
        try:
            features = features_from(self.model.described.features, fields)
            score = runtime.thousandths(self.model.probability([*features.values()]))
        except Exception as error:  # noqa: BLE001 - foreign code: no score is worth a decision
            _log.warning("risk_model_failed", hash=self.hash, error=type(error).__name__)
            return Risk(self.version, self.hash, None, features, "failed")
        return Risk(self.version, self.hash, score, features)


async def find_scorer(session: Session, program_id: str) -> Scorer | None:
    """Return the program's active model, loaded; None where it has none."""
    active = await model_store.find_active(session, program_id)
    if active is None:
        return None
    model = _loaded.get(active.hash) or await _load(session, active)
    return Scorer(active.version, active.hash, velocity_of(model.described.features) if model else (), model)


def with_velocity_of(scorer: Scorer | None, names: Sequence[str]) -> tuple[str, ...]:
    """Return those names, and what a model counts beside them, so that one statement reads all."""
    return tuple(sorted({*names, *(scorer.velocity if scorer else ())}))


async def _load(session: Session, active: model_store.ActiveModel) -> LoadedModel | None:
    failed_at = _failed.get(active.hash)
    if failed_at is not None and monotonic() - failed_at < _RETRY_SECONDS:
        return None
    # Others decide without a score meanwhile, rather than load the same beside this one.
    if failed_at is not None:
        _keep(_failed, active.hash, monotonic())
    content = await model_store.content_of(session, active.id)
    try:
        _ensure_imported(content, active.hash)
        # In a thread: what takes this long would make other authorizations on this event loop wait.
        model = await asyncio.to_thread(runtime.load, content)
    except Exception as error:  # noqa: BLE001 - foreign code: no score is worth a decision
        _log.error("risk_model_not_loaded", hash=active.hash, version=active.version, error=str(error))
        _keep(_failed, active.hash, monotonic())
        return None
    _failed.pop(active.hash, None)
    _keep(_loaded, active.hash, model)
    return model


def _keep(kept: OrderedDict[str, T], hash_: str, value: T) -> None:
    kept[hash_] = value
    while len(kept) > _MOST_KEPT:
        kept.popitem(last=False)


def _ensure_imported(content: bytes, hash_: str) -> None:
    if runtime.content_hash(content) != hash_:
        raise ModelUnusable("its content is not what was imported")
