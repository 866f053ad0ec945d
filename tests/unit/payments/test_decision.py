"""Each check passes and fails at its edge, in its words, with its reason and with what would have passed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from cardwright.cards import Purchase
from cardwright.payments.decision import (
    RESPONSE_CODES,
    Check,
    ControlFact,
    DeclineCause,
    ExceptionFact,
    Facts,
    LimitFact,
    NetworkAnswer,
    Outcome,
    TermsFact,
    Verdict,
    decide,
    instant_text,
)
from cardwright.rules import CompiledRulebook, Rule, RuleAction, Rulebook, Scoring, compile_rulebook

NO_RULES: Final = compile_rulebook(Rulebook(0, ()))
GOOD: Final = Facts(
    decided_at="2026-11-23T12:00:00+00:00", amount=25_00, currency="USD", card_currency="USD",
    card_state="active", kyc_level=2, available_balance=100_00, limits=(),
    fields={"amount": 25_00, "kind": "authorization", "merchant.country": "US", "merchant.city": None},
    rulebook_version=0, rulebook_hash=NO_RULES.rulebook.hash,
)  # fmt: skip
RESET: Final = "2026-12-01T00:00:00+00:00"
MONTH: Final = LimitFact("month", 500_00, 480_00, RESET)

SHOP: Final = Purchase("mer_shop", "Shop", "5411", "groceries", "US", "ecommerce", weekday=1, minute=9 * 60)
TERMS: Final = TermsFact(
    uses=None, used=0, is_new_use=True, exact_amount=None, is_locked=False, merchant_id=None,
    merchant_name=None, valid_from=None, valid_until=None,
)  # fmt: skip
REFUSED_TERMS: Final[Mapping[str, Mapping[str, Any]]] = {
    "card_not_yet_valid": {"terms": replace(TERMS, valid_from="2026-11-23T12:00:01+00:00")},
    "card_no_longer_valid": {"terms": replace(TERMS, valid_until="2026-11-23T12:00:00+00:00")},
    "uses_exhausted": {"terms": replace(TERMS, uses=3, used=3)},
    "amount_not_exact": {"terms": replace(TERMS, exact_amount=24_99)},
    "merchant_locked": {"terms": replace(TERMS, is_locked=True, merchant_id="mer_x"), "purchase": SHOP},
}
REFUSED_CONTROLS: Final[Mapping[str, Mapping[str, Any]]] = {
    code: {"purchase": SHOP, "controls": (ControlFact("card", dimension, "allowed", values),)}
    for code, dimension, values in (
        ("category_not_allowed", "categories", ("5814", "travel")),
        ("merchant_not_allowed", "merchants", ("mer_x",)),
        ("country_not_allowed", "countries", ("FR",)),
        ("channel_not_allowed", "channels", ("in_person",)),
        ("hour_not_allowed", "hours", ("tue-sun 00:00-24:00",)),
    )
}


def a_rulebook(*rules: tuple[str, str, RuleAction]) -> CompiledRulebook:
    made = [Rule(name, when, action, f"{name} says no.") for name, when, action in rules]
    return compile_rulebook(Rulebook(1, tuple(made)))


def a_scoring_rulebook() -> CompiledRulebook:
    sign = Rule("sign", "amount > 1", RuleAction.SCORE, "A sign.", points=9)
    return compile_rulebook(Rulebook(1, (sign,), Scoring(decline_at=9)))


def verdict_of(rulebook: CompiledRulebook = NO_RULES, **changes: Any) -> Verdict:
    return decide(replace(GOOD, **changes), rulebook)


def check_of(name: str, rulebook: CompiledRulebook = NO_RULES, **changes: Any) -> Check:
    [found] = [check for check in verdict_of(rulebook, **changes).checks if check.name == name]
    return found


def test_good_facts_are_approved_by_every_check_in_the_fixed_order() -> None:
    verdict = verdict_of(limits=(MONTH, LimitFact("day", 25_00, 0, RESET)), amount=20_00)
    assert verdict == Verdict(
        outcome=Outcome.APPROVED, reason_code=None, response_code="00", flags=(),
        checks=(
            Check("card_state", passed=True, code=None, explanation="The card is active."),
            Check("holder", passed=True, code=None, explanation="The holder's identity is verified."),
            Check("currency", passed=True, code=None, explanation="The card pays in USD."),
            Check(
                "limit_month", passed=True, code=None,
                explanation="20.00 USD and 480.00 USD used are within the monthly limit of 500.00 USD.",
            ),
            Check(
                "limit_day", passed=True, code=None,
                explanation="20.00 USD and 0.00 USD used are within the daily limit of 25.00 USD.",
            ),
            Check(
                "balance", passed=True, code=None, explanation="20.00 USD is covered by 100.00 USD available."
            ),
            Check("rules", passed=True, code=None, explanation="No rule declines this."),
        ),
    )  # fmt: skip
    assert verdict.explanation == "All checks passed."
    assert verdict.would_pass is None


@pytest.mark.parametrize(
    ("state", "code", "response", "explanation", "would_pass"),
    [
        ("frozen", "card_frozen", "62", "The card is frozen.", "Unfreeze the card."),
        ("inactive", "card_inactive", "78", "The card is inactive.", "Wait until the card has been issued."),
        (
            "canceled", "card_canceled", "62", "The card is canceled.",
            "Use another card: a canceled one stays canceled.",
        ),
        (None, "card_unknown", "14", "We do not know this card.", None),
    ],
)  # fmt: skip
def test_only_an_active_card_pays(
    state: str | None, code: str, response: str, explanation: str, would_pass: str | None
) -> None:
    verdict = verdict_of(card_state=state)
    assert (verdict.outcome, verdict.reason_code, verdict.response_code) == ("declined", code, response)
    assert (verdict.explanation, verdict.would_pass) == (explanation, would_pass)


def test_an_unverified_holder_does_not_pay() -> None:
    verdict = verdict_of(kyc_level=0)
    assert (verdict.reason_code, verdict.response_code) == ("kyc_required", "57")
    assert verdict.explanation == "The holder's identity is not verified."
    assert verdict.would_pass == "Verify the holder's identity."


def test_a_request_in_another_currency_than_the_cards_is_declined() -> None:
    verdict = verdict_of(card_currency="EUR")
    assert (verdict.reason_code, verdict.response_code) == ("currency_mismatch", "57")
    assert verdict.explanation == "The network asked in USD, the card pays in EUR."
    assert check_of("currency", card_currency=None).passed


@pytest.mark.parametrize(("amount", "passes"), [(19_99, True), (20_00, True), (20_01, False)])
def test_a_limit_is_exact_to_the_minor_unit(amount: int, passes: bool) -> None:
    assert check_of("limit_month", limits=(MONTH,), amount=amount).passed is passes


def test_a_limit_tells_the_three_ways_to_pass_it() -> None:
    check = check_of("limit_month", limits=(MONTH,))
    assert check.code == "limit_exceeded"
    assert check.explanation == "25.00 USD on top of 480.00 USD used exceeds the monthly limit of 500.00 USD."
    assert check.would_pass == (
        "An amount of at most 20.00 USD. "
        f"Waiting until {RESET}, when the limit starts anew. "
        "A monthly limit of at least 505.00 USD."
    )


@pytest.mark.parametrize(
    ("limit", "hint"),
    [
        (LimitFact("month", 500_00, 500_00, RESET), f"Waiting until {RESET}, when the limit starts anew. "),
        (LimitFact("month", 500_00, 700_00, RESET), f"Waiting until {RESET}, when the limit starts anew. "),
        (LimitFact("month", 10_00, 0, RESET), "An amount of at most 10.00 USD. "),
        (LimitFact("lifetime", 500_00, 490_00, None), "An amount of at most 10.00 USD. "),
        (LimitFact("month", 0, 0, RESET), ""),
    ],
    ids=["nothing left", "overdrawn", "more than the limit itself", "never resets", "a limit of zero"],
)
def test_a_limit_promises_only_what_would_really_pass(limit: LimitFact, hint: str) -> None:
    check = check_of(f"limit_{limit.window}", limits=(limit,))
    called = "lifetime" if limit.window == "lifetime" else "monthly"
    needed = f"{(limit.used + 25_00) / 100:.2f}"
    assert check.would_pass == f"{hint}A {called} limit of at least {needed} USD."


def test_waiting_is_no_way_to_pass_an_increment_which_counts_where_its_payment_began() -> None:
    fields = {**GOOD.fields, "kind": "increment"}
    check = check_of("limit_month", limits=(MONTH,), fields=fields)
    assert check.would_pass == "An amount of at most 20.00 USD. A monthly limit of at least 505.00 USD."


@pytest.mark.parametrize(
    ("window", "called"),
    [
        ("per_authorization", "single-payment"), ("day", "daily"), ("week", "weekly"), ("month", "monthly"),
        ("year", "yearly"), ("lifetime", "lifetime"),
    ],
)  # fmt: skip
def test_every_window_has_its_word(window: str, called: str) -> None:
    check = check_of(f"limit_{window}", limits=(LimitFact(window, 1_00, 0, None),))
    assert f"exceeds the {called} limit of 1.00 USD" in check.explanation


@pytest.mark.parametrize(
    ("available", "passes"), [(25_01, True), (25_00, True), (24_99, False), (0, False), (-5_00, False)]
)
def test_the_balance_must_cover_the_amount(available: int, passes: bool) -> None:
    assert check_of("balance", available_balance=available).passed is passes


def test_a_balance_too_small_tells_the_top_up_that_is_missing() -> None:
    verdict = verdict_of(available_balance=24_99)
    assert (verdict.reason_code, verdict.response_code) == ("funds_insufficient", "51")
    assert verdict.explanation == "25.00 USD is more than the 24.99 USD available."
    assert verdict.would_pass == "A top-up of at least 0.01 USD."


@pytest.mark.parametrize("available", [0, -1])
def test_a_verification_of_nothing_passes_an_empty_wallet_and_a_limit_of_zero(available: int) -> None:
    verdict = verdict_of(amount=0, available_balance=available, limits=(LimitFact("day", 0, 0, RESET),))
    assert verdict.outcome is Outcome.APPROVED


def test_a_declining_rule_gives_its_reason_its_condition_and_what_would_pass() -> None:
    rulebook = a_rulebook(("too_much", "amount > 2000", RuleAction.DECLINE))
    verdict = verdict_of(rulebook)
    assert (verdict.reason_code, verdict.response_code) == ("rule_declined", "59")
    check = check_of("rules", rulebook)
    assert check.explanation == "too_much says no."
    assert check.detail is not None
    assert check.detail.startswith("too_much: amount ")
    assert check.would_pass is not None
    assert "2000" in check.would_pass
    assert verdict.flags == ()


def test_every_declining_rule_is_a_check_of_its_own_and_a_flag_is_none() -> None:
    rulebook = a_rulebook(
        ("first", "amount > 1", RuleAction.DECLINE),
        ("seen", "amount > 1", RuleAction.FLAG),
        ("second", 'merchant.country == "US"', RuleAction.DECLINE),
        ("other", 'merchant.country == "NG"', RuleAction.DECLINE),
    )
    verdict = verdict_of(rulebook)
    failed = [check for check in verdict.checks if not check.passed]
    assert [check.explanation for check in failed] == ["first says no.", "second says no."]
    assert {check.name for check in failed} == {"rules"}
    assert verdict.flags == ("seen",)


def test_a_flag_alone_leaves_the_payment_approved() -> None:
    verdict = verdict_of(a_rulebook(("seen", "amount > 1", RuleAction.FLAG)))
    assert (verdict.outcome, verdict.flags) == (Outcome.APPROVED, ("seen",))


def test_the_first_reason_is_that_of_the_fixed_order_as_failures_are_mended_one_by_one() -> None:
    broken: dict[str, Any] = {
        "network": NetworkAnswer(approved=False, reason="webhook_timeout"), "card_state": "frozen",
        "kyc_level": 0, "card_currency": "EUR", "limits": (MONTH,), "available_balance": 0,
    }  # fmt: skip
    rulebook = a_rulebook(("never", "amount > 1", RuleAction.DECLINE))
    reasons = [verdict_of(rulebook, **broken).reason_code]
    for mended in tuple(broken):
        del broken[mended]
        reasons.append(verdict_of(rulebook, **broken).reason_code)
    assert reasons == [
        "network_declined", "card_frozen", "kyc_required", "currency_mismatch", "limit_exceeded",
        "funds_insufficient", "rule_declined",
    ]  # fmt: skip


def test_all_hints_of_a_declined_payment_are_told_together() -> None:
    verdict = verdict_of(card_state="frozen", available_balance=0)
    assert verdict.would_pass == "Unfreeze the card. A top-up of at least 25.00 USD."


def test_what_the_network_declined_itself_is_declined_though_every_check_passes() -> None:
    verdict = verdict_of(network=NetworkAnswer(approved=False, reason="card_expired"))
    assert (verdict.outcome, verdict.reason_code) == (Outcome.DECLINED, "network_declined")
    assert verdict.response_code == "05"
    assert verdict.explanation == "The network declined this itself: card_expired."
    assert [check.name for check in verdict.checks if not check.passed] == ["network"]


@pytest.mark.parametrize("cause", ["mirror", "unheard", "funds"])
def test_what_the_network_declines_before_us_is_explained_by_what_we_would_have_said(cause: str) -> None:
    wall = NetworkAnswer(approved=False, reason="spending_controls", cause=DeclineCause(cause))
    verdict = verdict_of(network=wall, limits=(MONTH,))
    ours = verdict_of(limits=(MONTH,))
    assert (verdict.reason_code, verdict.response_code) == ("limit_exceeded", "61")
    assert (verdict.explanation, verdict.would_pass) == (ours.explanation, ours.would_pass)
    beside = verdict.checks[-1]
    assert (beside.name, beside.passed) == ("network", False)
    assert beside.explanation == "The network declined this itself: spending_controls."


def test_a_change_that_the_processor_has_not_heard_of_is_told_as_that() -> None:
    wall = NetworkAnswer(approved=False, reason="card_inactive", cause=DeclineCause.MIRROR)
    verdict = verdict_of(network=wall)
    assert (verdict.outcome, verdict.reason_code) == (Outcome.DECLINED, "processor_behind")
    assert verdict.explanation == (
        "Nothing here declines this: a change has not reached the processor yet; try again in a moment."
    )
    assert verdict.would_pass == "Trying again in a moment, once the processor knows of the change."


@pytest.mark.parametrize("cause", DeclineCause)
def test_whatever_the_network_declines_something_would_have_let_it_pass(cause: DeclineCause) -> None:
    verdict = verdict_of(network=NetworkAnswer(approved=False, reason="some_reason", cause=cause))
    assert verdict.outcome is Outcome.DECLINED
    assert verdict.would_pass


@pytest.mark.parametrize("cause", ["holder", "credentials", "expired", "other"])
def test_what_the_network_has_against_a_payment_itself_comes_before_our_reasons(cause: str) -> None:
    answer = NetworkAnswer(approved=False, reason="not_allowed", cause=DeclineCause(cause))
    verdict = verdict_of(network=answer, limits=(MONTH,))
    assert verdict.reason_code == "network_declined"
    assert [check.name for check in verdict.checks if not check.passed] == ["network", "limit_month"]


def test_what_the_network_approved_in_our_stead_is_approved_though_a_check_fails() -> None:
    verdict = verdict_of(network=NetworkAnswer(approved=True, reason="webhook_timeout"), available_balance=0)
    assert (verdict.outcome, verdict.reason_code, verdict.response_code) == (Outcome.APPROVED, None, "00")
    assert verdict.checks[0] == Check(
        "network", passed=True, code=None, explanation="The network approved this itself: webhook_timeout."
    )
    assert not verdict.checks[-2].passed
    assert verdict.explanation == "25.00 USD is more than the 0.00 USD available."


def test_every_reason_that_can_occur_has_a_response_code_and_no_other_has() -> None:
    declining = a_rulebook(("never", "amount > 1", RuleAction.DECLINE))
    possible: Sequence[tuple[CompiledRulebook, Mapping[str, Any]]] = [
        *[(NO_RULES, {"card_state": state}) for state in (None, "inactive", "frozen", "locked", "canceled")],
        *[(NO_RULES, changes) for changes in (*REFUSED_TERMS.values(), *REFUSED_CONTROLS.values())],
        (NO_RULES, {"limits": (replace(MONTH, measure="count", limit=3, used=3, asked=1),)}),
        (NO_RULES, {"kyc_level": 0}),
        (NO_RULES, {"card_currency": "EUR"}),
        (NO_RULES, {"limits": (MONTH,)}),
        (NO_RULES, {"available_balance": 0}),
        (NO_RULES, {"network": NetworkAnswer(approved=False, reason="no")}),
        (NO_RULES, {"network": NetworkAnswer(approved=False, reason="no", cause=DeclineCause.MIRROR)}),
        (declining, {}),
        (a_rulebook(("asks", "amount > 1", RuleAction.CHALLENGE)), {}),
        (a_scoring_rulebook(), {}),
    ]
    verdicts = [verdict_of(rulebook, **changes) for rulebook, changes in possible]
    assert {verdict.reason_code for verdict in verdicts} == set(RESPONSE_CODES)
    assert all(verdict.response_code == RESPONSE_CODES[str(verdict.reason_code)] for verdict in verdicts)
    assert "00" not in RESPONSE_CODES.values()


@pytest.mark.parametrize(
    "network",
    [
        None,
        NetworkAnswer(approved=True, reason="webhook_timeout"),
        NetworkAnswer(approved=False, reason="card_inactive", cause=DeclineCause.MIRROR),
    ],
)
def test_facts_come_back_from_json_as_they_were_and_decide_the_same(network: NetworkAnswer | None) -> None:
    facts = replace(GOOD, limits=(MONTH, LimitFact("lifetime", 1, 0, None)), network=network)
    back = Facts.from_json(json.loads(json.dumps(facts.to_json())))
    assert back == facts
    assert json.dumps(decide(back, NO_RULES).to_json()) == json.dumps(decide(facts, NO_RULES).to_json())


def test_an_instant_is_written_to_the_second_with_its_offset() -> None:
    assert instant_text(datetime(2026, 12, 1, 0, 0, 0, 999_999, tzinfo=UTC)) == RESET
    assert instant_text(None) is None


def test_a_category_is_told_by_its_name_and_as_before_where_that_was_not_looked_at() -> None:
    changes = REFUSED_CONTROLS["category_not_allowed"]
    named = {**changes, "purchase": replace(SHOP, category="Supermarkets")}
    told = [verdict_of(**given).explanation for given in (named, changes)]
    assert told == [
        "The category Supermarkets (5411) is not among those allowed for the card.",
        "The category groceries (5411) is not among those allowed for the card.",
    ]


@pytest.mark.parametrize("code", REFUSED_TERMS | REFUSED_CONTROLS)
def test_each_term_and_control_refuses_with_its_own_code_and_says_what_would_pass(code: str) -> None:
    verdict = verdict_of(**(REFUSED_TERMS | REFUSED_CONTROLS)[code])
    assert (verdict.outcome, verdict.reason_code) == (Outcome.DECLINED, code)
    assert next(check for check in verdict.checks if not check.passed).would_pass


@pytest.mark.parametrize(
    "changes",
    [
        {"terms": replace(TERMS, valid_from="2026-11-23T12:00:00+00:00")},
        {"terms": replace(TERMS, valid_until="2026-11-23T12:00:01+00:00")},
        {"terms": replace(TERMS, uses=3, used=2)},
        {"terms": replace(TERMS, uses=1, used=1, is_new_use=False)},
        {"terms": replace(TERMS, exact_amount=25_00)},
        {"terms": replace(TERMS, exact_amount=99), "amount": 0},
        {"terms": replace(TERMS, is_locked=True), "purchase": SHOP},
        {"terms": replace(TERMS, is_locked=True, merchant_id="mer_x")},
        {"terms": replace(TERMS, is_locked=True, merchant_id="mer_shop"), "purchase": SHOP},
        {"purchase": SHOP, "controls": (ControlFact("card", "categories", "allowed", ("groceries",)),)},
        {"purchase": SHOP, "controls": (ControlFact("program", "categories", "blocked", ("gambling",)),)},
        {"purchase": SHOP, "controls": (ControlFact("card", "hours", "allowed", ("mon 09:00-09:01",)),)},
        {"controls": (ControlFact("card", "categories", "allowed", ()),)},
    ],
    ids=str,
)
def test_terms_and_controls_let_pass_what_they_allow(changes: Mapping[str, Any]) -> None:
    assert verdict_of(**changes).outcome is Outcome.APPROVED


def test_an_increment_of_an_exact_amount_is_refused() -> None:
    fields = {**GOOD.fields, "kind": "increment"}
    refused = verdict_of(terms=replace(TERMS, exact_amount=25_00), fields=fields)
    assert refused.reason_code == "amount_not_exact"
    assert refused.explanation == "25.00 USD more was asked, and the card is for exactly 25.00 USD."


@pytest.mark.parametrize("changes", [REFUSED_TERMS["merchant_locked"], *REFUSED_CONTROLS.values()], ids=str)
def test_an_exception_lifts_the_cards_own_lock_and_controls(changes: Mapping[str, Any]) -> None:
    exception = ExceptionFact("exc_1", "2026-11-23T12:15:00+00:00")
    assert verdict_of(exception=exception, **changes).outcome is Outcome.APPROVED


@pytest.mark.parametrize("scope", ["customer", "level", "program"])
def test_an_exception_lifts_nothing_that_staff_have_set(scope: str) -> None:
    exception = ExceptionFact("exc_1", "2026-11-23T12:15:00+00:00")
    blocked = ControlFact(scope, "countries", "blocked", ("US",))
    refused = verdict_of(exception=exception, purchase=SHOP, controls=(blocked,))
    assert refused.reason_code == "country_not_allowed"
    assert refused.would_pass == "Ask support: this country is set by staff."


def test_a_country_that_is_not_told_is_named_so() -> None:
    nowhere = replace(SHOP, country="")
    refused = verdict_of(purchase=nowhere, controls=(ControlFact("card", "countries", "allowed", ("US",)),))
    assert "The country that is not told is not among those allowed" in refused.explanation


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        (
            LimitFact("day", 3, 3, RESET, scope="customer", measure="count", asked=1),
            "1 payment on top of 3 payments used exceeds the daily limit of the customer of 3 payments.",
        ),
        (
            LimitFact("rolling", 30_00, 10_00, RESET, span_seconds=7 * 86_400, only="gambling"),
            "25.00 USD on top of 10.00 USD used exceeds the 7-day limit for gambling of 30.00 USD.",
        ),
        (
            LimitFact("rolling", 30_00, 10_00, RESET, span_seconds=90, scope="program"),
            "25.00 USD on top of 10.00 USD used exceeds the 90-second limit of the program of 30.00 USD.",
        ),
    ],
    ids=str,
)
def test_limits_of_every_kind_say_which_they_are(limit: LimitFact, words: str) -> None:
    refused = verdict_of(limits=(limit,))
    assert refused.explanation == words


def test_a_count_is_within_its_limit_while_one_is_left() -> None:
    assert verdict_of(limits=(LimitFact("day", 3, 2, RESET, measure="count", asked=1),)).reason_code is None


def test_facts_of_every_part_are_read_back_as_they_were_written() -> None:
    facts = replace(
        GOOD, limits=(MONTH,), terms=TERMS, purchase=SHOP,
        controls=(ControlFact("card", "hours", "allowed", ("mon 09:00-10:00",)),),
        exception=ExceptionFact("exc_1", RESET), network=NetworkAnswer(approved=True, reason="why"),
    )  # fmt: skip
    assert Facts.from_json(json.loads(json.dumps(facts.to_json()))) == facts


def test_facts_of_the_first_schema_are_decided_as_they_were_then() -> None:
    written = GOOD.to_json()
    for later in ("terms", "purchase", "controls", "exception"):
        del written[later]
    written["schema"] = 1
    written["limits"] = [{"window": "month", "limit": 500_00, "used": 480_00, "resets_at": RESET}]
    read = Facts.from_json(written)
    assert read.schema == 1
    assert decide(read, NO_RULES).checks == verdict_of(limits=(MONTH,)).checks


@pytest.mark.parametrize(
    ("facts", "part"),
    [
        (replace(GOOD, amount=130_00), 100_00),
        (replace(GOOD, limits=(MONTH,)), 20_00),
        (replace(GOOD, amount=130_00, limits=(replace(MONTH, used=410_00),)), 90_00),
        (replace(GOOD, amount=130_00, limits=(replace(MONTH, measure="count", used=1, asked=1),)), 100_00),
    ],
)
def test_a_terminal_that_can_take_less_is_given_what_there_is(facts: Facts, part: int) -> None:
    assert decide(facts, NO_RULES).outcome is Outcome.DECLINED
    verdict = decide(replace(facts, allows_partial=True), NO_RULES)
    assert (verdict.outcome, verdict.approved_amount, verdict.response_code) == ("approved", part, "00")
    assert verdict.to_json()["approved_amount"] == part
    assert all(check.passed for check in verdict.checks)
    assert f"{part // 100}.00 USD of the {facts.amount // 100}.00 USD" in verdict.checks[0].explanation


@pytest.mark.parametrize(
    "facts",
    [
        replace(GOOD, amount=130_00, available_balance=0),
        replace(GOOD, limits=(replace(MONTH, used=500_00),)),
        replace(GOOD, amount=130_00, card_state="frozen"),
        replace(GOOD, amount=130_00, network=NetworkAnswer(approved=False, reason="webhook_timeout")),
        replace(GOOD, amount=130_00, terms=replace(TERMS, exact_amount=130_00)),
    ],
    ids=["no money", "nothing left", "frozen", "decided by the network", "exact amount"],
)
def test_nothing_is_given_in_part_where_more_than_money_is_missing(facts: Facts) -> None:
    verdict = decide(replace(facts, allows_partial=True), NO_RULES)
    assert (verdict.outcome, verdict.approved_amount) == ("declined", None)
    assert "approved_amount" not in verdict.to_json()


def test_a_request_that_is_covered_is_approved_whole() -> None:
    assert decide(replace(GOOD, allows_partial=True), NO_RULES).approved_amount is None
