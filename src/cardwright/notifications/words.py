"""The words of each language: gettext catalogues beside this file, English being what the templates say."""

import io
from functools import cache
from importlib.resources import files
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from cardwright.notifications.speech import Language

SOURCE: Final = "en"


@cache
def translations_of(language: Language) -> NullTranslations:
    """Return the catalogue of a language, read once; nobody has to compile the files beforehand."""
    if language == SOURCE:
        return NullTranslations()
    written = files("cardwright.notifications").joinpath("languages", f"{language}.po").read_bytes()
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(written), locale=language))
    compiled.seek(0)
    return Translations(compiled)


def marked(text: str) -> str:
    """Mark a text for the catalogues where it stands; `translations_of` turns it when it is told."""
    return text
