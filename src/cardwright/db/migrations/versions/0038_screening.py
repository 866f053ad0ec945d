"""Screening: lists with the people on them, hits with what was decided, screenings, and runs over everybody."""

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_PROGRAM: Final = "program_id = current_setting('cardwright.program_id', true)"
_TABLES: Final = (
    "screening_lists", "screening_entries", "screening_hits", "screening_decisions", "screenings",
    "screening_runs",
)  # fmt: skip


def upgrade() -> None:
    _create_lists()
    _create_hits()
    _create_decisions()
    _create_screenings()
    _create_runs()
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        # Customers see none of it: nobody is told that they are looked for.
        op.execute(f"CREATE POLICY cardwright_staff ON {table} TO cardwright_staff USING ({_PROGRAM})")
        op.execute(f"REVOKE ALL ON {table} FROM cardwright_customer")
        op.execute(f"REVOKE INSERT, UPDATE, DELETE ON {table} FROM cardwright_staff")
        op.execute(f"GRANT SELECT ON {table} TO cardwright_customer")
    op.execute(
        "GRANT UPDATE (state, version, changed_at, decided_at, decided_by) ON screening_hits TO cardwright_staff"
    )
    op.execute("GRANT INSERT ON screening_decisions TO cardwright_staff")


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)


def _create_lists() -> None:
    op.create_table(
        "screening_lists",
        _reference("id"),
        _reference("program_id"),
        _text("name"),
        _text("shape"),
        _text("version"),
        _integer("entries"),
        _integer("skipped"),
        _integer("unread_births"),
        _text("imported_by"),
        _instant("imported_at"),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening_lists")),
    )
    op.create_index(
        "uq_screening_lists_active", "screening_lists", ["program_id", "name"], unique=True,
        postgresql_where=sa.text("is_active"),
    )  # fmt: skip
    op.create_index("ix_screening_lists_program_id_id", "screening_lists", ["program_id", "id"])
    op.create_table(
        "screening_entries",
        _reference("list_id"),
        _text("reference"),
        _reference("program_id"),
        _texts("names"),
        _texts("births"),
        _texts("countries"),
        _text("programs"),
        sa.PrimaryKeyConstraint("list_id", "reference", name=op.f("pk_screening_entries")),
    )


def _create_hits() -> None:
    op.create_table(
        "screening_hits",
        _reference("id"),
        _reference("program_id"),
        _reference("user_id"),
        _text("list_name"),
        _text("reference"),
        _text("listed_name"),
        _texts("listed_names"),
        _texts("births"),
        _texts("countries"),
        _text("programs"),
        _integer("score"),
        _integer("name_score"),
        _text("agreement"),
        _text("subject_print"),
        _text("entry_print"),
        _text("state"),
        _integer("version"),
        _instant("found_at"),
        _instant("changed_at"),
        _instant("decided_at", nullable=True),
        _reference("decided_by", nullable=True),
        _text("person_name", nullable=True),
        _text("person_born", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening_hits")),
        sa.UniqueConstraint(
            "user_id", "list_name", "reference", name=op.f("uq_screening_hits_user_id_list_name_reference")
        ),
        sa.CheckConstraint(
            "score BETWEEN 0 AND 100 AND name_score BETWEEN 0 AND 100", name=op.f("ck_screening_hits_score")
        ),
        sa.CheckConstraint(
            "CASE state WHEN 'open' THEN decided_at IS NULL WHEN 'outdated' THEN decided_at IS NULL"
            " WHEN 'confirmed' THEN decided_at IS NOT NULL AND decided_by IS NOT NULL"
            " WHEN 'dismissed' THEN decided_at IS NOT NULL AND decided_by IS NOT NULL ELSE false END",
            name=op.f("ck_screening_hits_state"),
        ),
    )
    op.create_index("ix_screening_hits_program_id_id", "screening_hits", ["program_id", "id"])
    op.create_index(
        "ix_screening_hits_open", "screening_hits", ["program_id", "id"],
        postgresql_where=sa.text("state = 'open'"),
    )  # fmt: skip


def _create_decisions() -> None:
    op.create_table(
        "screening_decisions",
        _reference("id"),
        _reference("program_id"),
        _reference("user_id"),
        _reference("hit_id"),
        _text("before"),
        _text("after"),
        _integer("score"),
        _text("reason"),
        _reference("decided_by"),
        _instant("decided_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening_decisions")),
    )
    op.create_index("ix_screening_decisions_hit_id_id", "screening_decisions", ["hit_id", "id"])


def _create_screenings() -> None:
    op.create_table(
        "screenings",
        _reference("id"),
        _reference("program_id"),
        _reference("user_id"),
        _text("lists_version"),
        _text("subject_print"),
        _integer("threshold"),
        _text("outcome"),
        _integer("hits"),
        _text("occasion"),
        _instant("first_at"),
        _instant("last_at"),
        _integer("times"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screenings")),
        sa.CheckConstraint("outcome IN ('clear', 'hits')", name=op.f("ck_screenings_outcome")),
    )
    op.create_index("ix_screenings_user_id_id", "screenings", ["user_id", "id"])


def _create_runs() -> None:
    op.create_table(
        "screening_runs",
        _reference("id"),
        _reference("program_id"),
        _text("occasion"),
        _text("lists_version"),
        _text("requested_by"),
        _instant("requested_at"),
        _text("reached"),
        _integer("screened"),
        _integer("total"),
        _integer("opened"),
        _instant("finished_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening_runs")),
    )
    op.create_index(
        "uq_screening_runs_unfinished", "screening_runs", ["program_id"], unique=True,
        postgresql_where=sa.text("finished_at IS NULL"),
    )  # fmt: skip
    op.create_index("ix_screening_runs_program_id_id", "screening_runs", ["program_id", "id"])


def _reference(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(collation="C"), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _texts(name: str) -> sa.Column[list[str]]:
    return sa.Column(name, postgresql.ARRAY(sa.Text()), nullable=False)


def _integer(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
