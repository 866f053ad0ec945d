"""What an examination asks PostgreSQL; it writes nothing."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import text

from cardwright.db.confinement import CUSTOMER, HEARING, STAFF, VAULT
from cardwright.db.session import Session

ROLES: Final = (CUSTOMER, STAFF, HEARING, VAULT)

_SERVER: Final = text("""
    SELECT current_setting('server_version_num')::int / 10000 AS version,
           current_setting('server_version') AS full_version,
           current_setting('fsync') AS fsync, current_setting('full_page_writes') AS full_page_writes,
           current_setting('synchronous_commit') AS synchronous_commit,
           current_setting('max_connections')::int
             - current_setting('superuser_reserved_connections')::int AS connections,
           pg_is_in_recovery() AS is_replica, clock_timestamp() AS now,
           coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS is_tls,
           inet_client_addr() IS NULL OR inet_client_addr() <<= '127.0.0.0/8' OR inet_client_addr() = '::1'
             AS is_local,
           (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user) AS is_almighty
""")
_REVISION: Final = text("SELECT version_num FROM alembic_version")
_HAS_SCHEMA: Final = text("SELECT to_regclass('alembic_version') IS NOT NULL")
_ROLES: Final = text("""
    SELECT wanted.name, rolname IS NOT NULL AS exists,
           coalesce(rolsuper OR rolbypassrls OR rolcanlogin OR rolcreaterole, false) AS is_mighty,
           coalesce(pg_has_role(current_user, role.oid, 'MEMBER'), false) AS is_ours
    FROM unnest(CAST(:roles AS text[])) AS wanted(name) LEFT JOIN pg_roles AS role ON rolname = wanted.name
""")
_UNWALLED: Final = text("""
    SELECT relname FROM pg_class
    WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace AND NOT relrowsecurity
      AND (has_table_privilege(:customer, oid, 'SELECT, INSERT, UPDATE, DELETE')
           OR has_table_privilege(:staff, oid, 'SELECT, INSERT, UPDATE, DELETE'))
    ORDER BY 1
""")
_OPEN_POLICIES: Final = text("""
    SELECT polrelid::regclass || '.' || polname FROM pg_policy
    WHERE polpermissive AND pg_get_expr(polqual, polrelid) = 'true' ORDER BY 1
""")
_UNREACHABLE: Final = text("""
    SELECT wanted.name FROM unnest(CAST(:tables AS text[])) AS wanted(name)
    WHERE NOT has_table_privilege(:staff, wanted.name, 'SELECT') ORDER BY 1
""")
_GUARDS: Final = text("""
    SELECT wanted.on_table || '.' || wanted.name FROM
      unnest(CAST(:tables AS text[]), CAST(:names AS text[])) AS wanted(on_table, name)
      LEFT JOIN pg_trigger ON tgrelid = to_regclass(wanted.on_table) AND tgname = wanted.name
    WHERE tgenabled IS NULL OR tgenabled = 'D'
    UNION SELECT tgrelid::regclass || '.' || tgname FROM pg_trigger
      WHERE NOT tgisinternal AND tgenabled = 'D' ORDER BY 1
""")
_VAULT_IS_CLOSED: Final = text("""
    SELECT NOT has_schema_privilege(:customer, 'vault', 'USAGE')
       AND NOT has_schema_privilege(:staff, 'vault', 'USAGE')
""")
_WORKERS: Final = text("""
    SELECT count(*) AS connections,
           extract(epoch FROM clock_timestamp() - max(greatest(query_start, backend_start)))::float8 AS silent
    FROM pg_stat_activity WHERE datname = current_database() AND application_name = :name
""")
_WAITING: Final = text("""
    SELECT (SELECT count(*) FROM outbox) AS events,
           (SELECT extract(epoch FROM clock_timestamp() - min(occurred_at))::float8
              FROM outbox) AS events_age,
           jobs.*,
           (SELECT count(*) FROM inbox WHERE handled_at IS NULL) AS unhandled,
           (SELECT extract(epoch FROM clock_timestamp() - min(received_at))::float8
              FROM inbox WHERE handled_at IS NULL) AS unhandled_age
    FROM (
        SELECT count(*) FILTER (WHERE status = 'queued' AND execute_after <= clock_timestamp()) AS due,
               extract(epoch FROM clock_timestamp() - min(execute_after)
                 FILTER (WHERE status = 'queued' AND execute_after <= clock_timestamp()))::float8 AS due_age,
               count(*) FILTER (WHERE status = 'queued' AND attempts > 0) AS retried,
               count(*) FILTER (WHERE status = 'failed') AS held
        FROM pgqueuer
    ) AS jobs
""")


async def server(session: Session) -> Mapping[str, Any]:
    """Return what kind of server it is, and how the session reaches it."""
    return dict((await session.execute(_SERVER)).mappings().one())


async def revision(session: Session) -> str | None:
    """Return the migration that the schema is at, or None where there is no schema."""
    if not (await session.execute(_HAS_SCHEMA)).scalar_one():
        return None
    found: str | None = (await session.execute(_REVISION)).scalar_one_or_none()
    return found


async def roles(session: Session) -> Sequence[Mapping[str, Any]]:
    """Return for each role that requests are confined to whether it exists, is weak, and is ours to take."""
    rows = await session.execute(_ROLES, {"roles": list(ROLES)})
    return [dict(row) for row in rows.mappings()]


async def unwalled(session: Session) -> set[str]:
    """Return the tables that confined roles may use and that have no row security in force."""
    found = await session.execute(_UNWALLED, {"customer": CUSTOMER, "staff": STAFF})
    return set(found.scalars())


async def open_policies(session: Session) -> Sequence[str]:
    """Return the policies that let everything through."""
    return (await session.execute(_OPEN_POLICIES)).scalars().all()


async def unreachable(session: Session, tables: Sequence[str]) -> Sequence[str]:
    """Return those of the tables that confined staff may not even read."""
    return (await session.execute(_UNREACHABLE, {"tables": list(tables), "staff": STAFF})).scalars().all()


async def guards_down(session: Session, wanted: Sequence[tuple[str, str]]) -> Sequence[str]:
    """Return the triggers, of those wanted and of all, that are missing or switched off."""
    named = {"tables": [table for table, _ in wanted], "names": [name for _, name in wanted]}
    return (await session.execute(_GUARDS, named)).scalars().all()


async def is_vault_closed(session: Session) -> bool:
    """Answer whether confined roles are kept out of the vault's schema."""
    found = await session.execute(_VAULT_IS_CLOSED, {"customer": CUSTOMER, "staff": STAFF})
    return bool(found.scalar_one())


async def workers(session: Session, name: str) -> tuple[int, float | None]:
    """Return how many connections workers' queues have, and since when none said anything, in seconds."""
    row = (await session.execute(_WORKERS, {"name": name})).one()
    return row.connections, row.silent


async def waiting(session: Session) -> Mapping[str, Any]:
    """Return how much waits in outbox, queue and inbox, and how long the oldest of each has, in seconds."""
    return dict((await session.execute(_WAITING)).mappings().one())
