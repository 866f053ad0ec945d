import subprocess
import sys
from random import Random

import pytest

from cardwright.core.errors import Invalid
from cardwright.rules import compile_rulebook, evaluate
from cardwright.rules.domain import Rule, RuleAction, Rulebook, RuleStage, Scoring
from cardwright.rules.evaluation import CompiledRulebook
from cardwright.rules.language.interpreter import Facts, interpret
from cardwright.rules.proofs import (
    Finding,
    FindingKind,
    Guardrail,
    GuardrailVerdict,
    Outcome,
    Report,
    Tally,
    Verdict,
    Witness,
    check_guardrails,
    prove,
)
from cardwright.rules.proofs.outcomes import outcome_of
from unit.rules.expressions import FIELDS, LISTS, Author, accepted, random_facts
from unit.rules.planted import CATALOGUE, plant

EMPTY = compile_rulebook(Rulebook(0, ()))
ENOUGH = 120.0


def rule(name: str, when: str, action: str = "decline", **rest: object) -> Rule:
    return Rule(name, when, RuleAction(action), "A reason.", **rest)  # type: ignore[arg-type]


def book(*rules: Rule, scoring: Scoring = Scoring()) -> CompiledRulebook:
    return compile_rulebook(Rulebook(1, rules, scoring), CATALOGUE)


def proven(*rules: Rule, active: CompiledRulebook = EMPTY, scoring: Scoring = Scoring()) -> Report:
    return prove(book(*rules, scoring=scoring), active, budget_seconds=ENOUGH, catalogue=CATALOGUE)


def of_kind(report: Report, kind: FindingKind, verdict: Verdict = Verdict.PROVEN) -> list[Finding]:
    return [finding for finding in report.findings if finding.kind is kind and finding.verdict is verdict]


def confirms(compiled: CompiledRulebook, witness: Witness | None, *names: str) -> bool:
    """Run the rules on a witness alone, of which everything else is as it may be."""
    assert witness is not None
    rules = tuple(each for each in compiled.rulebook.rules if each.name in names)
    hits = evaluate(compile_rulebook(Rulebook(1, rules), CATALOGUE), witness.facts, witness.lists)
    return {hit.rule for hit in hits} == set(names)


def test_forty_defects_among_two_hundred_rules_are_all_found_and_nothing_else() -> None:
    planted = plant(200)
    compiled = compile_rulebook(planted.rulebook, CATALOGUE)
    report = prove(compiled, EMPTY, budget_seconds=ENOUGH, catalogue=CATALOGUE)
    assert report.is_complete
    assert {each.rule for each in of_kind(report, FindingKind.NEVER_FIRES)} == planted.dead
    assert {each.rule for each in of_kind(report, FindingKind.SHADOWED)} == planted.shadowed
    clashes = of_kind(report, FindingKind.CONTRADICTION)
    assert {(each.rule, other) for each in clashes for other in each.others} == planted.contradicting
    for each in clashes:
        assert confirms(compiled, each.witness, str(each.rule), *each.others)


def test_what_shadows_a_rule_is_named_and_no_more_than_that() -> None:
    planted = plant(200)
    report = prove(
        compile_rulebook(planted.rulebook, CATALOGUE), EMPTY, budget_seconds=ENOUGH, catalogue=CATALOGUE
    )
    for each in of_kind(report, FindingKind.SHADOWED):
        place = str(each.rule).rpartition("_")[2]
        assert {name.rpartition("_")[0] for name in each.others} == {f"broad_{place}"}


