"""Proofs about a program's rules, with its lists and the guardrails it keeps, beside the event loop."""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from cardwright import programs
from cardwright.core.errors import Conflict, Invalid
from cardwright.db.session import Session
from cardwright.rules import guardrail_store, lists, store
from cardwright.rules.domain import Rule, Rulebook, Scoring
from cardwright.rules.evaluation import CompiledRulebook, compile_rulebook
from cardwright.rules.language.catalogue import CURRENCY, Catalogue
from cardwright.rules.looking_back import Looked, look_back
from cardwright.rules.ports import PastAuthorizations, Transactions
from cardwright.rules.proofs import (
    Guardrail,
    GuardrailProof,
    GuardrailVerdict,
    Report,
    Tally,
    check_guardrails,
    prove,
    prove_guardrails,
)
from cardwright.rules.rulebook import active_rulebook, compile_kept

_BUDGET_SECONDS: Final = 10.0
# One proof at a time, beside the event loop: whoever asks for many shall not slow authorizations down.
_PROVING: Final = ThreadPoolExecutor(1, thread_name_prefix="proofs")
# Going back is for emergencies: it waits for nobody's proofs of something else.
_URGENT: Final = ThreadPoolExecutor(1, thread_name_prefix="urgent-proofs")
_URGENT_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class Next:
    """The rules of a next version."""

    rules: Sequence[Rule]
    scoring: Scoring


@dataclass(frozen=True, slots=True)
class Proven:
    """What was found, beside which active version, and the conditions of the guardrails that are kept.

    `looked` tells how often it has happened; None when nothing was found that could be counted. All of it is
    about purchases in `currency`, that of the program.
    """

    report: Report
    compared_with: int
    kept: Mapping[str, str]
    looked: Looked | None
    currency: str | None


async def prove_rules(
    transactions: Transactions, program_id: str, proposed: Next | None, more: Sequence[Guardrail] = (), *,
    history: PastAuthorizations, at: datetime,
) -> Proven:  # fmt: skip
    """Prove what can be proven within ten seconds of the active rules, or of those of a next version.

    How often what was found has happened is then counted for two seconds more. `more` are guardrails beside
    the kept ones, and count instead of kept ones of their names.
    Raises RulebookInvalid, and Invalid for guardrails with faults.
    """
    # The connection is given back before the work begins.
    async with transactions() as session:
        active = await active_rulebook(session, program_id)
        currency = await programs.find_currency(session, program_id)
        catalogue = await _catalogue(session, program_id, currency)
        kept = {it.name: it.when for it in await guardrail_store.kept_guardrails(session, program_id)}
    named = {**kept, **{guardrail.name: guardrail.when for guardrail in more}}
    guardrails = [Guardrail(name, when) for name, when in named.items()]
    report, tally = await asyncio.get_running_loop().run_in_executor(
        _PROVING, _proven, proposed, active, guardrails, catalogue
    )
    looked = None
    if report.findings or report.guardrails:
        looked = await look_back(history, transactions, program_id, tally, report, at)
    return Proven(report, active.rulebook.version, kept, looked, currency)


async def _catalogue(session: Session, program_id: str, currency: str | None) -> Catalogue:
    # All cards of a program pay in its currency, and what asks for another is declined whatever they say.
    catalogue = await lists.catalogue_of(session, program_id)
    return catalogue if currency is None else catalogue.fixing(CURRENCY, currency)


def _proven(
    proposed: Next | None, active: CompiledRulebook, guardrails: Sequence[Guardrail], catalogue: Catalogue
) -> tuple[Report, Tally]:
    book = active
    if proposed is not None:
        rulebook = Rulebook(active.rulebook.version + 1, tuple(proposed.rules), proposed.scoring)
        book = compile_rulebook(rulebook, catalogue)
    report = prove(book, active, guardrails, budget_seconds=_BUDGET_SECONDS, catalogue=catalogue)
    return report, Tally.of(book, active, check_guardrails(guardrails, catalogue))


async def prove_restored(
    transactions: Transactions, program_id: str, version: int
) -> tuple[Sequence[GuardrailProof], Mapping[str, str]]:
    """Prove within three seconds whether an earlier version breaks what is kept now; return the kept as well.

    Nothing is asked of a solver where no guardrail is kept or no rule decides: switching off always works.
    Raises Invalid `rulebook_version_unknown`.
    """
    async with transactions() as session:
        kept = {it.name: it.when for it in await guardrail_store.kept_guardrails(session, program_id)}
        found = await store.find_version(session, program_id, version)
        if found is None:
            raise unknown_version(version)
        if not kept or not any(rule.is_deciding for rule in found.rulebook.rules):
            return (), kept
        catalogue = await _catalogue(session, program_id, await programs.find_currency(session, program_id))
        book = await compile_kept(session, program_id, found.rulebook)
    guardrails = [Guardrail(name, when) for name, when in kept.items()]
    work = partial(prove_guardrails, book, guardrails, budget_seconds=_URGENT_SECONDS, catalogue=catalogue)
    return await asyncio.get_running_loop().run_in_executor(_URGENT, work), kept


def unknown_version(version: int) -> Invalid:
    """Return the error for a version that was never published."""
    return Invalid("rulebook_version_unknown", f"There is no version {version} of the rulebook.")


def find_obstacle(proofs: Sequence[GuardrailProof], *, accepts_unproven: bool) -> GuardrailProof | None:
    """Return the guardrail that forbids to let rules decide: it is broken, or was not proven to hold."""
    for verdict in (GuardrailVerdict.BROKEN, GuardrailVerdict.UNKNOWN):
        for proof in proofs:
            if proof.verdict is verdict and not (accepts_unproven and verdict is GuardrailVerdict.UNKNOWN):
                return proof
    return None


def refusal(obstacle: GuardrailProof, witness: object) -> Conflict:
    """Return the error that says which guardrail stands against rules, and shows why."""
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
