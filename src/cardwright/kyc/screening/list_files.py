"""Published list files, read strictly: OFAC's SDN.CSV with ALT.CSV, OpenSanctions' targets.simple.csv."""

import csv
import hashlib
import io
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from importlib.resources import files
from typing import Final

from cardwright.core.errors import Invalid
from cardwright.kyc.screening.births import Birth, read_birth
from cardwright.kyc.screening.matching import Listed
from cardwright.kyc.screening.names import read_name

_SIMPLE_COLUMNS: Final = (
    "id", "schema", "name", "aliases", "birth_date", "countries", "addresses", "identifiers", "sanctions",
    "phones", "emails", "dataset", "first_seen", "last_seen", "last_change",
)  # fmt: skip
_NEEDED: Final = frozenset({"id", "schema", "name", "aliases", "birth_date", "countries"})
_SDN_FIELDS: Final = 12
_ALT_FIELDS: Final = 5
_NOTHING: Final = "-0-"
_END_OF_FILE: Final = "\x1a"
_FAULTS_TOLD: Final = 20
_LONGEST_NAME: Final = 500
_LONGEST_REFERENCE: Final = 200
_DOB: Final = re.compile(r"\bDOB\s+(?:circa\s+|approximately\s+)?([^;.]+)")
_AKA: Final = re.compile(r"\b[afn]\.k\.a\.\s+'([^']+)'")
_YEARS: Final = re.compile(r"(\d{4})(?:\s*(?:to|-)\s*(\d{4}))?", re.ASCII)
_MOST_YEARS: Final = 12
_LONGEST_FIELD: Final = 2**20


class Shape(StrEnum):
    """Whose columns a file has."""

    OFAC = "ofac"
    OPENSANCTIONS = "opensanctions"


@dataclass(frozen=True, slots=True)
class ListFile:
    """The persons of a file; `version` is the SHA-256 of its bytes and those of its aliases.

    `skipped` counts what is no person, `unread_births` remarks whose date of birth nobody could read.
    """

    shape: Shape
    version: str
    persons: tuple[Listed, ...]
    skipped: int
    unread_births: int = 0


@dataclass
class _Reading:
    """What was wrong with the rows so far, by their lines."""

    faults: list[str]
    skipped: int = 0
    unread_births: int = 0

    def fault(self, line: int, what: str) -> None:
        self.faults.append(f"line {line}: {what}")


def read_list(content: bytes, aliases: bytes | None = None) -> ListFile:
    """Return the persons of a file; raise Invalid `list_invalid` naming up to 20 bad rows by their lines.

    `aliases` is OFAC's ALT.CSV; OpenSanctions has aliases in the file itself.
    """
    text = _text(content, "the file")
    reading = _Reading([])
    version = hashlib.sha256(content + (b"" if aliases is None else b"\n" + aliases)).hexdigest()
    first = next(csv.reader(io.StringIO(text)), [])
    if {"id", "schema", "name"} <= set(first):
        shape = Shape.OPENSANCTIONS
        if aliases is not None:
            raise Invalid("list_invalid", "A file of OpenSanctions has its aliases in itself.")
        persons = _read_simple(text, reading)
    else:
        shape = Shape.OFAC
        others = _read_alt(_text(aliases, "the file of aliases"), reading) if aliases is not None else {}
        persons = _read_sdn(text, others, reading)
    _ensure_unique(persons, reading)
    if not reading.faults and not persons:
        reading.faults.append("the file names no person")
    if reading.faults:
        raise _invalid(reading.faults)
    listed = tuple(person for _, person in persons)
    return ListFile(shape, version, listed, reading.skipped, reading.unread_births)


def fictitious_list() -> ListFile:
    """Return the list of invented people that comes with the product, for demonstrations."""
    return read_list((files(__package__) / "data" / "fictitious.csv").read_bytes())


def _text(content: bytes, what: str) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _invalid([f"line {line}: {what} is not UTF-8"]) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise _invalid([f"line {line}: {what} has a character U+0000"])
    return text


def _rows(text: str, reading: _Reading) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(_LONGEST_FIELD)
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in rows:
            if row and row != [_END_OF_FILE]:
                yield rows.line_num, row
    except csv.Error as error:
        reading.fault(rows.line_num, f"this is no CSV: {error}")


def _read_simple(text: str, reading: _Reading) -> list[tuple[int, Listed]]:
    rows = _rows(text, reading)
    _, header = next(rows, (1, []))
    if missing := _NEEDED - set(header):
        reading.fault(1, f"the columns {', '.join(sorted(missing))} are missing")
        return []
    if unknown := set(header) - set(_SIMPLE_COLUMNS):
        reading.fault(1, f"nobody knows the columns {', '.join(sorted(unknown))}")
        return []
    persons = []
    for line, row in rows:
        if len(row) != len(header):
            reading.fault(line, f"{len(row)} columns instead of {len(header)}")
            continue
        found = dict(zip(header, row, strict=True))
        if found["schema"] != "Person":
            reading.skipped += 1
            continue
        persons.append((line, _simple_person(found, line, reading)))
    return persons


