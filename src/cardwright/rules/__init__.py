"""Rules about authorizations: a typed language, immutable rulebooks, and hits that explain themselves."""

from typing import Final

from cardwright.approvals import ApprovalKind
from cardwright.rules.domain import RULE_NAME_PATTERN, Rule, RuleAction, Rulebook, RuleHit, RuleStage, Scoring
from cardwright.rules.evaluation import (
    CompiledRulebook,
    RulebookInvalid,
    RuleFault,
    compile_rulebook,
    evaluate,
)
from cardwright.rules.language.catalogue import AUTHORIZATION_FIELDS, RISK_SCORE
from cardwright.rules.language.types import FactValue
from cardwright.rules.lists import members as list_members
from cardwright.rules.lists import sweep_lists
from cardwright.rules.publishing import RULEBOOK_PUBLICATION, propose_rulebook
from cardwright.rules.rulebook import active_rulebook, get_rulebook_by_hash
from cardwright.rules.scoring import DESCRIPTION as MODEL_DESCRIPTION
from cardwright.rules.scoring import (
    FEATURES,
    ModelUnusable,
    Risk,
    RiskModel,
    activate_model,
    deactivate_model,
    features_from,
    find_scorer,
    import_model,
    velocity_of,
    with_velocity_of,
)
from cardwright.rules.scoring import Described as ModelDescribed
from cardwright.rules.scoring import load as load_model
from cardwright.rules.scoring import models_of as risk_models_of
from cardwright.rules.store import Publication
from cardwright.rules.velocity import Concerned as VelocityConcerned
from cardwright.rules.velocity import Event as VelocityEvent
from cardwright.rules.velocity import Seen as VelocitySeen
from cardwright.rules.velocity import occurrences as occurrences_of
from cardwright.rules.velocity import read_past_velocity, read_velocity, record_velocity
from cardwright.rules.velocity import unseen as unseen_velocity

APPROVAL_KINDS: Final[tuple[ApprovalKind, ...]] = (RULEBOOK_PUBLICATION,)

__all__ = [
    "APPROVAL_KINDS",
    "AUTHORIZATION_FIELDS",
    "FEATURES",
    "MODEL_DESCRIPTION",
    "RISK_SCORE",
    "RULE_NAME_PATTERN",
    "CompiledRulebook",
    "FactValue",
    "ModelDescribed",
    "ModelUnusable",
    "Publication",
    "Risk",
    "RiskModel",
    "Rule",
    "RuleAction",
    "RuleFault",
    "RuleHit",
    "RuleStage",
    "Rulebook",
    "RulebookInvalid",
    "Scoring",
    "VelocityConcerned",
    "VelocityEvent",
    "VelocitySeen",
    "activate_model",
    "active_rulebook",
    "compile_rulebook",
    "deactivate_model",
    "evaluate",
    "features_from",
    "find_scorer",
    "get_rulebook_by_hash",
    "import_model",
    "list_members",
    "load_model",
    "occurrences_of",
    "propose_rulebook",
    "read_past_velocity",
    "read_velocity",
    "record_velocity",
    "risk_models_of",
    "sweep_lists",
    "unseen_velocity",
    "velocity_of",
    "with_velocity_of",
]
