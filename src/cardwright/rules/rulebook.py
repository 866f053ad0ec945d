"""Find the rulebook that decides now or decided then; each is compiled once and kept."""

import asyncio
from collections import OrderedDict
from typing import Final

from cardwright.core.errors import NotFound
from cardwright.db.session import Session
from cardwright.rules import lists, store
from cardwright.rules.domain import Rulebook
from cardwright.rules.evaluation import CompiledRulebook, compile_rulebook
from cardwright.rules.store import Publication

_EMPTY: Final = compile_rulebook(Rulebook(0, ()))
_MOST_KEPT: Final = 256
# Compiling costs milliseconds, an authorization has few. Content never changes under a hash, so nothing here
# can be stale. The version is part of the key because the same rules may be published again, the program
# because its lists give names their types.
_compiled: Final[OrderedDict[tuple[str, str, int], CompiledRulebook]] = OrderedDict()


async def active_rulebook(session: Session, program_id: str) -> CompiledRulebook:
    """Return the rulebook that decides now, compiled; the empty one, version 0, when none was published."""
    active = await store.find_active(session, program_id)
    if active is None or active.version == 0:
        return _EMPTY
    kept = _find_kept(program_id, active.hash, active.version)
    if kept is not None:
        return kept
    publication = await store.find_version(session, program_id, active.version)
    if publication is None:
        raise NotFound("rulebook_unknown", f"Version {active.version} of the rulebook is not stored.")
    return await compile_kept(session, program_id, publication.rulebook)


async def find_active_publication(session: Session, program_id: str) -> Publication | None:
    """Return the active rulebook with its author, note and time; None when none was published."""
    active = await store.find_active(session, program_id)
    return await store.find_version(session, program_id, active.version) if active else None


async def get_publication(session: Session, program_id: str, version: int) -> Publication:
    """Return a published version; raise NotFound `rulebook_unknown`."""
    found = await store.find_version(session, program_id, version)
    if found is None:
        raise NotFound("rulebook_unknown", f"There is no version {version} of the rulebook.")
    return found


async def get_rulebook_by_hash(session: Session, program_id: str, content_hash: str) -> CompiledRulebook:
    """Return the rulebook of that content, compiled, so that a past decision can be computed again.

    Raises NotFound when the program never published such rules.
    """
    if content_hash == _EMPTY.rulebook.hash:
        return _EMPTY
    publication = await store.find_by_hash(session, program_id, content_hash)
    if publication is None:
        raise NotFound("rulebook_unknown", "No rulebook with this hash was published.")
    rulebook = publication.rulebook
    kept = _find_kept(program_id, rulebook.hash, rulebook.version)
    return kept or await compile_kept(session, program_id, rulebook)


async def compile_kept(session: Session, program_id: str, rulebook: Rulebook) -> CompiledRulebook:
    """Compile a rulebook and keep the result; raise RulebookInvalid with all that is wrong."""
    catalogue = await lists.catalogue_of(session, program_id)
    # In a thread: a large rulebook takes long enough to make authorizations on this event loop wait.
    return _keep(program_id, await asyncio.to_thread(compile_rulebook, rulebook, catalogue))


def _find_kept(program_id: str, content_hash: str, version: int) -> CompiledRulebook | None:
    key = (program_id, content_hash, version)
    kept = _compiled.get(key)
    if kept is not None:
        _compiled.move_to_end(key)
    return kept


def _keep(program_id: str, compiled: CompiledRulebook) -> CompiledRulebook:
    _compiled[program_id, compiled.rulebook.hash, compiled.rulebook.version] = compiled
    while len(_compiled) > _MOST_KEPT:
        _compiled.popitem(last=False)
    return compiled