def _simple_person(row: Mapping[str, str], line: int, reading: _Reading) -> Listed:
    births: list[Birth] = []
    for written in _several(row["birth_date"]):
        try:
            births.append(read_birth(written))
        except ValueError as error:
            reading.fault(line, str(error))
    names = _names([row["name"], *_several(row["aliases"])], line, reading)
    programs = row.get("sanctions") or row.get("dataset") or ""
    reference = _reference(row["id"], line, reading)
    return Listed(
        reference, names, tuple(births), tuple(_several(row["countries"])), programs[:_LONGEST_NAME]
    )


def _read_sdn(text: str, others: Mapping[str, Sequence[str]], reading: _Reading) -> list[tuple[int, Listed]]:
    persons = []
    for line, row in _rows(text, reading):
        if len(row) != _SDN_FIELDS:
            reading.fault(line, f"{len(row)} columns instead of {_SDN_FIELDS}")
            continue
        number, name, kind, program, *_, remarks = (_told(field) for field in row)
        if kind.casefold() != "individual":
            reading.skipped += 1
            continue
        reference = _reference(number, line, reading)
        names = _names([name, *others.get(number, ()), *_AKA.findall(remarks)], line, reading)
        births = _births_in_remarks(remarks, reading)
        persons.append((line, Listed(reference, names, births, (), program[:_LONGEST_NAME])))
    return persons


def _read_alt(text: str, reading: _Reading) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for line, row in _rows(text, reading):
        if len(row) != _ALT_FIELDS:
            reading.fault(line, f"{len(row)} columns of aliases instead of {_ALT_FIELDS}")
            continue
        number, _, _, name, _ = (_told(field) for field in row)
        if name:
            found[number].append(name)
    return found


def _births_in_remarks(remarks: str, reading: _Reading) -> tuple[Birth, ...]:
    births: list[Birth] = []
    for written in _DOB.findall(remarks):
        read = _written_birth(written.strip())
        reading.unread_births += not read
        births.extend(read)
    return tuple(births)


def _written_birth(text: str) -> Sequence[Birth]:
    for shape, known in (("%d %b %Y", 3), ("%b %Y", 2)):
        try:
            day = datetime.strptime(text, shape)  # noqa: DTZ007 - a day, read as one
        except ValueError:
            continue
        return [Birth(day.year, day.month, day.day if known == 3 else None)]  # noqa: PLR2004 - day, month, year
    years = _YEARS.fullmatch(text)
    if years is None:
        return []
    first, last = int(years[1]), int(years[2] or years[1])
    return [Birth(year) for year in range(first, last + 1)] if 0 <= last - first < _MOST_YEARS else []


def _names(written: Sequence[str], line: int, reading: _Reading) -> tuple[str, ...]:
    told = [" ".join(name.split()) for name in written]
    chief = told[0]
    if not chief:
        reading.fault(line, "this person has no name")
    elif not read_name(chief).words:
        reading.fault(line, f"{chief[:40]!r} has no letters")
    if any(len(name) > _LONGEST_NAME for name in told):
        reading.fault(line, f"a name is longer than {_LONGEST_NAME} characters")
    # Aliases that have no letters cannot be compared with anything.
    return tuple(dict.fromkeys(name for name in told if name == chief or read_name(name).words))


def _reference(text: str, line: int, reading: _Reading) -> str:
    found = text.strip()
    if not 0 < len(found) <= _LONGEST_REFERENCE:
        reading.fault(line, f"an id has 1 to {_LONGEST_REFERENCE} characters")
    return found


def _ensure_unique(persons: Sequence[tuple[int, Listed]], reading: _Reading) -> None:
    seen: dict[str, int] = {}
    for line, person in persons:
        first = seen.setdefault(person.reference, line)
        if first != line:
            reading.fault(line, f"the id {person.reference[:40]!r} stands in line {first} as well")


def _several(field: str) -> Sequence[str]:
    return [part for part in (it.strip() for it in field.split(";")) if part]


def _told(field: str) -> str:
    stripped = field.strip()
    return "" if stripped == _NOTHING else stripped


def _invalid(faults: Sequence[str]) -> Invalid:
    told = "; ".join(faults[:_FAULTS_TOLD])
    more = f"; and {len(faults) - _FAULTS_TOLD} more" if len(faults) > _FAULTS_TOLD else ""
    return Invalid("list_invalid", f"Nothing was imported: {told}{more}.", faults=list(faults[:_FAULTS_TOLD]))
