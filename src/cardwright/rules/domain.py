"""What a rule, a rulebook and a hit are. A rulebook never changes: other rules are another version."""

import json
import re
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Final

from cardwright.core.errors import Invalid

MAX_RULES: Final = 500
MAX_REASON_CHARACTERS: Final = 200
RULE_NAME_PATTERN: Final = "^[a-z][a-z0-9_]{0,63}$"

LANGUAGE_REVISION: Final = 1
"""Part of every hash: raised when the same text would come to mean something else."""


class RuleAction(StrEnum):
    """What a hit does: decline the payment, or only record that the rule saw it."""

    DECLINE = "decline"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `when` is its condition in the rule language, `reason` what a declined holder reads."""

    name: str
    when: str
    action: RuleAction
    reason: str

    def __post_init__(self) -> None:
        if not re.fullmatch(RULE_NAME_PATTERN, self.name):
            raise Invalid(
                "rule_name_invalid", "A rule's name is 1 to 64 of a-z, 0-9 and _, and starts with a letter."
            )
        if not 0 < len(self.reason.strip()) <= len(self.reason) <= MAX_REASON_CHARACTERS:
            raise Invalid(
                "rule_reason_invalid",
                f"A reason has 1 to {MAX_REASON_CHARACTERS} characters.",
                rule=self.name,
            )
        if not self.reason.isprintable():
            raise Invalid(
                "rule_reason_invalid", "A reason is one line of printable characters.", rule=self.name
            )


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The rules of a program at one version; `hash` is the SHA-256 of the rules, whoever wrote them when.

    Version 0 is the empty rulebook of a program that has published none.
    """

    version: int
    rules: tuple[Rule, ...]
    hash: str = field(init=False)

    def __post_init__(self) -> None:
        if len(self.rules) > MAX_RULES:
            raise Invalid("rulebook_too_large", f"A rulebook holds at most {MAX_RULES} rules.")
        seen: set[str] = set()
        for rule in self.rules:
            if rule.name in seen:
                raise Invalid("rule_name_taken", f"Two rules are named {rule.name!r}.", rule=rule.name)
            seen.add(rule.name)
        object.__setattr__(self, "hash", _hash(self.rules))


@dataclass(frozen=True, slots=True)
class RuleHit:
    """A rule whose condition held, why, and which change of one field would have let the payment pass it."""

    rule: str
    action: RuleAction
    reason: str
    explanation: str
    would_pass: str | None


def _hash(rules: tuple[Rule, ...]) -> str:
    content = {"language": LANGUAGE_REVISION, "rules": [asdict(rule) for rule in rules]}
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return sha256(canonical.encode()).hexdigest()
