"""The rules over HTTP: the active rulebook, proposing the next, checking a condition, its fields."""

from datetime import datetime
from typing import Annotated, Final, Self

from fastapi import Depends
from pydantic import ConfigDict, Field, JsonValue, StringConstraints

from cardwright.access import Actor, Reach, allow
from cardwright.approvals import ApprovalOutput, Reason
from cardwright.http import strict
from cardwright.http.deps import ClockDep, SessionDep
from cardwright.http.strict import Id, Input, Output
from cardwright.rules import publishing
from cardwright.rules import rulebook as rulebooks
from cardwright.rules.domain import (
    MAX_REASON_CHARACTERS,
    MAX_RULES,
    RULE_NAME_PATTERN,
    Rule,
    RuleAction,
    Rulebook,
)
from cardwright.rules.language import catalogue
from cardwright.rules.language.catalogue import AUTHORIZATION_FIELDS
from cardwright.rules.language.checker import check
from cardwright.rules.language.diagnostics import ExpressionError
from cardwright.rules.language.tokens import MAX_SOURCE_CHARACTERS
from cardwright.rules.language.types import Base
from cardwright.rules.store import Publication

router = strict.router("/v1/rules", "rules")

Reader = Annotated[Actor, Depends(allow("rules.read", reach=Reach.ANY))]
Writer = Annotated[Actor, Depends(allow("rules.write", reach=Reach.ANY))]
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
        strict=False, description="`decline` the payment, or `flag` it without changing the outcome."
    )
    reason: Annotated[str, StringConstraints(min_length=1, max_length=MAX_REASON_CHARACTERS)] = Field(
        description="What the holder reads when the rule declines."
    )


class RulebookBody(Input):
    """The rules that shall decide from now on, all of them."""

    expected_version: int = Field(
        ge=0, description="The active version you started from; 0 when there is none."
    )
    rules: list[RuleBody] = Field(max_length=MAX_RULES)
    note: Reason


class CheckBody(Input):
    """A condition to check."""

    when: Condition


class RulebookView(Output):
    """A published rulebook; version 0, with no author, is the empty one before the first publication."""

    version: int
    hash: str = Field(description="SHA-256 of the rules; equal rules have equal hashes.")
    rules: list[RuleBody]
    note: str = ""
    author_id: Id | None = None
    published_at: datetime | None = None
    approval_id: Id | None = None

    @classmethod
    def of(cls, publication: Publication | None) -> Self:
        """Build the view of a publication, or of none."""
        book = publication.rulebook if publication else Rulebook(0, ())
        rules = [RuleBody.model_validate(rule) for rule in book.rules]
        if publication is None:
            return cls(version=book.version, hash=book.hash, rules=rules)
        return cls(
            version=book.version, hash=book.hash, rules=rules, note=publication.note,
            author_id=publication.author_id, published_at=publication.published_at,
            approval_id=publication.approval_id,
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


@router.get("")
async def get_active_rulebook(session: SessionDep, actor: Reader) -> RulebookView:
    """Return the rulebook that decides now."""
    return RulebookView.of(await rulebooks.find_active_publication(session, actor.program_id))


@router.put("", status_code=202)
async def propose_rulebook(
    body: RulebookBody, session: SessionDep, clock: ClockDep, actor: Writer
) -> ApprovalOutput:
    """Propose the next version of the rulebook; it decides once somebody else approves it."""
    proposed = await publishing.propose_rulebook(
        session,
        program_id=actor.program_id,
        author_id=actor.user_id,
        rules=[Rule(rule.name, rule.when, rule.action, rule.reason) for rule in body.rules],
        note=body.note,
        expected_version=body.expected_version,
        at=clock.now(),
    )
    return ApprovalOutput.model_validate(proposed)


@router.post("/check")
async def check_condition(body: CheckBody, actor: Reader) -> CheckView:
    """Check a condition: every fault with its place, or the fields it reads. Nothing is stored."""
    del actor
    try:
        checked = check(body.when, AUTHORIZATION_FIELDS)
    except ExpressionError as error:
        faults = [DiagnosticView.model_validate(diagnostic) for diagnostic in error.diagnostics]
        return CheckView(is_valid=False, diagnostics=faults, fields=[])
    return CheckView(is_valid=True, diagnostics=[], fields=[FieldView.of(field) for field in checked.fields])


@router.get("/fields")
async def list_fields(actor: Reader) -> list[FieldView]:
    """Return the catalogue of fields: what each is, its unit and range, whether it can be missing."""
    del actor
    return [FieldView.of(field) for field in AUTHORIZATION_FIELDS.fields]
