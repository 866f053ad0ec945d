"""What proofs look like over HTTP."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Self

from pydantic import ConfigDict, Field, StringConstraints

from cardwright.approvals import Reason
from cardwright.http.strict import Id, Input, Output
from cardwright.rules.domain import MAX_RULES, RULE_NAME_PATTERN
from cardwright.rules.language.catalogue import AUTHORIZATION_FIELDS, Unit
from cardwright.rules.language.types import FactValue
from cardwright.rules.language.wording import value_text
from cardwright.rules.proofs import (
    MAX_GUARDRAILS,
    Counts,
    FindingKind,
    Guardrail,
    GuardrailVerdict,
    Outcome,
    Verdict,
    Witness,
)
from cardwright.rules.proving import Proven
from cardwright.rules.schemas import Condition, RuleBody, ScoringBody

_MOST_SHOWN: Final = 50


class GuardrailBody(Input):
    """A condition under which no rule may decline or challenge."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "known_small", "when": "holder.kyc_level >= 2 && amount < 500"}]
        }
    )

    name: Annotated[str, StringConstraints(pattern=RULE_NAME_PATTERN)] = Field(
        description="What the answer calls it.", examples=["known_small"]
    )
    when: Condition

    def to_guardrail(self) -> Guardrail:
        """Return the guardrail."""
        return Guardrail(self.name, self.when)


