from random import Random

import pytest

from cardwright.rules.language.patterns import PatternError, finder, program_size
from cardwright.rules.proofs.machines import Machine, TextTest, machine
from cardwright.rules.proofs.pattern_syntax import PatternUnreadable
from cardwright.rules.proofs.texts import Clash, Texts, holds, implied
from unit.rules.expressions import TEXTS, Author

ALPHABET = [*"abABkKsSzZ019 _-.\n\t\\'\"%${}ß", "é", "É", "e\u0301", "\u212a", "\u017f", "😀", "Ω", "\u2028"]


def accepts(program: Machine, text: str) -> bool:
    state = (True, frozenset[int]())
    for character in text:
        state = program.step(state, character)
    return program.accepts(state)


def random_patterns(count: int) -> list[str]:
    """Return patterns that RE2 takes and we can read."""
    random, found = Random(7), []  # noqa: S311 - no secret
    author = Author(random)
    while len(found) < count:
        pattern = author._pattern()
        try:
            program_size(pattern)
            machine(("matches", pattern))
        except (PatternError, PatternUnreadable):
            continue
        found.append(pattern)
    return found


def test_a_program_of_a_pattern_finds_what_re2_finds() -> None:
    random = Random(11)  # noqa: S311 - no secret
    patterns = random_patterns(600)
    patterns += [
        "(?i)casino|bet(ting)?|poker", "^[0-9]{3}-[^A-Z]+$", "(?i)[k-t]", "(?i)[^k]", "(?i)\\W", "(?i)\\w",
        "[]a]", "[^]a]", "[a-]", "a{,2}", "a{2,}b", "x*?y", "(?i:a)B", "(?s).", "(a|b|)c", "[\\d_]", "[\\D]",
        "(?i)[[:alpha:]]", "a(?i)b|c", "(?P<n>a)+",
        "\\x41", "\\x{e9}", "^$", "$^", "(^a|b$)", "[[:space:]\\v]",
    ]  # fmt: skip
    for pattern in patterns:
        program, finds = machine(("matches", pattern)), finder(pattern)
        texts = [*TEXTS, *("".join(random.choices(ALPHABET, k=random.randint(0, 6))) for _ in range(60))]
        assert [text for text in texts if accepts(program, text) is not finds(text)] == [], pattern


def random_test(random: Random) -> TextTest:
    kind = random.choice(["startsWith", "endsWith", "contains", "matches", "=="])
    if kind == "matches":
        return kind, random.choice(["a+b", "^a", "b$", "^[ab]*$", "(?i)A", "^.{2}$", "c|^b"])
    return kind, "".join(random.choices("abc", k=random.randint(0 if kind == "==" else 1, 3)))


def short_texts(letters: str, longest: int) -> list[str]:
    found, last = [""], [""]
    for _ in range(longest):
        last = [text + letter for text in last for letter in letters]
        found += last
    return found


def test_a_text_passes_what_it_was_found_for_and_nothing_passes_what_clashes() -> None:
    random, clashes = Random(3), 0  # noqa: S311 - no secret
    every = short_texts("abcA", 5)
    for _ in range(600):
        wanted = {random_test(random): random.random() < 0.6 for _ in range(random.randint(1, 5))}
        found = Texts().find(wanted, frozenset())
        assert found is not None
        if isinstance(found, str):
            assert all(holds(test, found) is value for test, value in wanted.items())
            continue
        clashes += 1
        assert found.tests.items() <= wanted.items()
        assert not [
            text for text in every if all(holds(test, text) is value for test, value in found.tests.items())
        ]
    assert 100 < clashes < 500


def test_a_text_that_is_taken_is_not_found_again() -> None:
    wanted: dict[TextTest, bool] = {("matches", "^(a|b)$"): True}
    assert Texts().find(wanted, {"a"}) == "b"
    found = Texts().find(wanted, {"a", "b"})
    assert isinstance(found, Clash)
    assert {("==", "a"), ("==", "b")} <= set(found.tests)


def test_what_is_not_understood_exactly_is_not_known() -> None:
    for pattern in (r"\bbet\b", "(?m)^a", r"\pL", "(?i)é", r"\Qa\E"):
        with pytest.raises(PatternUnreadable):
            machine(("matches", pattern))
    assert Texts().find({("matches", r"^\Ba\B$"): True}, frozenset()) is None


def test_one_test_implies_another_only_where_every_text_says_so() -> None:
    random, every = Random(5), short_texts("abc", 5)  # noqa: S311 - no secret
    decided = 0
    for _ in range(3_000):
        one, other = random_test(random), random_test(random)
        answer = implied(one, other)
        if answer is not None:
            decided += 1
            assert all(holds(other, text) is answer for text in every if holds(one, text)), (one, other)
    assert decided > 500
