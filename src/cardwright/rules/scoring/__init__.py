"""The risk score: a model that was trained elsewhere, what it looks at, and what it says of a payment."""

from cardwright.rules.scoring.features import FEATURES, features_from, velocity_of
from cardwright.rules.scoring.model_store import RiskModel, models_of
from cardwright.rules.scoring.models import activate_model, deactivate_model, import_model
from cardwright.rules.scoring.runtime import DESCRIPTION, Described, LoadedModel, ModelUnusable, load
from cardwright.rules.scoring.scorer import Risk, Scorer, find_scorer, with_velocity_of

__all__ = [
    "DESCRIPTION",
    "FEATURES",
    "Described",
    "LoadedModel",
    "ModelUnusable",
    "Risk",
    "RiskModel",
    "Scorer",
    "activate_model",
    "deactivate_model",
    "features_from",
    "find_scorer",
    "import_model",
    "load",
    "models_of",
    "velocity_of",
    "with_velocity_of",
]
