"""What rules look like over HTTP."""

from datetime import datetime
from typing import Annotated, Final, Self

from pydantic import ConfigDict, Field, JsonValue, StringConstraints

from cardwright.approvals import Reason
from cardwright.http.strict import Id, Input, Line, Output
from cardwright.rules.domain import (
    MAX_PERCENT,
    MAX_POINTS,
    MAX_REASON_CHARACTERS,
    MAX_RULES,
    MAX_VERSION,
    RULE_NAME_PATTERN,
    Rule,
    RuleAction,
    Rulebook,
    RuleStage,
    Scoring,
)
from cardwright.rules.language import catalogue
from cardwright.rules.language.tokens import MAX_SOURCE_CHARACTERS
from cardwright.rules.language.types import Base
from cardwright.rules.store import Publication

Condition = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_SOURCE_CHARACTERS),
    Field(
        description="A condition in the rule language, a typed subset of CEL.",
        examples=['amount > 30000 && merchant.country in ["NG"]'],
    ),
]
_RULE_EXAMPLE: Final[dict[str, JsonValue]] = {
    "name": "large_abroad",
    "when": 'amount > 30000 && merchant.country in ["NG"]',
    "action": "decline",
    "reason": "Large payments in this country are blocked.",
}


class RuleBody(Input):
    """One rule."""

    model_config = ConfigDict(json_schema_extra={"examples": [_RULE_EXAMPLE]}, from_attributes=True)

    name: Annotated[str, StringConstraints(pattern=RULE_NAME_PATTERN)]
    when: Condition
    action: RuleAction = Field(
        strict=False,
        description="`freeze` the card, `decline`, `challenge` until the holder confirms, `flag` without "
        "changing the outcome, add to the `score`, or `allow`: that sets challenge, flag and score aside.",
    )
    reason: Annotated[Line, StringConstraints(min_length=1, max_length=MAX_REASON_CHARACTERS)] = Field(
        description="What the holder reads when the rule declines or challenges."
    )
    stage: RuleStage = Field(
        default=RuleStage.LIVE,
        strict=False,
        description="`live` decides; `shadow` only records what it would do, and `sampled` decides for some "
        "payments and shadows the rest; `draft` and `retired` are kept and not evaluated.",
    )
    sample_percent: int | None = Field(
        default=None,
        ge=1,
        le=MAX_PERCENT,
        description="Of a `sampled` rule: for how many of 100 payments.",
        examples=[10],
    )
    points: int | None = Field(
        default=None,
        ge=-MAX_POINTS,
        le=MAX_POINTS,
        description="What a `score` rule adds; never 0.",
        examples=[25],
    )

    def to_rule(self) -> Rule:
        """Return the rule; raise Invalid where its parts do not belong together."""
        return Rule(**self.model_dump())


class ScoringBody(Input):
    """From how many points on a payment is flagged, challenged or declined; null for never."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"flag_at": 30}]}, from_attributes=True)

    flag_at: int | None = Field(
        default=None, ge=1, le=MAX_POINTS, description="From so many points on it is flagged.", examples=[30]
    )
    challenge_at: int | None = Field(
        default=None, ge=1, le=MAX_POINTS, description="From here on the holder confirms.", examples=[60]
    )
    decline_at: int | None = Field(
        default=None, ge=1, le=MAX_POINTS, description="From here on it is declined.", examples=[90]
    )

    def to_scoring(self) -> Scoring:
        """Return the thresholds; raise Invalid where they do not rise."""
        return Scoring(**self.model_dump())


class RulebookBody(Input):
    """The rules that shall decide from now on, all of them."""

    expected_version: int = Field(
        ge=0, le=MAX_VERSION - 1, description="The active version you started from; 0 when there is none."
    )
    rules: list[RuleBody] = Field(max_length=MAX_RULES)
    scoring: ScoringBody = Field(default_factory=ScoringBody, description="What the score leads to.")
    note: Reason
    accept_unproven: bool = Field(
        default=False,
        description="Propose them although a guardrail could be neither proven nor broken in time.",
        examples=[False],
    )


class RollbackBody(Input):
    """Which rules shall decide again."""

    version: int = Field(ge=1, le=MAX_VERSION, description="A version that was published.", examples=[3])
    reason: Reason
    accept_unproven: bool = Field(
        default=False,
        description="Go back although a guardrail could be neither proven nor broken in time.",
        examples=[False],
    )


class KillBody(Input):
    """Why no rule shall decide."""

    reason: Reason


class CheckBody(Input):
    """A condition to check."""

    when: Condition


class RulebookView(Output):
    """A published rulebook; version 0, with no author, is the empty one before the first publication."""

    version: int
    hash: str = Field(description="SHA-256 of the rules; equal rules have equal hashes.")
    rules: list[RuleBody]
    scoring: ScoringBody
    note: str = ""
    author_id: Id | None = None
    published_at: datetime | None = None
    approval_id: Id | None = Field(
        default=None, description="The approval that let it pass; a rollback and a kill need none."
    )
    restores: int | None = Field(default=None, description="Which version's rules these are again.")

    @classmethod
    def of(cls, publication: Publication | None) -> Self:
        """Build the view of a publication, or of none."""
        book = publication.rulebook if publication else Rulebook(0, ())
        rules = [RuleBody.model_validate(rule) for rule in book.rules]
        scoring = ScoringBody.model_validate(book.scoring)
        if publication is None:
            return cls(version=book.version, hash=book.hash, rules=rules, scoring=scoring)
        return cls(
            version=book.version, hash=book.hash, rules=rules, scoring=scoring, note=publication.note,
            author_id=publication.author_id, published_at=publication.published_at,
            approval_id=publication.approval_id, restores=publication.restores,
        )  # fmt: skip


class DiagnosticView(Output):
    """One fault of a condition; line and column count from 1."""

    line: int
    column: int
    message: str
    excerpt: str = Field(description="The line of the fault, and a caret under it.")
    suggestion: str | None


class FieldView(Output):
    """A field that a condition may read."""

    name: str
    type: str = Field(description="`integer`, `truth` or `text`.", examples=["integer"])
    vocabulary: str | None = Field(description="Texts of different vocabularies cannot be compared.")
    words: list[str] = Field(description="The texts it can hold; empty when it can hold any.")
    sentence: str
    unit: str | None
    minimum: int | None
    maximum: int | None
    is_optional: bool = Field(description="An optional field must be guarded by has().")

    @classmethod
    def of(cls, field: catalogue.Field) -> Self:
        """Build the view of a field."""
        vocabulary, is_number = field.type.vocabulary, field.type.base is Base.INTEGER
        return cls(
            name=field.name,
            type=field.type.base.name.lower(),
            vocabulary=vocabulary.name if vocabulary else None,
            words=sorted(vocabulary.words - {""}) if vocabulary else [],
            sentence=field.sentence,
            unit=field.unit.value if field.unit else None,
            minimum=field.bounds.low if is_number else None,
            maximum=field.bounds.high if is_number else None,
            is_optional=field.is_optional,
        )


class CheckView(Output):
    """What the checker found: faults, or the fields that the condition reads."""

    is_valid: bool
    diagnostics: list[DiagnosticView]
    fields: list[FieldView]
