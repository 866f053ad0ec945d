"""Proofs about rules, before they decide: what never fires, is shadowed, contradicts, or would change."""

from collections.abc import Sequence

from cardwright.rules.evaluation import CompiledRulebook
from cardwright.rules.language.catalogue import AUTHORIZATION_FIELDS, Catalogue
from cardwright.rules.proofs.counting import Count, Counts, Tally
from cardwright.rules.proofs.findings import (
    MAX_GUARDRAILS,
    Finding,
    FindingKind,
    Guardrail,
    GuardrailProof,
    GuardrailVerdict,
    Report,
    Verdict,
    Witness,
    check_guardrails,
)
from cardwright.rules.proofs.outcomes import Outcome


def prove(
    book: CompiledRulebook, active: CompiledRulebook, guardrails: Sequence[Guardrail] = (), *,
    budget_seconds: float, catalogue: Catalogue = AUTHORIZATION_FIELDS,
) -> Report:  # fmt: skip
    """Prove what can be proven of `book` within the time, and compare it with `active`.

    It computes for seconds: run it in a thread.
    Raises Invalid for guardrails with faults.
    """
    # The solver is tens of megabytes, and only who asks for proofs shall wait for it.
    from cardwright.rules.proofs.proving import prove_rulebook  # noqa: PLC0415

    return prove_rulebook(book, active, guardrails, budget_seconds=budget_seconds, catalogue=catalogue)


def prove_guardrails(
    book: CompiledRulebook, guardrails: Sequence[Guardrail], *, budget_seconds: float,
    catalogue: Catalogue = AUTHORIZATION_FIELDS,
) -> tuple[GuardrailProof, ...]:  # fmt: skip
    """Prove nothing but whether the guardrails hold; run it in a thread, as it computes for long.

    Raises Invalid for guardrails with faults.
    """
    from cardwright.rules.proofs.proving import prove_guardrails_of  # noqa: PLC0415 - as above

    return prove_guardrails_of(book, guardrails, budget_seconds=budget_seconds, catalogue=catalogue)


__all__ = [
    "MAX_GUARDRAILS",
    "Count",
    "Counts",
    "Finding",
    "FindingKind",
    "Guardrail",
    "GuardrailProof",
    "GuardrailVerdict",
    "Outcome",
    "Report",
    "Tally",
    "Verdict",
    "Witness",
    "check_guardrails",
    "prove",
    "prove_guardrails",
]