def random_rulebook(random: Random, size: int) -> Rulebook:
    conditions: list[str] = []
    while len(conditions) < size:
        source = Author(random).condition()
        if accepted(source) is not None:
            conditions.append(source)
    actions = [action for action in RuleAction if action is not RuleAction.SCORE]
    return Rulebook(
        1, tuple(rule(f"r{place}", when, random.choice(actions)) for place, when in enumerate(conditions))
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(8))
def test_no_random_transaction_speaks_against_a_proof(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - no secret
    rows = [random_facts(random) for _ in range(3_000)]
    judged = unknown = 0
    for _ in range(4):
        compiled = compile_rulebook(random_rulebook(random, 8), FIELDS)
        other = compile_rulebook(random_rulebook(random, 3), FIELDS)
        report = prove(compiled, other, budget_seconds=ENOUGH, catalogue=FIELDS)
        matched = [compiled.matches(row, LISTS) for row in rows]
        seen = [
            {each.name for place, each in enumerate(compiled.rules) if bits >> place & 1} for bits in matched
        ]
        for finding in report.findings:
            judged += 1
            unknown += finding.verdict is Verdict.UNKNOWN
            if finding.verdict is Verdict.PROVEN:
                assert not any(speaks_against(finding, hits) for hits in seen), finding
        clashes = [each for each in report.findings if each.kind is FindingKind.CONTRADICTION]
        meetings = {(each.rule, other) for each in clashes for other in each.others}
        allows = [each.name for each in compiled.rules if each.action is RuleAction.ALLOW]
        refuses = [each.name for each in compiled.rules if each.action in {"freeze", "decline", "challenge"}]
        for hits in seen:
            assert {(one, two) for one in allows for two in refuses if {one, two} <= hits} <= meetings
        outcomes = {(each.before, each.after) for each in report.findings if each.before is not None}
        for row in rows[:200]:
            change = (made_of(other, row), made_of(compiled, row))
            assert change[0] is change[1] or change in outcomes
    assert unknown <= judged / 4


@pytest.mark.parametrize("seed", range(4))
def test_what_is_counted_of_findings_is_what_the_rules_make_of_each_transaction(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - no secret
    rows = [random_facts(random) for _ in range(400)]
    compiled = compile_rulebook(random_rulebook(random, 8), FIELDS)
    other = compile_rulebook(random_rulebook(random, 3), FIELDS)
    guardrails = [Guardrail("first", "number > 3"), Guardrail("second", "count < 9 && flag")]
    report = prove(compiled, other, guardrails, budget_seconds=ENOUGH, catalogue=FIELDS)
    guarded = check_guardrails(guardrails, FIELDS)
    tally = Tally.of(compiled, other, guarded)
    for row in (*rows, {**rows[0], "number": None}):
        tally.add(row, LISTS)
    counts = tally.counts(report)
    assert tally.incomplete == 1
    hits = [{hit.rule for hit in evaluate(compiled, row, LISTS)} for row in rows]
    for finding, count in zip(report.findings, counts.findings, strict=True):
        if finding.before is not None:
            change = (finding.before, finding.after)
            assert count.concerned == sum(
                (made_of(other, row), made_of(compiled, row)) == change for row in rows
            )
        elif finding.kind is not FindingKind.CONTRADICTION:
            assert count.concerned == sum(finding.rule in each for each in hits)
            if finding.verdict is Verdict.PROVEN:
                assert count.against == 0
    for condition, count in zip(guarded, counts.guardrails, strict=True):
        assert count.concerned == sum(
            made_of(compiled, row) is not Outcome.APPROVED
            for row in rows
            if interpret(condition.tree, row, LISTS)
        )


def speaks_against(finding: Finding, hits: set[str]) -> bool:
    if finding.kind is FindingKind.NEVER_FIRES:
        return finding.rule in hits
    return finding.kind is FindingKind.SHADOWED and finding.rule in hits and not hits & set(finding.others)


def made_of(compiled: CompiledRulebook, row: Facts) -> Outcome:
    hits = {hit.rule for hit in evaluate(compiled, row, LISTS)}
    return outcome_of([each for each in compiled.rules if each.name in hits], compiled.rulebook.scoring)


def test_a_change_is_shown_by_a_transaction_for_each_way_it_goes() -> None:
    before = book(
        rule("large", "amount > 1000"), rule("shops", 'merchant.name.contains("SHOP")', "challenge")
    )
    report = proven(
        rule("large", "amount > 2000"), rule("shops", 'merchant.name.contains("SHOP")'), active=before
    )
    changes = {(each.before, each.after): each for each in of_kind(report, FindingKind.OUTCOME_CHANGED)}
    assert set(changes) == {(Outcome.DECLINED, Outcome.APPROVED), (Outcome.CHALLENGED, Outcome.DECLINED)}
    witness = changes[Outcome.DECLINED, Outcome.APPROVED].witness
    assert witness is not None
    assert 1000 < int(str(witness.facts["amount"])) <= 2000


def test_equal_rules_in_other_words_change_nothing() -> None:
    before = book(rule("a", 'merchant.country in ["DE", "FR"] && amount > 10'))
    report = proven(
        rule("b", 'merchant.country == "FR" && amount >= 11'),
        rule("c", '!(amount < 11 || merchant.country != "DE")'),
        active=before,
    )  # fmt: skip
    assert report.findings == ()


def test_points_are_added_up_and_set_aside_by_an_allowing_rule() -> None:
    scoring = Scoring(challenge_at=30, decline_at=60)
    report = proven(
        rule("one", "amount > 10", "score", points=30), rule("two", "amount > 20", "score", points=30),
        rule("fine", "holder.kyc_level == 9", "allow"), scoring=scoring,
    )  # fmt: skip
    changes = {(each.before, each.after) for each in of_kind(report, FindingKind.OUTCOME_CHANGED)}
    assert changes == {(Outcome.APPROVED, Outcome.CHALLENGED), (Outcome.APPROVED, Outcome.DECLINED)}
    assert of_kind(report, FindingKind.SHADOWED) == []


def test_a_rule_that_only_watches_outdoes_none_that_decides() -> None:
    broad = rule("broad", "amount > 10", stage=RuleStage.SHADOW)
    assert of_kind(proven(broad, rule("narrow", "amount > 20")), FindingKind.SHADOWED) == []
    shadowed = of_kind(
        proven(rule("broad", "amount > 10"), rule("narrow", "amount > 20", "flag")), FindingKind.SHADOWED
    )
    assert [(each.rule, each.others) for each in shadowed] == [("narrow", ("broad",))]


def test_of_two_equal_rules_the_later_one_is_superfluous() -> None:
    report = proven(rule("first", "amount >= 300"), rule("second", "amount / 100 >= 3"))
    assert [each.rule for each in of_kind(report, FindingKind.SHADOWED)] == ["second"]


def guarded(when: str, *rules: Rule, scoring: Scoring = Scoring()) -> tuple[GuardrailVerdict, Outcome | None]:
    report = prove(
        book(*rules, scoring=scoring),
        EMPTY,
        (Guardrail("small", when),),
        budget_seconds=ENOUGH,
        catalogue=CATALOGUE,
    )
    (proof,) = report.guardrails
    assert (proof.witness is not None) is (proof.verdict is GuardrailVerdict.BROKEN)
    return proof.verdict, proof.outcome


def test_a_guardrail_holds_only_where_nothing_refuses_under_it() -> None:
    when = "holder.kyc_level >= 2 && amount < 500"
    holds, broken = (GuardrailVerdict.HOLDS, None), GuardrailVerdict.BROKEN
    assert guarded(when, rule("a", "amount >= 500"), rule("b", "holder.kyc_level < 2")) == holds
    assert guarded(when, rule("a", "amount > 400")) == (broken, Outcome.DECLINED)
    assert guarded(when, rule("a", "amount > 400", "challenge")) == (broken, Outcome.CHALLENGED)
    assert guarded(when, rule("a", "amount > 400", "challenge"), rule("b", "amount < 900", "allow")) == holds
    assert guarded(when, rule("a", "amount > 400", stage=RuleStage.SHADOW)) == holds
    assert guarded(when, rule("a", "amount > 400", stage=RuleStage.SAMPLED, sample_percent=5)) == (
        broken, Outcome.DECLINED,
    )  # fmt: skip
    points = rule("a", "amount > 400", "score", points=50)
    assert guarded(when, points, scoring=Scoring(decline_at=51)) == holds
    assert guarded(when, points, scoring=Scoring(decline_at=50)) == (broken, Outcome.DECLINED)


def test_an_allowing_rule_that_counts_for_a_sample_protects_nobody() -> None:
    sampled = rule("b", "amount < 900", "allow", stage=RuleStage.SAMPLED, sample_percent=99)
    assert (
        guarded("amount < 500", rule("a", "amount > 400", "challenge"), sampled)[0] is GuardrailVerdict.BROKEN
    )


def test_a_guardrail_with_a_fault_is_refused_and_so_is_a_name_twice() -> None:
    with pytest.raises(Invalid, match="small"):
        guarded("amuont < 5")
    with pytest.raises(Invalid, match="same name"):
        prove(EMPTY, EMPTY, (Guardrail("a", "amount > 1"), Guardrail("a", "amount > 2")), budget_seconds=1)


def test_what_cannot_be_decided_is_told_as_unknown() -> None:
    report = proven(rule("word", r'merchant.name.matches("^\\Ba\\B$")'))
    assert [(each.kind, each.verdict) for each in report.findings][:1] == [
        (FindingKind.NEVER_FIRES, Verdict.UNKNOWN)
    ]
    late = prove(book(rule("a", "amount > 4")), EMPTY, (Guardrail("g", "amount > 3"),), budget_seconds=0)
    assert {each.verdict for each in late.findings} == {Verdict.UNKNOWN}
    assert late.guardrails[0].verdict is GuardrailVerdict.UNKNOWN
    assert not late.is_complete


def test_the_solver_is_loaded_by_nobody_who_does_not_ask_for_proofs() -> None:
    program = "import sys, cardwright.main, cardwright.worker, cardwright.cli; sys.exit('z3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_division_rounds_toward_zero_as_it_does_when_rules_run() -> None:
    pairs = [(number, divisor) for number in (-9, -8, -7, -1, 0, 7) for divisor in (2, 4)]
    results = range(-5, 6)
    sources = {
        f"r{place}": f"number == {number} && number {sign} {divisor} == {result}"
        for place, (number, divisor, sign, result) in enumerate(
            (*pair, sign, result) for pair in pairs for sign in "/%" for result in results
        )
    }
    compiled = compile_rulebook(
        Rulebook(1, tuple(rule(name, when) for name, when in sources.items())), FIELDS
    )
    report = prove(compiled, EMPTY, budget_seconds=ENOUGH, catalogue=FIELDS)
    fires = {
        each.name
        for number in range(-50, 51)
        for bits in (compiled.matches({"number": number}),)
        for place, each in enumerate(compiled.rules)
        if bits >> place & 1
    }
    assert len(fires) == 2 * len(pairs)
    assert {each.rule for each in of_kind(report, FindingKind.NEVER_FIRES)} == sources.keys() - fires


def test_no_card_is_older_than_the_account_of_its_holder() -> None:
    report = proven(
        rule("never", "holder.age_days < card.age_days"), rule("at_once", "holder.age_days == card.age_days")
    )
    assert [each.rule for each in of_kind(report, FindingKind.NEVER_FIRES)] == ["never"]


@pytest.mark.parametrize("name", ["amount", "merchant.name", "nothing"])
def test_a_catalogue_fixes_only_what_has_listed_values(name: str) -> None:
    with pytest.raises(ValueError, match="listed"):
        CATALOGUE.fixing(name, "USD")


def test_in_one_currency_rules_about_others_never_fire() -> None:
    compiled = book(
        rule("dollars", 'currency == "USD" && amount > 5'), rule("euros", 'currency in ["EUR", "ETB"]')
    )
    report = prove(compiled, EMPTY, budget_seconds=ENOUGH, catalogue=CATALOGUE.fixing("currency", "USD"))
    assert [each.rule for each in of_kind(report, FindingKind.NEVER_FIRES)] == ["euros"]
