"""Named lists that rules ask: made once, changed without publishing rules, read at each decision."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cardwright import audit
from cardwright.core.errors import Conflict, Invalid, NotFound
from cardwright.core.ids import new_id
from cardwright.db.jobs import Work
from cardwright.db.session import Session, transaction
from cardwright.rules import list_store
from cardwright.rules.domain import ListKind, RuleList
from cardwright.rules.evaluation import CompiledRulebook
from cardwright.rules.language import types
from cardwright.rules.language.catalogue import AUTHORIZATION_FIELDS, Catalogue, NamedList
from cardwright.rules.language.types import FactValue, Type
from cardwright.rules.list_entries import composed, fault_of

MOST_LISTS: Final = 100
MOST_ENTRIES: Final = 100_000
_TYPES: Final[Mapping[ListKind, Type]] = {
    ListKind.TEXT: types.TEXT,
    ListKind.COUNTRY: types.COUNTRY,
    ListKind.CURRENCY: types.CURRENCY,
    ListKind.CATEGORY: types.MCC,
}
_SHOWN_IN_TRAIL: Final = 20


@dataclass(frozen=True, slots=True)
class ListContent:
    """A list and all it holds, under its full name."""

    name: str
    kind: ListKind
    values: tuple[str, ...]


async def catalogue_of(session: Session, program_id: str) -> Catalogue:
    """Return the fields that rules may read, and the program's lists."""
    found = await list_store.lists_of(session, program_id)
    return _catalogue([NamedList(f"lists.{it.name}", _TYPES[it.kind], it.description) for it in found])


def catalogue_with(contents: Iterable[ListContent]) -> Catalogue:
    """Return the fields that rules may read, and some lists."""
    return _catalogue([NamedList(it.name, _TYPES[it.kind], "") for it in contents])


def _catalogue(named: Sequence[NamedList]) -> Catalogue:
    return Catalogue(AUTHORIZATION_FIELDS.fields, named, AUTHORIZATION_FIELDS.at_most)


async def contents_of_lists(
    session: Session, program_id: str, names: Collection[str], at: datetime
) -> Sequence[ListContent]:
    """Return all that lists of those full names hold at an instant; they may be a hundred thousand texts."""
    found = []
    for it in await list_store.lists_of(session, program_id):
        if f"lists.{it.name}" in names:
            entries = await list_store.entries_after(session, it.id, None, MOST_ENTRIES, at)
            found.append(ListContent(f"lists.{it.name}", it.kind, tuple(each.value for each in entries)))
    return found


async def members(
    session: Session,
    program_id: str,
    compiled: CompiledRulebook,
    fields: Mapping[str, FactValue],
    at: datetime,
) -> Mapping[str, tuple[str, ...]]:
    """Return, for each list that the rules read, which texts of a transaction are its entries.

    That is all of a list that can matter, and small enough to be kept with the decision.
    """
    if not compiled.lists:
        return {}
    names = {it.name: it.name.removeprefix("lists.") for it in compiled.lists}
    texts = {value for value in fields.values() if isinstance(value, str)} | compiled.texts
    # Accents may come apart from their letters; what is kept are the transaction's texts as they came.
    meant: dict[str, list[str]] = {}
    for each in sorted(texts):
        for form in {each, composed(each)}:
            meant.setdefault(form, []).append(each)
    found = await list_store.members(session, program_id, names.values(), meant, at)
    return {
        name: tuple(dict.fromkeys(each for of, value in found if of == short for each in meant[value]))
        for name, short in names.items()
    }


async def create_list(
    session: Session, *, program_id: str, name: str, kind: ListKind, description: str, by: str, at: datetime
) -> RuleList:
    """Make an empty list.

    Raises Invalid `list_name_invalid`, Conflict `list_name_taken` or `too_many_lists`.
    """
    new = RuleList(new_id("rlist"), program_id, name, kind, description, at)
    try:
        NamedList(f"lists.{name}", _TYPES[kind], description)
    except ValueError as error:
        raise Invalid("list_name_invalid", "This name means something in conditions already.") from error
    if len(await list_store.lists_of(session, program_id)) >= MOST_LISTS:
        raise Conflict("too_many_lists", f"A program has at most {MOST_LISTS} lists.")
    if not await list_store.insert_list(session, new):
        raise Conflict("list_name_taken", f"There is a list {name!r} already.")
    await audit.record(session, by, program_id, "rule_list.created", new.id, {"name": name, "kind": kind}, at)
    return new


async def put(
    session: Session, program_id: str, list_id: str, new: Mapping[str, datetime | None], *, reason: str,
    by: str, at: datetime,
) -> RuleList:  # fmt: skip
    """Add entries to a list, or give those that are there another end.

    Raises NotFound, Invalid `entry_invalid` with each value that the list cannot hold, and Conflict
    `list_full`; then nothing changes.
    """
    found = await _locked(session, program_id, list_id)
    new = {composed(value): end for value, end in new.items()}
    ensure_fit(found.kind, new, at)
    await list_store.put_entries(session, found, new, reason=reason, by=by, at=at)
    if await list_store.count_entries(session, list_id) > MOST_ENTRIES:
        raise Conflict("list_full", f"A list has at most {MOST_ENTRIES} entries.")
    await _note(session, found, "rule_list.entries_put", list(new), reason=reason, by=by, at=at)
    return found


async def remove(
    session: Session, program_id: str, list_id: str, values: Collection[str], *, reason: str, by: str,
    at: datetime,
) -> Sequence[str]:  # fmt: skip
    """Take entries from a list and return those that were there; raise NotFound."""
    found = await _locked(session, program_id, list_id)
    removed = await list_store.remove_entries(session, found, {*values, *map(composed, values)})
    if removed:
        await _note(session, found, "rule_list.entries_removed", removed, reason=reason, by=by, at=at)
    return removed


async def sweep_lists(work: Work) -> None:
    """Forget the entries whose time is over; they have not counted since."""
    async with transaction(work.engine) as session:
        await list_store.sweep(session, work.clock.now())


async def get_list(session: Session, program_id: str, list_id: str) -> RuleList:
    """Return a list; raise NotFound `list_unknown`."""
    found = await list_store.find_list(session, program_id, list_id)
    if found is None:
        raise _unknown()
    return found


def ensure_fit(kind: ListKind, new: Mapping[str, datetime | None], at: datetime) -> None:
    """Raise Invalid `entry_invalid` unless every value is one that the list can hold, and ends later."""
    vocabulary = _TYPES[kind].vocabulary
    wrong = [value for value in new if fault_of(value) or (vocabulary and not vocabulary.has_word(value))]
    over = [value for value, end in new.items() if end is not None and end <= at]
    if wrong or over:
        shown = [*wrong, *over][:_SHOWN_IN_TRAIL]
        raise Invalid("entry_invalid", "Some entries are no such values, or over already.", values=shown)


async def _locked(session: Session, program_id: str, list_id: str) -> RuleList:
    found = await list_store.list_for_update(session, program_id, list_id)
    if found is None:
        raise _unknown()
    return found


async def _note(
    session: Session, changed: RuleList, action: audit.Action, values: Sequence[str], *, reason: str, by: str,
    at: datetime,
) -> None:  # fmt: skip
    details = {
        "name": changed.name, "count": len(values), "values": list(values[:_SHOWN_IN_TRAIL]), "reason": reason
    }  # fmt: skip
    await audit.record(session, by, changed.program_id, action, changed.id, details, at)


def _unknown() -> NotFound:
    return NotFound("list_unknown", "There is no such list.")
