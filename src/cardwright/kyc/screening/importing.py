"""Putting a list file into use: all of it or nothing, in one transaction with the run that screens by it."""

import re
from datetime import datetime
from typing import Final

from cardwright import audit
from cardwright.core.errors import Invalid
from cardwright.core.ids import new_id
from cardwright.db.session import Session
from cardwright.kyc.screening import list_store, rescreening
from cardwright.kyc.screening.domain import LIST_NAME_PATTERN, Occasion, ScreeningList
from cardwright.kyc.screening.list_files import ListFile

_NAME: Final = re.compile(LIST_NAME_PATTERN, re.ASCII)


async def import_list(
    session: Session, program_id: str, name: str, file: ListFile, *, by: str, at: datetime
) -> tuple[ScreeningList, bool]:
    """Put a file into use in place of the list of that name before it; tell whether anything changed.

    A file that is in use already changes nothing and screens nobody. Raises Invalid `list_name_invalid`.
    """
    if not _NAME.fullmatch(name):
        raise Invalid("list_name_invalid", "A list's name has up to 32 small letters, digits, - and _.")
    await list_store.lock_lists(session, program_id)
    before = {it.name: it for it in await list_store.active_lists(session, program_id)}.get(name)
    if before is not None and before.version == file.version:
        return before, False
    imported = ScreeningList(
        new_id("slist"), program_id, name, file.shape, file.version, len(file.persons), file.skipped,
        file.unread_births, by, at,
    )  # fmt: skip
    await list_store.replace_list(session, imported, file.persons)
    details = {
        "name": name, "version": file.version, "entries": imported.entries,
        "before": None if before is None else before.version,
    }  # fmt: skip
    await audit.record(session, by, program_id, "screening_list.imported", imported.id, details, at)
    await rescreening.request_run(session, program_id, occasion=Occasion.IMPORT, by=by, at=at)
    return imported, True
