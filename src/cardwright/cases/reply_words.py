"""What a text message says in answer to "was this you?": a word of a language we know, and a code. No I/O."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from cardwright.cases.domain import Answer

CODE_LENGTH: Final = 4
_LONGEST: Final = 160
_RUNS: Final = re.compile(r"[^\W\d_]+|\d+")
_WORDS: Final[Mapping[str, Answer]] = {
    **dict.fromkeys(("yes", "y", "ja", "oui", "si", "نعم"), Answer.YES),
    **dict.fromkeys(("no", "n", "nein", "non", "لا"), Answer.NO),
}


@dataclass(frozen=True, slots=True)
class Reply:
    """What was understood: an answer and a code, each None where there was not exactly one."""

    answer: Answer | None
    code: str | None = field(repr=False)


def read_reply(text: str) -> Reply:
    """Read a reply; case, accents, blanks and punctuation do not matter, and neither do the digits' script.

    A message with any other word says nothing: "no, yes", or "no idea", must not become an answer.

    >>> read_reply("Sí: 48 21!").answer, read_reply("4821 NO").answer, read_reply("no idea 4821").answer
    (<Answer.YES: 'yes'>, <Answer.NO: 'no'>, None)
    """
    if len(text) > _LONGEST:
        return Reply(None, None)
    runs = _RUNS.findall(_plain(text))
    words = [run for run in runs if not run[0].isdigit()]
    digits = "".join(str(unicodedata.digit(it)) for run in runs if run[0].isdigit() for it in run)
    answer = _WORDS.get(words[0]) if len(words) == 1 else None
    return Reply(answer, digits if len(digits) == CODE_LENGTH else None)


def _plain(text: str) -> str:
    # Accents, vowel signs and the invisible marks that turn Arabic around: none of them changes the answer.
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if unicodedata.category(letter) not in ("Mn", "Cf"))
