"""Bring the catalogues of notifications up to date with what templates and code say: `make messages`.

Each message keeps its translation; a new one stands there empty, and one that nobody says any more goes.
The tests fail until none is empty.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, TypeAlias

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

SLICE: Final = Path(__file__).parent.parent / "src/cardwright/notifications"
LANGUAGES: Final = ("de", "fr", "es", "ar")
_OPTIONS: Final = {"trim_blocks": "true", "lstrip_blocks": "true"}
_KEYWORDS: Final = {"marked": None, "said": None}


Message: TypeAlias = str | tuple[str, str]


def said_messages() -> dict[Message, list[str]]:
    """Return every message in the order of its files, with the files that say it."""
    found: dict[Message, list[str]] = {}
    for message, place in (*_of_code(), *_of_templates()):
        found.setdefault(message, []).append(place)
    return found


def catalog_of(language: str) -> Catalog:
    """Return the written catalogue of a language."""
    written = (SLICE / "languages" / f"{language}.po").read_bytes()
    return read_po(io.BytesIO(written), locale=language)


def renewed(old: Catalog, language: str) -> str:
    """Return the catalogue's file with exactly the messages that are said."""
    new = Catalog(locale=language, project="Cardwright", charset="utf-8", fuzzy=False)
    for message, places in said_messages().items():
        key = message if isinstance(message, str) else message[0]
        known = old.get(key)
        text = known.string if known is not None and known.id == message else None
        new.add(message, text, locations=_places(places))
    written = io.BytesIO()
    write_po(written, new, width=100, omit_header=True)
    return _HEADER.format(language=language, plural=new.plural_forms) + written.getvalue().decode()


_HEADER: Final = (
    'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    '"Plural-Forms: {plural}\\n"\n\n'
)


def _of_code() -> Iterator[tuple[Message, str]]:
    for path in sorted(SLICE.glob("*.py")):
        with path.open("rb") as source:
            for _, message, _, _ in extract("python", source, keywords=_KEYWORDS):
                yield str(message), path.name


def _of_templates() -> Iterator[tuple[Message, str]]:
    for path in sorted((SLICE / "templates/messages").glob("*.j2")):
        with path.open("rb") as source:
            for _, function, message, _ in babel_extract(source, ("_", "gettext", "ngettext"), (), _OPTIONS):
                told: Any = message
                yield (told[0], told[1]) if function == "ngettext" else told, path.name


def _places(names: list[str]) -> list[Any]:
    # Line numbers would change with every edit; Babel leaves them out where they are None.
    return [(name, None) for name in dict.fromkeys(names)]


def main() -> int:
    """Write the catalogues anew; with --check say only which are not up to date."""
    stale = []
    for language in LANGUAGES:
        path = SLICE / "languages" / f"{language}.po"
        text = renewed(catalog_of(language), language)
        if text != path.read_text():
            stale.append(path.name)
            if "--check" not in sys.argv:
                path.write_text(text)
    sys.stdout.write("".join(f"{name} was not up to date\n" for name in stale))
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
