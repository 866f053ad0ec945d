"""E-mail codes are derived from a key and never repeat themselves by accident."""

import pytest

from cardwright.authentication.codes import EmailCodes
from cardwright.core.ids import new_id
from cardwright.core.sensitive import Sensitive

CODES = EmailCodes(Sensitive("a key of the tests, long enough to be one"))


def test_a_code_has_six_digits_and_is_always_the_same_for_a_verification() -> None:
    codes = {
        verification_id: CODES.derive(verification_id) for verification_id in map(new_id, ["verif"] * 500)
    }
    assert all(len(code) == 6 and code.isascii() and code.isdigit() for code in codes.values())
    assert all(CODES.derive(verification_id) == code for verification_id, code in codes.items())
    assert len(set(codes.values())) > 490
    assert any(code.startswith("0") for code in codes.values())


def test_another_key_gives_other_codes() -> None:
    other = EmailCodes(Sensitive("another key of the tests, as long as that"))
    ids = [new_id("verif") for _ in range(50)]
    assert [CODES.derive(one) for one in ids] != [other.derive(one) for one in ids]


def test_only_the_code_of_the_verification_is_correct() -> None:
    verification_id = "verif_one"
    code = CODES.derive(verification_id)
    wrong = str((int(code) + 1) % 10**6).zfill(6)
    assert CODES.is_correct(verification_id, code)
    assert not CODES.is_correct(verification_id, wrong)
    assert not CODES.is_correct("verif_other", code)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32"):
        EmailCodes(Sensitive("short"))


def test_a_blinded_fingerprint_depends_on_the_key_and_not_on_the_codes() -> None:
    other = EmailCodes(Sensitive("another key of the tests, as long as that"))
    assert CODES.blind("f") == CODES.blind("f")
    assert len({CODES.blind("f"), CODES.blind("g"), other.blind("f")}) == 3
