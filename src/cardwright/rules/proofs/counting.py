"""How many recorded authorizations are what proofs found: the rules run on them, and every hit counted."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cardwright.rules.domain import Rule, RuleStage
from cardwright.rules.evaluation import CompiledRulebook
from cardwright.rules.language.checker import Checked
from cardwright.rules.language.compile_python import Matcher, compile_conditions
from cardwright.rules.language.interpreter import Facts, Lists
from cardwright.rules.proofs.findings import Finding, FindingKind, Report
from cardwright.rules.proofs.outcomes import Outcome, live_rules, outcome_of

_Judged = Callable[[int], Outcome]


@dataclass(frozen=True, slots=True)
class Count:
    """How many authorizations a finding concerns, and how many speak against it; None where not counted.

    None should speak against a proof: what does is outside of what the catalogue says of its fields.
    """

    concerned: int | None = None
    against: int | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of a report, in its order."""

    findings: Sequence[Count]
    guardrails: Sequence[Count]

    @classmethod
    def none(cls, report: Report) -> "Counts":
        """Return the counts of a report for which nothing was looked at."""
        return cls([Count()] * len(report.findings), [Count()] * len(report.guardrails))


@dataclass(slots=True)
class Tally:
    """What hit together how often: the rules proven, the active ones, and the conditions of guardrails.

    The fields of `names` are what hits depend on; `required` ones of them every authorization has.
    """

    book: CompiledRulebook
    active: CompiledRulebook
    guarded: Matcher
    names: frozenset[str]
    required: frozenset[str]
    list_names: frozenset[str]
    times: Counter[tuple[int, int, int]] = field(default_factory=Counter)
    incomplete: int = 0

    @classmethod
    def of(cls, book: CompiledRulebook, active: CompiledRulebook, guarded: Sequence[Checked]) -> "Tally":
        """Begin with nothing counted."""
        conditions = (*book.conditions, *active.conditions, *guarded)
        fields = {each.name: each for condition in conditions for each in condition.fields}
        return cls(
            book, active, compile_conditions(guarded), frozenset(fields),
            frozenset(name for name, each in fields.items() if not each.is_optional),
            frozenset(each.name for condition in conditions for each in condition.lists),
        )  # fmt: skip

    def add(self, facts: Facts, lists: Lists) -> None:
        """Count an authorization, among the incomplete ones if nobody knows a field of it.

        What is known to be missing is None, and known.
        """
        if not self.names <= facts.keys() or any(facts[name] is None for name in self.required):
            self.incomplete += 1
            return
        hits = (self.book.matches(facts, lists), self.active.matches(facts, lists))
        self.times[(*hits, self.guarded(facts, lists))] += 1

    def counts(self, report: Report) -> Counts:
        """Return what was counted of each finding; the guardrails are those of the conditions, in order."""
        live, before = live_rules(self.book.rulebook), live_rules(self.active.rulebook)
        sampled = {rule.name for rule in self.book.rules if rule.stage is RuleStage.SAMPLED}
        # A sampled rule may count or not, as in the proofs.
        drawn = (set[str](), sampled, *({name} for name in sampled))
        ways = [_judging(self.book, live | names) for names in drawn]
        changes: Counter[tuple[Outcome, Outcome]] = Counter()
        broken: Counter[int] = Counter()
        after_of, before_of = ways[0], _judging(self.active, before)
        for (hits, hits_before, guarded), times in self.times.items():
            changes[before_of(hits_before), after_of(hits)] += times
            if guarded and any(judged(hits) is not Outcome.APPROVED for judged in ways):
                for place in range(len(report.guardrails)):
                    broken[place] += times * (guarded >> place & 1)
        return Counts(
            [self._count(each, changes) for each in report.findings],
            [Count(broken[place]) for place in range(len(report.guardrails))],
        )

    def _count(self, finding: Finding, changes: Mapping[tuple[Outcome, Outcome], int]) -> Count:
        if finding.before is not None and finding.after is not None:
            return Count(changes.get((finding.before, finding.after), 0))
        if finding.kind is FindingKind.CONTRADICTION:
            return Count()
        rule, others = self._bits([str(finding.rule)]), self._bits(finding.others)
        hit = sum(times for (hits, *_), times in self.times.items() if hits & rule)
        alone = sum(times for (hits, *_), times in self.times.items() if hits & rule and not hits & others)
        return Count(hit, alone)

    def _bits(self, names: Collection[str]) -> int:
        return sum(1 << place for place, rule in enumerate(self.book.rules) if rule.name in names)


def _judging(book: CompiledRulebook, counting: Iterable[str]) -> _Judged:
    """Return what says what hits come to; few hit together in many ways, so each way is judged once."""
    names = frozenset(counting)
    known: dict[int, Outcome] = {}

    def judged(hits: int) -> Outcome:
        if hits not in known:
            known[hits] = outcome_of(_counting(book, names, hits), book.rulebook.scoring)
        return known[hits]

    return judged


def _counting(book: CompiledRulebook, names: frozenset[str], hits: int) -> Sequence[Rule]:
    return [rule for place, rule in enumerate(book.rules) if hits >> place & 1 and rule.name in names]
