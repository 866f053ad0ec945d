"""What proofs find: each with a transaction that shows it, or the rules that cause it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cardwright.core.errors import Invalid
from cardwright.rules.evaluation import RuleFault, plain_faults
from cardwright.rules.language.catalogue import Catalogue
from cardwright.rules.language.checker import Checked, check
from cardwright.rules.language.diagnostics import ExpressionError
from cardwright.rules.language.interpreter import Lists
from cardwright.rules.language.types import FactValue
from cardwright.rules.proofs.outcomes import Outcome

MAX_GUARDRAILS: Final = 50


class FindingKind(StrEnum):
    """What is the matter with rules."""

    NEVER_FIRES = "never_fires"
    SHADOWED = "shadowed"
    CONTRADICTION = "contradiction"
    OUTCOME_CHANGED = "outcome_changed"


class Verdict(StrEnum):
    """How sure a finding is: nothing that could not be decided in time is told as anything else."""

    PROVEN = "proven"
    UNKNOWN = "unknown"


class GuardrailVerdict(StrEnum):
    """What became of a guardrail."""

    HOLDS = "holds"
    BROKEN = "broken"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class WitnessHit:
    """A rule that holds for the witness, and why."""

    rule: str
    explanation: str


@dataclass(frozen=True, slots=True)
class Witness:
    """A transaction that shows a finding; the rules themselves were run on it, and these hit.

    `facts` are the fields that the rules concerned read, `lists` what the named lists would hold.
    """

    facts: Mapping[str, FactValue]
    lists: Lists
    hits: tuple[WitnessHit, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about one rule: `others` shadow it, or contradict it, all of them for the one witness.

    A changed outcome is about no rule: `before` is what the active rulebook makes of the witness.
    """

    kind: FindingKind
    verdict: Verdict
    rule: str | None = None
    others: tuple[str, ...] = ()
    before: Outcome | None = None
    after: Outcome | None = None
    witness: Witness | None = None


@dataclass(frozen=True, slots=True)
class Guardrail:
    """A condition under which no rule may decline or challenge."""

    name: str
    when: str


@dataclass(frozen=True, slots=True)
class GuardrailProof:
    """What became of one guardrail; a broken one has the transaction that breaks it, and its outcome."""

    guardrail: str
    verdict: GuardrailVerdict
    outcome: Outcome | None = None
    witness: Witness | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """All that was found, in the order of the rules."""

    findings: tuple[Finding, ...]
    guardrails: tuple[GuardrailProof, ...]

    @property
    def is_complete(self) -> bool:
        """Whether every question was answered."""
        return all(each.verdict is not Verdict.UNKNOWN for each in self.findings) and all(
            each.verdict is not GuardrailVerdict.UNKNOWN for each in self.guardrails
        )


class GuardrailsInvalid(Invalid):
    """The conditions of some guardrails have faults; `rule` in them is the guardrail's name."""

    def __init__(self, faults: tuple[RuleFault, ...]) -> None:
        names = ", ".join(fault.rule for fault in faults)
        super().__init__(
            "guardrails_invalid", f"These guardrails have faults: {names}.", faults=plain_faults(faults)
        )


def check_guardrails(guardrails: Sequence[Guardrail], catalogue: Catalogue) -> list[Checked]:
    """Return the conditions; raise Invalid for a fault, for too many, and for a name that is there twice."""
    if len(guardrails) > MAX_GUARDRAILS:
        raise Invalid("guardrails_too_many", f"At most {MAX_GUARDRAILS} guardrails are proven at once.")
    if len({each.name for each in guardrails}) != len(guardrails):
        raise Invalid("guardrail_name_taken", "Two guardrails have the same name.")
    checked: list[Checked] = []
    faults: list[RuleFault] = []
    for each in guardrails:
        try:
            checked.append(check(each.when, catalogue))
        except ExpressionError as error:
            faults.append(RuleFault(each.name, error.diagnostics))
    if faults:
        raise GuardrailsInvalid(tuple(faults))
    return checked
