"""Whether the database is there, new enough, durable, migrated, and keeps its walls and guards up."""

from datetime import datetime
from typing import Final

from cardwright.core.clock import Clock
from cardwright.db.confinement import STAFF
from cardwright.db.migrate import OLDEST_SERVER, known_revisions
from cardwright.db.session import Session
from cardwright.doctor import store
from cardwright.doctor.findings import Finding, ok, problem, skipped, warning
from cardwright.settings import DatabaseSettings

_SLOW_SECONDS: Final = 1.0
_WRONG_SECONDS: Final = 5.0
_OTHER_CONNECTIONS: Final = 13
"""Of an API process, proofs of possession; of a worker, its queue, and proofs as well."""
MIGRATE: Final = "Run `cardwright migrate` with this DATABASE_URL."
_RESTORE: Final = "Somebody changed it by hand: put it back as the migrations made it, or restore a backup."
UNWALLED: Final = frozenset(
    {
        "active_rulebooks", "alembic_version", "federation_attempts", "inbox", "outbox", "pgqueuer",
        "pgqueuer_log", "pgqueuer_schedules", "pgqueuer_statistics", "programs", "rulebooks",
        "sign_in_attempts", "user_roles",
    }
)  # fmt: skip
"""Tables about no customer, or read before it is known who asks: they have no row security, and need none."""
_READ_BY_STAFF: Final = (
    "cards", "cases", "decisions", "journal_entries", "ledger_accounts", "payments", "profiles",
)  # fmt: skip
_GUARDS: Final = (
    ("approvals", "four_eyes"),
    ("audit_entries", "append_only"),
    ("decisions", "append_only"),
    ("journal_entries", "append_only"),
    ("journal_entries", "balanced"),
    ("journal_entries", "four_eyes"),
    ("ledger_accounts", "never_removed"),
    ("payment_elements", "append_only"),
    ("period_changes", "four_eyes"),
    ("postings", "append_only"),
    ("postings", "balanced"),
    ("rulebooks", "four_eyes"),
    ("user_roles", "four_eyes"),
)
"""What must refuse whatever the code does, as table and trigger."""


async def examine_server(session: Session, settings: DatabaseSettings, clock: Clock) -> list[Finding]:
    """Look at the server, and compare its clock with this machine's."""
    before = clock.now()
    found = await store.server(session)
    after = clock.now()
    said = []
    if found["version"] < OLDEST_SERVER:
        remedy = f"Move to PostgreSQL {OLDEST_SERVER} or newer."
        return [problem("database", f"It is PostgreSQL {found['full_version']}.", remedy)]
    if found["is_replica"]:
        remedy = "Let DATABASE_URL lead to the primary: a replica can decide nothing."
        said.append(problem("database", "It is a replica that only follows.", remedy))
    unsafe = [
        f"{name} is {found[name]}"
        for name, wanted in (("fsync", {"on"}), ("full_page_writes", {"on"}))
        if found[name] not in wanted
    ]
    if found["synchronous_commit"] == "off":
        unsafe.append("synchronous_commit is off")
    if unsafe:
        remedy = "Switch it on: an approval that was answered could be lost with the machine."
        made = problem if settings.environment == "production" else warning
        said.append(made("durability", f"What is committed may be lost: {', '.join(unsafe)}.", remedy))
    else:
        said.append(ok("durability", "What is committed is on disk."))
    said += [
        ok("database", f"PostgreSQL {found['full_version']} answers."),
        _transport(settings, is_tls=found["is_tls"], is_local=found["is_local"]),
        _connections(settings, found["connections"]),
        _clock(found["now"], before, after),
    ]
    if found["is_almighty"] and settings.environment == "production":
        remedy = "Give the product a role of its own, owner of its tables, without SUPERUSER and BYPASSRLS."
        said.append(warning("database", "The product signs in as somebody whom no wall holds back.", remedy))
    return said


def _transport(settings: DatabaseSettings, *, is_tls: bool, is_local: bool) -> Finding:
    if is_tls or is_local:
        return ok(
            "database tls",
            "Nobody on a network reads along." if is_tls else "The database is on this machine.",
        )
    remedy = "Add `?ssl=verify-full` to DATABASE_URL and let the server speak TLS."
    made = problem if settings.environment == "production" else warning
    return made("database tls", "Statements and what they answer travel in clear.", remedy)


