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
from cardwright.rules.language.catalogue import AUTHORIZATION_FIELDS
from cardwright.rules.language.types import FactValue
from cardwright.rules.lists import members as list_members
from cardwright.rules.lists import put as put_on_list
from cardwright.rules.lists import sweep_lists
from cardwright.rules.publishing import RULEBOOK_PUBLICATION, propose_rulebook
from cardwright.rules.rulebook import active_rulebook, get_rulebook_by_hash
from cardwright.rules.store import Publication
from cardwright.rules.velocity import Concerned as VelocityConcerned
from cardwright.rules.velocity import Event as VelocityEvent
from cardwright.rules.velocity import Seen as VelocitySeen
from cardwright.rules.velocity import read_velocity, record_velocity
from cardwright.rules.velocity import unseen as unseen_velocity

APPROVAL_KINDS: Final[tuple[ApprovalKind, ...]] = (RULEBOOK_PUBLICATION,)

__all__ = [
    "APPROVAL_KINDS",
    "AUTHORIZATION_FIELDS",
    "RULE_NAME_PATTERN",
    "CompiledRulebook",
    "FactValue",
    "Publication",
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
    "active_rulebook",
    "compile_rulebook",
    "evaluate",
    "get_rulebook_by_hash",
    "list_members",
    "propose_rulebook",
    "put_on_list",
    "read_velocity",
    "record_velocity",
    "sweep_lists",
    "unseen_velocity",
]
