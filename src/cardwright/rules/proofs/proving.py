"""The proofs about one rulebook: what never fires, what is shadowed, what contradicts, what would change."""

from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import Final

import z3

from cardwright.rules.domain import Rule, RuleAction, RuleStage
from cardwright.rules.evaluation import CompiledRulebook
from cardwright.rules.language.catalogue import AUTHORIZATION_FIELDS, Catalogue
from cardwright.rules.language.checker import Checked
from cardwright.rules.language.compile_python import compile_conditions
from cardwright.rules.proofs.findings import (
    Finding,
    FindingKind,
    Guardrail,
    GuardrailProof,
    GuardrailVerdict,
    Report,
    Verdict,
    check_guardrails,
)
from cardwright.rules.proofs.outcomes import Outcome, OutcomeTerms, live_rules
from cardwright.rules.proofs.room import Room, Tried
from cardwright.rules.proofs.solving import Budget, Example, Impossible

_STRENGTH: Final = {action: place for place, action in enumerate(RuleAction)}
_AGAINST_ALLOW: Final = frozenset({RuleAction.FREEZE, RuleAction.DECLINE, RuleAction.CHALLENGE})
_REFUSING: Final = (Outcome.DECLINED, Outcome.CHALLENGED)
_MOST_MINIMIZED: Final = 12


def prove_rulebook(
    book: CompiledRulebook, active: CompiledRulebook, guardrails: Sequence[Guardrail], *,
    budget_seconds: float, catalogue: Catalogue = AUTHORIZATION_FIELDS,
) -> Report:  # fmt: skip
    """Prove what can be proven of `book` within the time, and compare it with `active`.

    Raises Invalid for guardrails with faults.
    """
    guarded = check_guardrails(guardrails, catalogue)
    room = Room.of(catalogue, book, active, guarded, Budget.of(budget_seconds))
    # What matters most comes first: time may run out.
    dead, changed = list(_never_firing(room)), list(_changed(room))
    kept = tuple(
        _guarded(room, guardrail, condition) for guardrail, condition in zip(guardrails, guarded, strict=True)
    )
    hopeless = frozenset(str(each.rule) for each in dead if each.verdict is Verdict.PROVEN)
    shadowed = reversed(list(_shadowed(room, hopeless)))
    return Report((*dead, *shadowed, *_contradicting(room, hopeless), *changed), kept)


def prove_guardrails_of(
    book: CompiledRulebook, guardrails: Sequence[Guardrail], *, budget_seconds: float, catalogue: Catalogue
) -> tuple[GuardrailProof, ...]:
    """Prove nothing but whether the guardrails hold; raise Invalid for guardrails with faults."""
    guarded = check_guardrails(guardrails, catalogue)
    room = Room.of(catalogue, book, book, guarded, Budget.of(budget_seconds))
    return tuple(
        _guarded(room, guardrail, condition) for guardrail, condition in zip(guardrails, guarded, strict=True)
    )


def _never_firing(room: Room) -> Iterator[Finding]:
    for rule in room.rules:
        if any(rule.name in tried.hits for tried in room.tried):
            continue
        found = room.find(room.hits[rule.name])
        if isinstance(found, Impossible):
            yield Finding(FindingKind.NEVER_FIRES, Verdict.PROVEN, rule.name)
        elif found is None or rule.name not in room.confirmed(found).hits:
            yield Finding(FindingKind.NEVER_FIRES, Verdict.UNKNOWN, rule.name)


def _shadowed(room: Room, dead: frozenset[str]) -> Iterator[Finding]:
    """Yield the rules that stronger or equal ones always hit along with; all of them can go at once."""
    kept = [rule for rule in room.rules if rule.name not in dead]
    for rule in reversed(tuple(kept)):
        stronger = [other.name for other in kept if other is not rule and _outdoes(other, rule)]
        finding = _shadow(room, rule, stronger) if stronger else None
        if finding is not None:
            yield finding
            if finding.verdict is Verdict.PROVEN:
                kept.remove(rule)


def _outdoes(other: Rule, rule: Rule) -> bool:
    """Answer whether a rule makes no difference where another hits as well."""
    if other.stage is not RuleStage.LIVE:
        return False
    if other.action is rule.action:
        # Points add up, so that no score stands for another.
        return rule.action is not RuleAction.SCORE
    return _STRENGTH[other.action] < _STRENGTH[rule.action]


def _shadow(room: Room, rule: Rule, stronger: Sequence[str]) -> Finding | None:
    names = frozenset(stronger)
    if any(rule.name in tried.hits and not tried.hits & names for tried in room.tried):
        return None
    found = _only(room, rule.name, stronger)
    if isinstance(found, Impossible):
        needed = _least(room, rule.name, [stronger[place - 1] for place in sorted(found.places) if place])
        return Finding(FindingKind.SHADOWED, Verdict.PROVEN, rule.name, tuple(needed))
    if found is not None:
        tried = room.confirmed(found)
        if rule.name in tried.hits and not tried.hits & names:
            return None
    return Finding(FindingKind.SHADOWED, Verdict.UNKNOWN, rule.name)


def _only(room: Room, rule: str, others: Sequence[str]) -> Example | Impossible | None:
    return room.find(room.hits[rule], *(z3.Not(room.hits[other]) for other in others))


