"""One look at everything, in an order in which a cause comes before what follows of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.core.clock import Clock, SystemClock
from cardwright.db.session import Session, create_engine, transaction
from cardwright.doctor import credentials, database, environment, keys, outside, work
from cardwright.doctor.findings import Finding, Level, problem, skipped
from cardwright.encryption import Keyring, with_keyring
from cardwright.settings import DatabaseSettings, KeySettings, Settings
from cardwright.unreachable import sentence_of

_OF_THE_DATABASE: Final = ("schema", "encryption keys", "worker", "books")


@dataclass(frozen=True, slots=True)
class Scope:
    """How much is looked at: the books take long, and the public address may not be reachable from here."""

    with_books: bool = True
    with_public_address: bool = True


async def examine(scope: Scope, clock: Clock | None = None) -> list[Finding]:
    """Return what is found of the installation that the environment describes; nothing is changed."""
    clock = clock or SystemClock()
    settings, found = environment.read_settings()
    if settings is None:
        found += environment.without_settings(["secrets", "credentials", "valkey", "folders", "api"])
    else:
        found += environment.examine_settings(settings)
        found += credentials.examine_credentials(settings, clock.now())
        found += keys.examine_signing_key(settings.audit)
    found += await _database(settings, scope, clock)
    if settings is not None:
        found += await outside.examine_valkey(settings)
        found += outside.examine_folders(settings)
        if scope.with_public_address:
            found += await outside.examine_public_address(settings, clock.now())
    return found


async def _database(settings: Settings | None, scope: Scope, clock: Clock) -> list[Finding]:
    reach = settings or _given(DatabaseSettings)
    if reach is None:
        return [skipped(check, "Not looked at: DATABASE_URL is missing.") for check in _OF_THE_DATABASE]
    try:
        engine = create_engine(reach.database_url, pool_size=1, max_overflow=0)
    except ValueError as error:
        return [
            problem("database", f"{error}.", "Set DATABASE_URL to `postgresql://user:password@host/name`.")
        ]
    try:
        return await _asked(engine, reach, scope, clock)
    finally:
        await engine.dispose()


def _given(kind: type[DatabaseSettings]) -> Any:
    try:
        return kind()
    except ValidationError:
        return None


async def _asked(engine: AsyncEngine, reach: DatabaseSettings, scope: Scope, clock: Clock) -> list[Finding]:
    try:
        async with transaction(engine) as session:
            server = await database.examine_server(session, reach, clock)
            schema = await database.examine_schema(session)
    except Exception as error:  # noqa: BLE001 - whatever it is, the database cannot be used
        said = sentence_of(error) or f"The database does not answer as it should ({type(error).__name__})"
        remedy = "Start it, or mend DATABASE_URL: everything but a stand-in's answer needs it."
        return [
            problem("database", f"{said.rstrip('.?')}.", remedy),
            *(skipped(check, "Not looked at: there is no database.") for check in _OF_THE_DATABASE),
        ]
    found = [*server, *schema]
    if any(each.check == "schema" and each.level is not Level.OK for each in schema):
        said = "Not looked at: the schema is not this version's."
        return [*found, *(skipped(check, said) for check in _OF_THE_DATABASE[1:])]
    keyring, missing = _keyring(reach)
    found += missing
    if keyring is not None:
        ring = keyring
        engine = with_keyring(engine, ring)
        found += await _look(engine, "encryption keys", lambda session: keys.examine_keys(session, ring))
    found += await _look(engine, "worker", work.examine_work)
    if scope.with_books:
        found += await _look(engine, "books", work.examine_books)
    else:
        found.append(skipped("books", "Not looked at: it was asked to be quick.", "Run it without --quick."))
    return found


def _keyring(reach: DatabaseSettings) -> tuple[Keyring | None, list[Finding]]:
    settings = reach if isinstance(reach, KeySettings) else _given(KeySettings)
    if settings is None:
        return None, [
            skipped("encryption keys", "Not looked at: the settings of `encryption` are not right.")
        ]
    return keys.read_keyring(settings)


async def _look(
    engine: AsyncEngine, check: str, look: Callable[[Session], Awaitable[list[Finding]]]
) -> list[Finding]:
    # Each in a transaction of its own: what fails in one must not keep the next from being looked at.
    try:
        async with transaction(engine) as session:
            return await look(session)
    except SQLAlchemyError as error:
        remedy = "Mend what is named above first, then look again."
        return [problem(check, f"It could not be looked at ({type(error).__name__}).", remedy)]
