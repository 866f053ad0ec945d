"""Proofs about a program's rules, with its lists and the guardrails it keeps, beside the event loop."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Final

from cardwright.core.errors import Conflict
from cardwright.db.session import Session
from cardwright.rules import guardrail_store, lists
from cardwright.rules.domain import Rule, Rulebook, Scoring
from cardwright.rules.evaluation import CompiledRulebook, compile_rulebook
from cardwright.rules.language.catalogue import Catalogue
from cardwright.rules.proofs import Guardrail, GuardrailProof, GuardrailVerdict, Report, prove
from cardwright.rules.rulebook import active_rulebook

_BUDGET_SECONDS: Final = 10.0
# One proof at a time, beside the event loop: whoever asks for many shall not slow authorizations down.
_PROVING: Final = ThreadPoolExecutor(1, thread_name_prefix="proofs")

Transactions = Callable[[], AbstractAsyncContextManager[Session]]


@dataclass(frozen=True, slots=True)
class Next:
    """The rules of a next version."""

    rules: Sequence[Rule]
    scoring: Scoring


@dataclass(frozen=True, slots=True)
class Proven:
    """What was found, beside which active version, and the conditions of the guardrails that are kept."""

    report: Report
    compared_with: int
    kept: Mapping[str, str]


async def prove_rules(
    transactions: Transactions, program_id: str, proposed: Next | None, more: Sequence[Guardrail] = ()
) -> Proven:
    """Prove what can be proven within ten seconds of the active rules, or of those of a next version.

    `more` are guardrails beside the kept ones, and count instead of kept ones of their names.
    Raises RulebookInvalid, and Invalid for guardrails with faults.
    """
    # The connection is given back before the work begins.
    async with transactions() as session:
        active = await active_rulebook(session, program_id)
        catalogue = await lists.catalogue_of(session, program_id)
        kept = {it.name: it.when for it in await guardrail_store.kept_guardrails(session, program_id)}
    named = {**kept, **{guardrail.name: guardrail.when for guardrail in more}}
    guardrails = [Guardrail(name, when) for name, when in named.items()]
    report = await asyncio.get_running_loop().run_in_executor(
        _PROVING, _proven, proposed, active, guardrails, catalogue
    )
    return Proven(report, active.rulebook.version, kept)


def _proven(
    proposed: Next | None, active: CompiledRulebook, guardrails: Sequence[Guardrail], catalogue: Catalogue
) -> Report:
    book = active
    if proposed is not None:
        rulebook = Rulebook(active.rulebook.version + 1, tuple(proposed.rules), proposed.scoring)
        book = compile_rulebook(rulebook, catalogue)
    return prove(book, active, guardrails, budget_seconds=_BUDGET_SECONDS, catalogue=catalogue)


def find_obstacle(report: Report, *, accepts_unproven: bool) -> GuardrailProof | None:
    """Return the guardrail that forbids to publish the rules: it is broken, or was not proven to hold."""
    for verdict in (GuardrailVerdict.BROKEN, GuardrailVerdict.UNKNOWN):
        for proof in report.guardrails:
            if proof.verdict is verdict and not (accepts_unproven and verdict is GuardrailVerdict.UNKNOWN):
                return proof
    return None


def refusal(obstacle: GuardrailProof, witness: object) -> Conflict:
    """Return the error that says which guardrail stands against a publication, and shows why."""
    if obstacle.verdict is GuardrailVerdict.BROKEN:
        return Conflict(
            "guardrail_broken",
            f"These rules refuse payments that the guardrail {obstacle.guardrail!r} protects.",
            guardrail=obstacle.guardrail, outcome=obstacle.outcome, witness=witness,
        )  # fmt: skip
    return Conflict(
        "guardrail_unproven",
        f"It could not be shown in time that the guardrail {obstacle.guardrail!r} holds.",
        guardrail=obstacle.guardrail,
    )
