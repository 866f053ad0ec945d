"""Codes of questions: bound to question, number and key, and never told by what is kept."""

from cardwright.authentication import EmailCodes
from cardwright.cases import reply_codes
from cardwright.core.sensitive import Sensitive

CODES, OTHERS = EmailCodes(Sensitive("k" * 32)), EmailCodes(Sensitive("o" * 32))
PHONES = [f"+1617555{number:04d}" for number in range(100)]
NUMBERS = [reply_codes.digest_number(CODES, phone) for phone in PHONES]


def test_questions_and_numbers_have_codes_of_their_own_with_four_digits() -> None:
    of_questions = [reply_codes.derive(CODES, f"case_{number}", NUMBERS[0]) for number in range(100)]
    of_numbers = [reply_codes.derive(CODES, "case_1", number) for number in NUMBERS]
    assert all(len(code) == 4 and code.isdigit() for code in (*of_questions, *of_numbers))
    assert len(set(of_questions)) > 90
    assert len(set(of_numbers)) > 90
    assert of_questions[1] == of_numbers[0] == reply_codes.derive(CODES, "case_1", NUMBERS[0])
    assert reply_codes.derive(OTHERS, "case_1", NUMBERS[0]) != of_numbers[0]


def test_of_all_codes_one_is_right_and_only_from_its_number_and_under_its_key() -> None:
    def right(codes: EmailCodes, sender: str) -> list[str]:
        every = (f"{number:04d}" for number in range(10_000))
        return [
            code for code in every
            if reply_codes.is_right(
                CODES, "case_1", NUMBERS[0], reply_codes.digest_try(codes, sender, code)
            )
        ]  # fmt: skip

    assert right(CODES, NUMBERS[0]) == [reply_codes.derive(CODES, "case_1", NUMBERS[0])]
    assert right(CODES, NUMBERS[1]) == []
    assert right(OTHERS, NUMBERS[0]) == []


def test_what_is_kept_of_a_number_does_not_hold_it_and_needs_the_key() -> None:
    assert len(set(NUMBERS)) == len(PHONES)
    assert not any(phone[1:] in number for phone, number in zip(PHONES, NUMBERS, strict=True))
    assert reply_codes.digest_number(OTHERS, PHONES[0]) != NUMBERS[0]
