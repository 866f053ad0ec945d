"""The catalogues say everything that templates and code say, in every language, with nothing left out."""

import hashlib
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from cardwright.notifications.catalogue import CATALOGUE
from cardwright.notifications.layouts import LAYOUTS
from cardwright.notifications.speech import LANGUAGES, speech_of
from cardwright.notifications.words import SOURCE

ROOT = Path(__file__).parents[3]
TRANSLATED = [language for language in LANGUAGES if language != SOURCE]
VARIABLE = re.compile(r"%\((\w+)\)s")
SAME = {"%(money)s %(at_merchant)s", "Date", "Code", "Type", "Notifications"}
"""What is written alike in English and somewhere else."""
ARABIC = re.compile("[\u0600-\u06ff]")
LATIN_WORDS = re.compile(r"[A-Za-z]{3,}")


def catalog(language: str) -> Catalog:
    written = files("cardwright.notifications").joinpath("languages", f"{language}.po").read_bytes()
    return read_po(io.BytesIO(written), locale=language)


def messages(language: str) -> Iterator[tuple[Message, list[str], list[str]]]:
    """Every message with its English forms and its own."""
    for message in catalog(language):
        if message.id:
            english = list(message.id) if isinstance(message.id, tuple) else [message.id]
            own = list(message.string) if isinstance(message.string, tuple) else [message.string]
            yield message, [str(it) for it in english], [str(it) for it in own]


def test_the_catalogues_hold_exactly_what_templates_and_code_say() -> None:
    tool = [sys.executable, str(ROOT / "tools/messages.py"), "--check"]
    checked = subprocess.run(tool, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, f"{checked.stdout}: run make messages, and translate what is empty"


@pytest.mark.parametrize("language", TRANSLATED)
def test_nothing_is_left_untranslated_nor_doubtful(language: str) -> None:
    for message, english, own in messages(language):
        assert all(own), english
        assert not message.fuzzy, english
        assert own != english or english[0] in SAME, english
        assert len(own) == (catalog(language).num_plurals if message.pluralizable else 1), english


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_drops_or_invents_a_variable(language: str) -> None:
    for _, english, own in messages(language):
        asked = set(VARIABLE.findall(" ".join(english)))
        for text in own:
            told = set(VARIABLE.findall(text))
            # A form for one, or for two, may say the number in words.
            assert told == asked or (len(own) > 1 and told <= asked), (english, text)
        assert set(VARIABLE.findall(" ".join(own))) == asked, english
        assert all(text.count("%") == len(VARIABLE.findall(text)) for text in own), english


def test_arabic_is_written_in_arabic() -> None:
    for _, english, own in messages("ar"):
        for text in own:
            bare = VARIABLE.sub("", text)
            assert ARABIC.search(bare) or not LATIN_WORDS.search(bare), (english, text)
            assert not LATIN_WORDS.search(bare), (english, text)


def test_every_entry_of_the_catalogue_has_a_template_and_every_template_an_entry() -> None:
    folder = files("cardwright.notifications").joinpath("templates", "messages")
    written = {Path(file.name).stem for file in folder.iterdir()}
    assert written == {entry.template for entry in CATALOGUE.values()}


def test_every_layout_is_built_and_speaks_no_language_by_itself() -> None:
    folder = files("cardwright.notifications").joinpath("templates", "layouts")
    for layout in LAYOUTS:
        html = folder.joinpath(f"{layout}.html.j2").read_text()
        shown = re.sub(r"(?s)<style.*?</style>|<!--.*?-->|<[^>]*>|{[{%].*?[%}]}|&#\d+;", " ", html)
        assert not re.search(r"[A-Za-z]{3,}", shown), shown
        assert 'lang="{{ language }}" dir="{{ direction }}"' in html
        assert "prefers-color-scheme: dark" in html
        assert 'name="color-scheme" content="light dark"' in html
        assert "<script" not in html
        assert not re.search(r'(src|href)="http', html)


def test_the_built_layouts_are_what_mjml_made_of_the_present_sources() -> None:
    mail = ROOT / "tools/mail"
    parts = [*sorted((mail / "layouts/parts").iterdir()), mail / "build.mjs", mail / "package-lock.json"]
    folder = files("cardwright.notifications").joinpath("templates", "layouts")
    made = {}
    for layout in LAYOUTS:
        source = "".join(part.read_text() for part in (mail / f"layouts/{layout}.mjml", *parts))
        html = folder.joinpath(f"{layout}.html.j2").read_text()
        made[layout] = {"source": digest(source), "html": digest(html)}
    assert made == json.loads((mail / "built.json").read_text()), "run make email-layouts"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("tag", "language", "locale"),
    [
        ("de-AT", "de", "de_AT"),
        ("de_CH", "de", "de_CH"),
        ("es-419", "es", "es_419"),
        ("ar-EG", "ar", "ar_EG"),
        ("fr-ZZ-x-odd", "fr", "fr_FR"),
        ("pt-BR", "en", "en"),
        ("zh-Hant-TW", "en", "en"),
        ("e", "en", "en"),
        ("", "en", "en"),
        (None, "en", "en"),
    ],
)
def test_a_tag_that_is_not_known_falls_back_part_by_part_and_then_to_english(
    tag: str | None, language: str, locale: str
) -> None:
    speech = speech_of(tag, "Europe/Berlin")
    assert (speech.language, str(speech.locale)) == (language, locale)
    assert speech.is_right_to_left is (language == "ar")
