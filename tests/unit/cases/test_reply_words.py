"""What a text message is taken to say, and what it is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardwright.cases.domain import Answer
from cardwright.cases.reply_words import read_reply


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("YES 4821", Answer.YES), ("yes4821", Answer.YES), ("  Yes,\n4821! ", Answer.YES),
        ("Y 4821", Answer.YES), ("4821 ja.", Answer.YES), ("OUI: 48 21", Answer.YES),
        ("Sí 4821", Answer.YES), ("SI\u0301 4821", Answer.YES), ("نعم ٤٨٢١", Answer.YES),
        ("\u200fنَعَم 4821\u200e", Answer.YES), ("NO 4821", Answer.NO), ("n-4821", Answer.NO),
        ("Nein 4821", Answer.NO), ("non 4821", Answer.NO), ("لا ٤٨٢١", Answer.NO),
        ("لا ۴۸۲۱", Answer.NO), ("“No” (4821)", Answer.NO),
    ],
)  # fmt: skip
def test_an_answer_is_understood_in_each_language_with_its_code(text: str, answer: Answer) -> None:
    said = read_reply(text)
    assert (said.answer, said.code) == (answer, "4821")


@pytest.mark.parametrize(
    "text", ["yes no 4821", "no idea 4821", "not me 4821", "4821", "", "nope 4821", "👍 4821"]
)
def test_what_is_no_plain_answer_is_none(text: str) -> None:
    assert read_reply(text).answer is None


@pytest.mark.parametrize(
    "text", ["yes", "yes 482", "yes 48210", "yes 4821 1234", "yes " + " " * 200 + "4821"]
)
def test_what_is_no_code_is_none(text: str) -> None:
    assert read_reply(text).code is None


def test_a_reply_hides_its_code_from_logs() -> None:
    assert "4821" not in repr(read_reply("YES 4821"))


@given(st.text(max_size=200))
def test_any_text_is_read_without_an_error(text: str) -> None:
    said = read_reply(text)
    assert said.code is None or (len(said.code) == 4 and said.code.isascii() and said.code.isdigit())
