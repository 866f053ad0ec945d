"""Named lists over HTTP: what rules ask as `lists.name`."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Path, Query, Response
from pydantic import Field, StringConstraints

from cardwright.access import Actor, Reach, allow
from cardwright.approvals import Reason
from cardwright.core.ids import ID_PATTERN
from cardwright.http import strict
from cardwright.http.deps import ClockDep, IdempotencyDep, SessionDep
from cardwright.http.pagination import Limit
from cardwright.http.strict import Id, Input, Instant, Line, Output
from cardwright.rules import list_entries, list_store, lists
from cardwright.rules.domain import ListKind

router = strict.router("/v1/rule-lists", "rules")

Reader = Annotated[Actor, Depends(allow("rules.read", reach=Reach.ANY))]
Writer = Annotated[Actor, Depends(allow("rules.write", reach=Reach.ANY))]
ListId = Annotated[str, Path(pattern=ID_PATTERN, max_length=40)]
Value = Annotated[Line, StringConstraints(min_length=1, max_length=list_entries.MAX_VALUE_CHARACTERS)]


class CreateList(Input):
    """A list to be made."""

    name: Annotated[str, StringConstraints(pattern="^[a-z][a-z0-9_]{0,63}$")] = Field(
        description="How conditions call it, after `lists.`.", examples=["blocked_merchants"]
    )
    kind: ListKind = Field(strict=False, description="What it holds; this never changes.")
    description: Annotated[Line, StringConstraints(min_length=1, max_length=200)] = Field(
        description="What it is for.", examples=["Merchants that never deliver."]
    )


class ListView(Output):
    """A list."""

    id: Id
    name: str
    kind: ListKind
    description: str
    created_at: datetime


class EntryBody(Input):
    """An entry to be added."""

    value: Value = Field(description="A merchant's id, a country's code …", examples=["100000000000001"])
    expires_at: Instant | None = Field(
        default=None, description="When it ends by itself; null for never.", examples=["2027-01-31T00:00:00Z"]
    )


class PutEntries(Input):
    """Entries to be added, or given another end."""

    entries: list[EntryBody] = Field(min_length=1, max_length=1_000, description="All of them, or none.")
    reason: Reason


class ImportEntries(Input):
    """The same from a spreadsheet."""

    csv: str = Field(
        min_length=1, max_length=900_000, description="Columns: value and, where wanted, expires_at.",
        examples=["value,expires_at\n100000000000001,2027-01-31T00:00:00Z\n"],
    )  # fmt: skip
    reason: Reason


class RemoveEntries(Input):
    """Entries to be taken away."""

    values: list[Value] = Field(min_length=1, max_length=1_000, description="Those that are there go.")
    reason: Reason


class EntryView(Output):
    """An entry."""

    value: str
    expires_at: datetime | None
    reason: str
    author_id: Id
    added_at: datetime


class Changed(Output):
    """How many entries changed."""

    changed: int


@router.get("")
async def list_rule_lists(session: SessionDep, actor: Reader) -> list[ListView]:
    """Return the program's lists by name."""
    return [ListView.model_validate(it) for it in await list_store.lists_of(session, actor.program_id)]


@router.post("", status_code=201, response_model=ListView)
async def create_rule_list(
    body: CreateList, session: SessionDep, clock: ClockDep, actor: Writer, call: IdempotencyDep
) -> Response:
    """Make an empty list; rules may name it from now on."""

    async def effect() -> ListView:
        made = await lists.create_list(
            session, program_id=actor.program_id, name=body.name, kind=body.kind,
            description=body.description, by=actor.user_id, at=clock.now(),
        )  # fmt: skip
        return ListView.model_validate(made)

    return await call.once(actor.user_id, effect)


@router.get("/{rule_list_id}/entries")
async def list_rule_list_entries(
    rule_list_id: ListId, session: SessionDep, clock: ClockDep, actor: Reader, limit: Limit = 100,
    after: Annotated[str | None, Query(max_length=100, description="Only values after this one.")] = None,
) -> list[EntryView]:  # fmt: skip
    """Return the entries that hold, by value."""
    found = await lists.get_list(session, actor.program_id, rule_list_id)
    entries = await list_store.entries_after(session, found.id, after, limit, clock.now())
    return [EntryView.model_validate(it) for it in entries]


@router.put("/{rule_list_id}/entries")
async def put_rule_list_entries(
    rule_list_id: ListId, body: PutEntries, session: SessionDep, clock: ClockDep, actor: Writer
) -> Changed:
    """Add entries; the next payment is decided with them."""
    new = {entry.value: entry.expires_at for entry in body.entries}
    await lists.put(
        session, actor.program_id, rule_list_id, new, reason=body.reason, by=actor.user_id, at=clock.now()
    )
    return Changed(changed=len(new))


@router.put("/{rule_list_id}/entries.csv")
async def import_rule_list_entries(
    rule_list_id: ListId, body: ImportEntries, session: SessionDep, clock: ClockDep, actor: Writer
) -> Changed:
    """Add the entries of a spreadsheet, up to 10,000: all of them, or none."""
    new = list_entries.read_csv(body.csv)
    await lists.put(
        session, actor.program_id, rule_list_id, new, reason=body.reason, by=actor.user_id, at=clock.now()
    )
    return Changed(changed=len(new))


@router.post("/{rule_list_id}/entries/remove")
async def remove_rule_list_entries(
    rule_list_id: ListId, body: RemoveEntries, session: SessionDep, clock: ClockDep, actor: Writer
) -> Changed:
    """Take entries away."""
    removed = await lists.remove(
        session, actor.program_id, rule_list_id, set(body.values), reason=body.reason, by=actor.user_id,
        at=clock.now(),
    )  # fmt: skip
    return Changed(changed=len(removed))
