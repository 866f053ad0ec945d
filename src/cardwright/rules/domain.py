"""What a rule, a rulebook and a hit are. A rulebook never changes: other rules are another version."""

import json
import re
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from cardwright.core.errors import Invalid

MAX_RULES: Final = 500
MAX_REASON_CHARACTERS: Final = 200
MAX_PERCENT: Final = 99
MAX_VERSION: Final = 2**31 - 1
MAX_POINTS: Final = 1_000
RULE_NAME_PATTERN: Final = "^[a-z][a-z0-9_]{0,63}$"

LANGUAGE_REVISION: Final = 1
"""Part of every hash: raised when the same text would come to mean something else."""


class RuleAction(StrEnum):
    """What a hit does. All rules are evaluated; where several hit, they resolve in this written order.

    `freeze` declines and locks the card, `decline` declines: nothing overrules either. `allow` sets aside
    what follows: `challenge`, which declines until the holder has confirmed the merchant; `flag`, which only
    records that the rule saw the payment; `score`, which adds points. It never sets aside a limit.
    """

    FREEZE = "freeze"
    DECLINE = "decline"
    ALLOW = "allow"
    CHALLENGE = "challenge"
    FLAG = "flag"
    SCORE = "score"


class RuleStage(StrEnum):
    """How far a rule has come: `draft` and `retired` are kept and not evaluated, `shadow` only watches.

    A `sampled` rule counts for some of the payments and watches the rest.
    """

    DRAFT = "draft"
    SHADOW = "shadow"
    SAMPLED = "sampled"
    LIVE = "live"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `when` is its condition in the rule language, `reason` what a declined holder reads.

    `sample_percent`, 1 to 99, belongs to the stage `sampled`, `points` to the action `score`.
    """

    name: str
    when: str
    action: RuleAction
    reason: str
    stage: RuleStage = RuleStage.LIVE
    sample_percent: int | None = None
    points: int | None = None

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
        self._ensure_complete()

    def _ensure_complete(self) -> None:
        wants_sample, wants_points = self.stage is RuleStage.SAMPLED, self.action is RuleAction.SCORE
        if wants_sample != (self.sample_percent is not None) or wants_points != (self.points is not None):
            raise Invalid(
                "rule_incomplete",
                "A sampled rule has a sample_percent, a scoring rule has points; other rules have neither.",
                rule=self.name,
            )
        if self.sample_percent is not None and not 1 <= self.sample_percent <= MAX_PERCENT:
            raise Invalid("rule_sample_invalid", f"A sample is 1 to {MAX_PERCENT} percent.", rule=self.name)
        if self.points is not None and not 1 <= abs(self.points) <= MAX_POINTS:
            raise Invalid(
                "rule_points_invalid", f"Points are 1 to {MAX_POINTS}, or as many less.", rule=self.name
            )

    @property
    def is_evaluated(self) -> bool:
        """Whether the rule is asked at all."""
        return self.stage in {RuleStage.SHADOW, RuleStage.SAMPLED, RuleStage.LIVE}

    @property
    def is_deciding(self) -> bool:
        """Whether hits count, be it for a sample."""
        return self.stage in {RuleStage.SAMPLED, RuleStage.LIVE}

    def counts_for(self, draw: str) -> bool:
        """Answer whether a hit decides, for whoever is drawn; the same draw always gives the same answer."""
        if self.sample_percent is None:
            return self.stage is RuleStage.LIVE
        drawn = int.from_bytes(sha256(f"{self.name}:{draw}".encode()).digest()[:8], "big")
        return drawn % 100 < self.sample_percent


@dataclass(frozen=True, slots=True)
class Scoring:
    """From how many points on a payment is flagged, challenged or declined; None for never."""

    flag_at: int | None = None
    challenge_at: int | None = None
    decline_at: int | None = None

    def __post_init__(self) -> None:
        steps = [step for step in (self.flag_at, self.challenge_at, self.decline_at) if step is not None]
        if steps != sorted(steps) or any(not 1 <= step <= MAX_POINTS for step in steps):
            raise Invalid(
                "scoring_invalid",
                f"Thresholds are 1 to {MAX_POINTS} points, and rise from flag over challenge to decline.",
            )

    def action_at(self, points: int) -> RuleAction | None:
        """Return what so many points lead to."""
        steps = {
            RuleAction.DECLINE: self.decline_at,
            RuleAction.CHALLENGE: self.challenge_at,
            RuleAction.FLAG: self.flag_at,
        }
        return next((action for action, step in steps.items() if step is not None and points >= step), None)


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The rules of a program at one version; `hash` is the SHA-256 of the rules, whoever wrote them when.

    Version 0 is the empty rulebook of a program that has published none.
    """

    version: int
    rules: tuple[Rule, ...]
    scoring: Scoring = Scoring()
    hash: str = field(init=False)

    def __post_init__(self) -> None:
        if len(self.rules) > MAX_RULES:
            raise Invalid("rulebook_too_large", f"A rulebook holds at most {MAX_RULES} rules.")
        seen: set[str] = set()
        for rule in self.rules:
            if rule.name in seen:
                raise Invalid("rule_name_taken", f"Two rules are named {rule.name!r}.", rule=rule.name)
            seen.add(rule.name)
        object.__setattr__(self, "hash", _hash(self.rules, self.scoring))

    @property
    def challenges(self) -> bool:
        """Whether a payment may have to be confirmed by its holder."""
        asks = any(rule.is_evaluated and rule.action is RuleAction.CHALLENGE for rule in self.rules)
        return asks or self.scoring.challenge_at is not None


@dataclass(frozen=True, slots=True)
class RuleHit:
    """A rule whose condition held, why, and which change of one field would have let the payment pass it.

    What does not count only shows what the rule would do.
    """

    rule: str
    action: RuleAction
    reason: str
    explanation: str
    would_pass: str | None
    counts: bool = True
    points: int = 0


def rule_to_json(rule: Rule) -> dict[str, Any]:
    """Return a rule as JSON; what most rules do not have is left out, and so is the usual stage."""
    plain = {name: value for name, value in asdict(rule).items() if value is not None}
    if rule.stage is RuleStage.LIVE:
        del plain["stage"]
    return plain


def scoring_to_json(scoring: Scoring) -> dict[str, int]:
    """Return the thresholds that there are."""
    return {name: step for name, step in asdict(scoring).items() if step is not None}


def _hash(rules: tuple[Rule, ...], scoring: Scoring) -> str:
    content: dict[str, Any] = {"language": LANGUAGE_REVISION, "rules": [rule_to_json(rule) for rule in rules]}
    if scoring != Scoring():
        content["scoring"] = scoring_to_json(scoring)
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return sha256(canonical.encode()).hexdigest()


class ListKind(StrEnum):
    """What a list holds: the vocabulary of a field, or any text, such as names and ids of merchants."""

    TEXT = "text"
    COUNTRY = "country"
    CURRENCY = "currency"
    CATEGORY = "category"


@dataclass(frozen=True, slots=True)
class RuleList:
    """A named list, read as `lists.name` in conditions; its kind never changes, and it never goes away.

    Rules that name it stay valid for ever, and past decisions can be computed again.
    """

    id: str
    program_id: str
    name: str
    kind: ListKind
    description: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One entry: who put it there, why, and when it ends; None for never."""

    value: str
    expires_at: datetime | None
    reason: str
    author_id: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class KeptGuardrail:
    """A condition under which nothing may be declined or challenged by rules, and who wants that, and why."""

    id: str
    name: str
    when: str
    reason: str
    author_id: str
    kept_at: datetime
