"""Rules about authorizations: a typed language, immutable rulebooks, and hits that explain themselves."""

from typing import Final

from cardwright.approvals import ApprovalKind
from cardwright.rules.asking import Question
from cardwright.rules.domain import (
    MAX_RULES,
    MAX_VERSION,
    RULE_NAME_PATTERN,
    ListKind,
    Rule,
    RuleAction,
    Rulebook,
    RuleHit,
    RuleStage,
    Scoring,
    rule_to_json,
    scoring_to_json,
)
from cardwright.rules.evaluation import (
    CompiledRulebook,
    RulebookInvalid,
    RuleFault,
    checked_rules,
    compile_rulebook,
    evaluate,
)
from cardwright.rules.guardrails import GUARDRAIL_DROP
from cardwright.rules.language.catalogue import AUTHORIZATION_FIELDS, RISK_SCORE, Catalogue, Field
from cardwright.rules.language.checker import Checked
from cardwright.rules.language.compile_sql import DUCKDB, PATTERN_FUNCTION, SPARK, Dialect, compile_sql
from cardwright.rules.language.interpreter import Facts, Lists
from cardwright.rules.language.patterns import finds as pattern_finds
from cardwright.rules.language.types import Base, FactValue
from cardwright.rules.lists import ListContent, catalogue_of, catalogue_with, contents_of_lists, sweep_lists
from cardwright.rules.lists import members as list_members
from cardwright.rules.lists import put as put_on_list
from cardwright.rules.ports import Past, PastAuthorizations, Transactions
from cardwright.rules.proofs import FindingKind, GuardrailVerdict, Verdict
from cardwright.rules.proofs_schemas import HistoryView, ProofsView, WitnessView
from cardwright.rules.proving import Next, Proven, prove_rules
from cardwright.rules.publishing import RULEBOOK_PUBLICATION, propose_rulebook
from cardwright.rules.rulebook import (
    active_rulebook,
    find_active_publication,
    get_publication,
    get_rulebook_by_hash,
)
from cardwright.rules.schemas import Condition, RuleBody, ScoringBody
from cardwright.rules.scoring import DESCRIPTION as MODEL_DESCRIPTION
from cardwright.rules.scoring import (
    FEATURES,
    ModelUnusable,
    Risk,
    RiskModel,
    Scorer,
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
from cardwright.rules.store import Publication, stored_rules
from cardwright.rules.velocity import (
    MOST_PERCENT,
    lock_velocity,
    read_past_velocity,
    read_velocity,
    record_velocity,
)
from cardwright.rules.velocity import Concerned as VelocityConcerned
from cardwright.rules.velocity import Definition as VelocityDefinition
from cardwright.rules.velocity import Entity as VelocityEntity
from cardwright.rules.velocity import Event as VelocityEvent
from cardwright.rules.velocity import Measure as VelocityMeasure
from cardwright.rules.velocity import Seen as VelocitySeen
from cardwright.rules.velocity import Window as VelocityWindow
from cardwright.rules.velocity import definition as velocity_definition
from cardwright.rules.velocity import occurrences as occurrences_of
from cardwright.rules.velocity import roll_up as roll_up_velocity
from cardwright.rules.velocity import unseen as unseen_velocity

APPROVAL_KINDS: Final[tuple[ApprovalKind, ...]] = (RULEBOOK_PUBLICATION, GUARDRAIL_DROP)

__all__ = [
    "APPROVAL_KINDS",
    "AUTHORIZATION_FIELDS",
    "DUCKDB",
    "FEATURES",
    "MAX_RULES",
    "MAX_VERSION",
    "MODEL_DESCRIPTION",
    "MOST_PERCENT",
    "PATTERN_FUNCTION",
    "RISK_SCORE",
    "RULE_NAME_PATTERN",
    "SPARK",
    "Base",
    "Catalogue",
    "Checked",
    "CompiledRulebook",
    "Condition",
    "Dialect",
    "FactValue",
    "Facts",
    "Field",
    "FindingKind",
    "GuardrailVerdict",
    "HistoryView",
    "ListContent",
    "ListKind",
    "Lists",
    "ModelDescribed",
    "ModelUnusable",
    "Next",
    "Past",
    "PastAuthorizations",
    "ProofsView",
    "Proven",
    "Publication",
    "Question",
    "Risk",
    "RiskModel",
    "Rule",
    "RuleAction",
    "RuleBody",
    "RuleFault",
    "RuleHit",
    "RuleStage",
    "Rulebook",
    "RulebookInvalid",
    "Scorer",
    "Scoring",
    "ScoringBody",
    "Seen",
    "Transactions",
    "VelocityConcerned",
    "VelocityDefinition",
    "VelocityEntity",
    "VelocityEvent",
    "VelocityMeasure",
    "VelocitySeen",
    "VelocityWindow",
    "Verdict",
    "WitnessView",
    "activate_model",
    "active_rulebook",
    "catalogue_of",
    "catalogue_with",
    "checked_rules",
    "compile_rulebook",
    "compile_sql",
    "contents_of_lists",
    "deactivate_model",
    "evaluate",
    "features_from",
    "find_active_publication",
    "find_scorer",
    "get_publication",
    "get_rulebook_by_hash",
    "import_model",
    "list_members",
    "load_model",
    "lock_velocity",
    "occurrences_of",
    "pattern_finds",
    "propose_rulebook",
    "prove_rules",
    "put_on_list",
    "read_past_velocity",
    "read_velocity",
    "record_velocity",
    "risk_models_of",
    "roll_up_velocity",
    "rule_to_json",
    "scoring_to_json",
    "stored_rules",
    "sweep_lists",
    "unseen_velocity",
    "velocity_definition",
    "velocity_of",
    "with_velocity_of",
]