class KeepGuardrail(Input):
    """A condition under which no rule of any version to come may decline or challenge."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "small",
                    "when": "holder.kyc_level >= 2 && amount < 500",
                    "reason": "Small sums pass.",
                }
            ]
        }
    )

    name: Annotated[str, StringConstraints(pattern=RULE_NAME_PATTERN)] = Field(
        description="How proofs call it.", examples=["small"]
    )
    when: Condition
    reason: Reason

    def to_guardrail(self) -> Guardrail:
        """Return the guardrail."""
        return Guardrail(self.name, self.when)


class DropGuardrail(Input):
    """Why nothing shall be held to it any more."""

    reason: Reason


class KeptGuardrailView(Output):
    """A guardrail that every publication is held to."""

    id: Id
    name: str
    when: str
    reason: str
    author_id: Id
    kept_at: datetime


class ProofsBody(Input):
    """The rules to prove things about."""

    rules: list[RuleBody] | None = Field(
        default=None,
        max_length=MAX_RULES,
        description="All rules of a next version; null for the active ones.",
        examples=[None],
    )
    scoring: ScoringBody = Field(default_factory=ScoringBody, description="What their score leads to.")
    guardrails: list[GuardrailBody] = Field(
        default_factory=list[GuardrailBody],
        max_length=MAX_GUARDRAILS,
        description="What must be true of the rules.",
    )


class FactView(Output):
    """A field of the witness."""

    field: str
    value: FactValue = Field(description="Null for an optional field that has no value.")
    text: str = Field(description="The value in words: amounts as decimals.", examples=["412.00 USD"])


class ListView(Output):
    """What a named list would hold; nothing else on it matters."""

    name: str
    entries: list[int | str]


class WitnessHitView(Output):
    """A rule that holds for the witness."""

    rule: str
    explanation: str


class WitnessView(Output):
    """A transaction that shows it. The rules were run on it, and hit as told; no such payment need exist."""

    facts: list[FactView]
    lists: list[ListView]
    hits: list[WitnessHitView]

    @classmethod
    def of(cls, witness: Witness) -> Self:
        """Build the view of a witness."""
        currency = witness.facts.get("currency")
        return cls(
            facts=[
                FactView(field=name, value=value, text=_text(name, value, currency))
                for name, value in witness.facts.items()
            ],
            lists=[
                ListView(name=name, entries=sorted(entries, key=str))
                for name, entries in witness.lists.items()
            ],
            hits=[WitnessHitView.model_validate(hit) for hit in witness.hits],
        )


class FindingView(Output):
    """Something about one rule, or a way in which outcomes would change."""

    kind: FindingKind
    verdict: Verdict = Field(description="`unknown` when it was not decided in time.")
    rule: str | None = Field(description="Null for a changed outcome.")
    others: list[str] = Field(description="The rules that shadow it, or that contradict it for this witness.")
    before: Outcome | None = Field(description="What the active rules make of the witness.")
    after: Outcome | None
    witness: WitnessView | None
    count: int | None = Field(
        description="How many of the authorizations looked at it concerns: those whose outcome would have"
        " changed like this, or that the rule hits. Null for contradictions, which are not counted."
    )
    against: int | None = Field(
        description="How many of them speak against a rule that never fires or is shadowed: 0 confirms it."
        " What asked for another currency is among them."
    )


class GuardrailView(Output):
    """What became of a guardrail: it holds for every transaction, or the witness breaks it."""

    guardrail: str
    verdict: GuardrailVerdict
    outcome: Outcome | None
    witness: WitnessView | None
    count: int | None = Field(description="How many of the authorizations looked at would have broken it.")


class HistoryView(Output):
    """Which authorizations were looked at, the newest first, to count how often something has happened."""

    looked_at: int = Field(description="How many: at most 50,000 of the last 90 days, in two seconds.")
    incomplete: int = Field(
        description="How many of these lack a field that the rules read, and are in no count."
    )
    since: datetime | None = Field(description="When the oldest of them was decided.")
    is_whole: bool = Field(description="Whether these are all of the last 90 days.")


class ProofsView(Output):
    """What was found. Without findings and with `is_complete`, nothing is wrong with the rules."""

    compared_with: int = Field(
        description="The active version, whose live rules the outcomes are compared with."
    )
    currency: str | None = Field(
        description="All that is told is about purchases in this currency, the program's: cards pay in no"
        " other. Null when there is none yet.",
        examples=["USD"],
    )
    is_complete: bool = Field(description="Whether everything was decided in time.")
    findings: list[FindingView]
    guardrails: list[GuardrailView]
    history: HistoryView | None = Field(description="Null when there was nothing to count.")

    @classmethod
    def of(cls, proven: Proven) -> Self:
        """Build the view of what was proven and counted."""
        report, looked = proven.report, proven.looked
        counts = looked.counts if looked else Counts.none(report)
        return cls(
            compared_with=proven.compared_with,
            currency=proven.currency,
            is_complete=report.is_complete,
            findings=[
                FindingView(
                    kind=each.kind, verdict=each.verdict, rule=each.rule, others=list(each.others),
                    before=each.before, after=each.after, witness=_witness(each.witness),
                    count=count.concerned, against=count.against,
                )
                for each, count in zip(report.findings, counts.findings, strict=True)
            ],
            guardrails=[
                GuardrailView(
                    guardrail=each.guardrail, verdict=each.verdict, outcome=each.outcome,
                    witness=_witness(each.witness), count=count.concerned,
                )
                for each, count in zip(report.guardrails, counts.guardrails, strict=True)
            ],
            history=HistoryView.model_validate(looked) if looked else None,
        )  # fmt: skip

    def in_short(self) -> dict[str, Any]:
        """Return it as JSON for those who decide: of many findings the first, and how many there are."""
        whole = self.model_dump(mode="json")
        return {**whole, "findings": whole["findings"][:_MOST_SHOWN], "found": len(whole["findings"])}


def shown_witness(witness: Witness | None) -> Mapping[str, Any] | None:
    """Return a witness as JSON."""
    return WitnessView.of(witness).model_dump(mode="json") if witness else None


def _witness(witness: Witness | None) -> WitnessView | None:
    return WitnessView.of(witness) if witness else None


def _text(name: str, value: FactValue, currency: FactValue) -> str:
    if value is None:
        return "missing"
    found = AUTHORIZATION_FIELDS.find(name)
    unit = found.unit if found else None
    text = value_text(value, unit, currency)
    return f"{text} {currency}" if unit is Unit.MINOR_UNITS else text
