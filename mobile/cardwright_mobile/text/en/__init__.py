"""English."""

from typing import Final

from cardwright_mobile.text.en import basics, cards, money, person

WORDS: Final = {**basics.WORDS, **cards.WORDS, **money.WORDS, **person.WORDS}
