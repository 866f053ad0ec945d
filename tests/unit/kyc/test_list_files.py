"""Published list files as they are read, and what is told of rows that nobody can read."""

import csv
import io
import re
from collections.abc import Sequence
from datetime import date
from importlib.resources import files

import pytest

from cardwright.core.errors import Invalid
from cardwright.kyc.screening.domain import DEFAULT_THRESHOLD
from cardwright.kyc.screening.list_files import Shape, fictitious_list, read_list
from cardwright.kyc.screening.matching import NameIndex

HEADER = [
    "id",
    "schema",
    "name",
    "aliases",
    "birth_date",
    "countries",
    "addresses",
    "identifiers",
    "sanctions",
    "phones",
    "emails",
    "dataset",
    "first_seen",
    "last_seen",
    "last_change",
]
SDN = (
    '7,"NEVIDIMKIN, Nestor Ivanovich","individual","NOWHERE",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,'
    "\"DOB 12 Apr 1961; alt. DOB Mar 1962; alt. DOB circa 1963; POB Nowhere; a.k.a. 'GHOST, The'.\"\r\n"
    '8,"INVENTED SHIPPING LTD",-0- ,"NOWHERE",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n'
    '9,"AL-WAHMI, Khayali","individual","NOWHERE",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,'
    '"DOB 1960 to 1962; DOB long ago."\r\n'
    "\x1a\r\n"
)
ALT = '7,1,"aka","NEWIDIMKIN, Nestor",-0- \r\n8,2,"fka","OLD SHIPPING",-0- \r\n'


def simple(*rows: Sequence[str], header: Sequence[str] = HEADER) -> bytes:
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows([header, *rows])
    return written.getvalue().encode()


def row(reference: str = "a-1", name: str = "Nestor Nevidimkin", **changed: str) -> list[str]:
    told = {"id": reference, "schema": "Person", "name": name, "dataset": "made_up", **changed}
    return [told.get(column, "") for column in HEADER]


def faults(content: bytes, aliases: bytes | None = None) -> list[str]:
    with pytest.raises(Invalid) as refused:
        read_list(content, aliases)
    assert refused.value.code == "list_invalid"
    return list(refused.value.details["faults"])


def test_a_file_of_opensanctions_names_persons_with_aliases_dates_and_countries() -> None:
    read = read_list(
        simple(row(aliases="Нестор Невидимкин;Nestor N.", birth_date="1961-04-12;1962", countries="zz;xx"))
    )
    person = read.persons[0]
    assert (read.shape, len(read.persons)) == (Shape.OPENSANCTIONS, 1)
    assert person.names == ("Nestor Nevidimkin", "Нестор Невидимкин", "Nestor N.")
    assert [str(it) for it in person.births] == ["1961-04-12", "1962"]
    assert (person.countries, person.programs) == (("zz", "xx"), "made_up")


def test_what_is_no_person_is_left_out_and_counted() -> None:
    read = read_list(simple(row(), row("a-2", "Invented Ltd", schema="Company")))
    assert ([it.reference for it in read.persons], read.skipped) == (["a-1"], 1)


def test_a_file_of_ofac_is_read_with_its_remarks_and_aliases() -> None:
    read = read_list(SDN.encode(), ALT.encode())
    first, second = read.persons
    assert (read.shape, read.skipped, read.unread_births) == (Shape.OFAC, 1, 1)
    assert first.names == ("NEVIDIMKIN, Nestor Ivanovich", "NEWIDIMKIN, Nestor", "GHOST, The")
    assert [str(it) for it in first.births] == ["1961-04-12", "1962-03", "1963"]
    assert [str(it) for it in second.births] == ["1960", "1961", "1962"]


def test_the_version_is_another_when_a_byte_or_the_aliases_are() -> None:
    versions = {
        read_list(SDN.encode()).version, read_list(SDN.encode(), ALT.encode()).version,
        read_list(SDN.replace("1961", "1951").encode()).version,
    }  # fmt: skip
    assert len(versions) == 3


def test_bad_rows_are_told_by_their_lines() -> None:
    content = simple(
        row(), row("a-1", "Somebody Else"), row("a-3", birth_date="12/04/1961"), row("", "No Id"),
        row("a-5", "…"), row("a-6", birth_date="1961-02-30"),
    )  # fmt: skip
    told = faults(content + b'"too","few"\r\n')
    assert [it.split(":")[0] for it in told] == ["line 4", "line 5", "line 6", "line 7", "line 8", "line 3"]
    assert "stands in line 2 as well" in told[-1]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "names no person"),
        (b"\xff\xfe", "line 1: the file is not UTF-8"),
        (b"id,schema,name\na,Person,b\n", "the columns aliases, birth_date, countries are missing"),
        (b"1,2,3\n", "line 1: 3 columns instead of 12"),
        (simple(row()) + b'"open', "this is no CSV"),
        (simple(row(name="a\0b")), "U+0000"),
    ],
)
def test_what_is_no_list_is_refused(content: bytes, told: str) -> None:
    assert told in "; ".join(faults(content))


def test_the_list_that_ships_is_marked_as_fictitious_throughout() -> None:
    content = (files("cardwright.kyc.screening") / "data" / "fictitious.csv").read_bytes()
    read = read_list(content)
    assert (len(read.persons), read.skipped) == (25, 1)
    assert all(person.programs.startswith("FICTITIOUS") for person in read.persons)


def test_the_list_of_the_demo_names_nobody_of_the_demo() -> None:
    story = (files("cardwright.demo") / "story.py").read_text()
    people = re.findall(r'\(scene\.\w+, "([^"]+)", phone_of', story)
    index = NameIndex(fictitious_list().persons)
    assert len(people) == 2
    for name in people:
        assert index.find(name, date(1990, 12, 10), threshold=DEFAULT_THRESHOLD) == []