def _least(room: Room, rule: str, others: Sequence[str]) -> Sequence[str]:
    """Return fewer of the rules that still shadow the rule, where those are few."""
    least = list(others)
    for other in others if 1 < len(others) <= _MOST_MINIMIZED else ():
        fewer = [each for each in least if each != other]
        if fewer and isinstance(_only(room, rule, fewer), Impossible):
            least = fewer
    return least


def _contradicting(room: Room, dead: frozenset[str]) -> Iterator[Finding]:
    living = [rule for rule in room.rules if rule.name not in dead]
    against = [rule.name for rule in living if rule.action in _AGAINST_ALLOW]
    for rule in living:
        if rule.action is RuleAction.ALLOW and against:
            yield from _contradictions(room, rule.name, against)


def _contradictions(room: Room, allow: str, against: Sequence[str]) -> Iterator[Finding]:
    """Yield transactions that together show every rule that hits along with `allow`."""
    unmet = list(against)
    for tried in tuple(room.tried):
        yield from _met(room, allow, unmet, tried)
    while unmet:
        some = room.solver.variables.any_of(room.hits[name] for name in unmet)
        together = room.solver.named(f"{len(unmet)} with {allow}", some, of=room.names(set(unmet)))
        found = room.find(room.hits[allow], together)
        if isinstance(found, Impossible):
            return
        findings = [] if found is None else list(_met(room, allow, unmet, room.confirmed(found)))
        yield from findings
        if not findings:
            yield Finding(FindingKind.CONTRADICTION, Verdict.UNKNOWN, allow, tuple(unmet))
            return


def _met(room: Room, allow: str, unmet: list[str], tried: Tried) -> Iterator[Finding]:
    """Yield the rules not met before that hit along with `allow` this time, and strike them off."""
    met = tuple(name for name in unmet if name in tried.hits) if allow in tried.hits else ()
    if met:
        unmet[:] = [name for name in unmet if name not in met]
        witness = room.witness(tried.example, (allow, *met))
        yield Finding(FindingKind.CONTRADICTION, Verdict.PROVEN, allow, met, witness=witness)


def _changed(room: Room) -> Iterator[Finding]:
    """Yield, for each way in which an outcome could change, a transaction whose outcome does."""
    if room.book.rulebook.hash == room.active.rulebook.hash:
        return
    counting, before_counting = live_rules(room.book.rulebook), live_rules(room.active.rulebook)
    variables = room.solver.variables
    hits = {name: term for name, term in room.hits.items() if name in counting}
    before_hits = {name: term for name, term in room.active_hits.items() if name in before_counting}
    after_terms = OutcomeTerms.of(room.book.rulebook, hits, variables)
    before_terms = OutcomeTerms.of(room.active.rulebook, before_hits, variables)
    for before, after in permutations(Outcome, 2):
        both = z3.And(before_terms.by_outcome[before], after_terms.by_outcome[after])
        found = room.find(
            room.solver.named(f"{before} to {after}", both, of=room.names(counting, before_counting))
        )
        if isinstance(found, Impossible):
            continue
        kind, verdict, witness = FindingKind.OUTCOME_CHANGED, Verdict.UNKNOWN, None
        if found is not None and (before, after) == (
            room.outcome(found, before_counting, active=True), room.outcome(found, counting),
        ):  # fmt: skip
            shown = room.hit_names(found) & (counting | before_counting)
            verdict, witness = Verdict.PROVEN, room.witness(found, shown)
        yield Finding(kind, verdict, before=before, after=after, witness=witness)


def _guarded(room: Room, guardrail: Guardrail, condition: Checked) -> GuardrailProof:
    """Prove that nothing is refused under the condition; a sampled rule may count or not."""
    variables = room.solver.variables
    sampled = {rule.name for rule in room.rules if rule.stage is RuleStage.SAMPLED}
    drawn = {name: z3.Bool(f"drawn {name}", variables.context) for name in sampled}
    hits = {
        rule.name: z3.And(room.hits[rule.name], drawn[rule.name])
        if rule.name in sampled
        else room.hits[rule.name]
        for rule in room.rules
        if rule.is_deciding
    }
    terms = OutcomeTerms.of(room.book.rulebook, hits, variables)
    refused = z3.Or(*(terms.by_outcome[outcome] for outcome in _REFUSING))
    broken = z3.And(room.solver.encoder.condition(condition), refused)
    found = room.find(
        room.solver.named(f"guardrail {guardrail.name}", broken, [condition], room.names(hits.keys()))
    )
    if isinstance(found, Impossible):
        return GuardrailProof(guardrail.name, GuardrailVerdict.HOLDS)
    return _broken(room, guardrail, condition, found, frozenset(sampled))


def _broken(
    room: Room, guardrail: Guardrail, condition: Checked, found: Example | None, sampled: frozenset[str]
) -> GuardrailProof:
    live = live_rules(room.book.rulebook)
    if found is not None and _holds(condition, found):
        for counting in (live, live | sampled, *(live | {name} for name in sorted(sampled))):
            outcome = room.outcome(found, counting)
            if outcome in _REFUSING:
                witness = room.witness(found, room.hit_names(found) & counting, [condition])
                return GuardrailProof(guardrail.name, GuardrailVerdict.BROKEN, outcome, witness)
    return GuardrailProof(guardrail.name, GuardrailVerdict.UNKNOWN)


def _holds(condition: Checked, example: Example) -> bool:
    return bool(compile_conditions([condition])(example.facts, example.lists))