def _connections(settings: DatabaseSettings, most: int) -> Finding:
    # An API process has two pools of that size, one of them for authorizations alone; a worker has one.
    wanted = 3 * settings.database_pool_size + _OTHER_CONNECTIONS
    if wanted > most:
        remedy = "Raise max_connections, or lower CARDWRIGHT_DATABASE_POOL_SIZE."
        return problem(
            "connections", f"One API process and one worker may want {wanted} of {most} connections.", remedy
        )
    more = (most - wanted) // (2 * settings.database_pool_size + 4)
    return ok(
        "connections",
        f"One API process and one worker want {wanted} of {most} connections; {more} more API processes fit.",
    )


def _clock(theirs: datetime, before: datetime, after: datetime) -> Finding:
    middle = before + (after - before) / 2
    apart = max(0.0, abs((theirs - middle).total_seconds()) - (after - before).total_seconds() / 2)
    said = f"This machine's clock and the database's are {apart:.1f} s apart."
    remedy = "Let both follow NTP: expiry, velocity and signatures compare instants of several machines."
    if apart > _WRONG_SECONDS:
        return problem("clock", said, remedy)
    return warning("clock", said, remedy) if apart > _SLOW_SECONDS else ok("clock", said)


async def examine_schema(session: Session) -> list[Finding]:
    """Look at the schema and at what it enforces; only where it is the newest are the walls judged."""
    at, known = await store.revision(session), known_revisions()
    if at is None:
        return [problem("schema", "The database is empty.", MIGRATE), *_not_judged()]
    if at not in known:
        remedy = "Run the newer version of the product, or restore the database of this one."
        return [
            problem("schema", f"A newer version migrated it: nobody here knows {at}.", remedy),
            *_not_judged(),
        ]
    if at != known[0]:
        behind = known.index(at)
        return [problem("schema", f"It is {behind} migration(s) behind, at {at}.", MIGRATE), *_not_judged()]
    return [
        ok("schema", f"It is at the newest migration, {at}."),
        *await _roles(session),
        *await _walls(session),
    ]


def _not_judged() -> list[Finding]:
    said = "Not looked at: the schema is not this version's."
    return [skipped(check, said) for check in ("roles", "row security", "guards")]


async def _roles(session: Session) -> list[Finding]:
    found = await store.roles(session)
    missing = [role["name"] for role in found if not role["exists"]]
    foreign = [role["name"] for role in found if role["exists"] and not role["is_ours"]]
    mighty = [role["name"] for role in found if role["is_mighty"]]
    said = []
    if missing:
        remedy = "Roles are the server's, not the database's: after a restore make them, then migrate again."
        said.append(problem("roles", f"There is no {', '.join(missing)}.", remedy))
    if foreign:
        remedy = f"GRANT {', '.join(foreign)} TO the role of DATABASE_URL."
        said.append(problem("roles", f"The product may not act as {', '.join(foreign)}.", remedy))
    if mighty:
        remedy = f"ALTER ROLE {mighty[0]} NOSUPERUSER NOBYPASSRLS NOLOGIN NOCREATEROLE; and the others alike."
        said.append(problem("roles", f"No wall holds back {', '.join(mighty)}.", remedy))
    if missing:
        return said
    unreachable = await store.unreachable(session, _READ_BY_STAFF)
    if unreachable:
        remedy = (
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON {', '.join(unreachable)} TO {STAFF}, as migrations do."
        )
        said.append(problem("roles", f"Staff are locked out of {', '.join(unreachable)}.", remedy))
    if not await store.is_vault_closed(session):
        remedy = "REVOKE ALL ON SCHEMA vault FROM every role but cardwright_vault."
        said.append(problem("roles", "Requests can look into the vault of card numbers.", remedy))
    return said or [ok("roles", "Requests are confined to roles that own nothing and see no card number.")]


async def _walls(session: Session) -> list[Finding]:
    missing = [role for role in await store.roles(session) if not role["exists"]]
    if missing:
        return [skipped("row security", "Not looked at: roles are missing.")]
    said = []
    down = sorted(await store.unwalled(session) - UNWALLED)
    if down:
        remedy = f"ALTER TABLE {down[0]} ENABLE ROW LEVEL SECURITY; and find out who switched it off."
        said.append(problem("row security", f"It is off for {', '.join(down)}.", remedy))
    through = await store.open_policies(session)
    if through:
        said.append(problem("row security", f"{', '.join(through)} lets everything through.", _RESTORE))
    said = said or [ok("row security", "It is in force for every table about somebody.")]
    guards = await store.guards_down(session, _GUARDS)
    if guards:
        return [*said, problem("guards", f"Missing or switched off: {', '.join(guards)}.", _RESTORE)]
    return [
        *said,
        ok("guards", "The database refuses edits of books, trail and decisions, and what one signed alone."),
    ]
