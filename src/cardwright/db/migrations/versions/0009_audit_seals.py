"""The audit trail sealed: leaves, signed checkpoints, personal data beside the entries.

Where the entries so far came from is dropped: nothing has been released with it, and entries do not change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_APPEND_ONLY = (
    "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
)
_CHECKPOINT = """
CREATE FUNCTION check_checkpoint() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  sealed bigint;
BEGIN
  SELECT coalesce(max(size), 0) INTO sealed FROM audit_checkpoints WHERE program_id = NEW.program_id;
  IF NEW.size <= sealed THEN
    RAISE EXCEPTION 'a trail of % sealed entries does not shrink to %', sealed, NEW.size
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NEW.size - sealed <> (SELECT count(*) FROM audit_seals
                            WHERE program_id = NEW.program_id AND leaf_index >= sealed AND leaf_index < NEW.size) THEN
    RAISE EXCEPTION 'a checkpoint of % entries covers as many leaves, without a gap', NEW.size
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$
"""
_GROWS = (
    "CREATE TRIGGER grows BEFORE INSERT ON audit_checkpoints FOR EACH ROW EXECUTE FUNCTION check_checkpoint()"
)

_PROGRAM = "program_id = current_setting('cardwright.program_id', true)"
_OF_THE_TRAIL = ("audit_personal_data", "audit_seals", "audit_checkpoints")


def upgrade() -> None:
    op.drop_column("audit_entries", "client_address")
    op.drop_column("audit_entries", "user_agent")
    op.add_column("audit_entries", sa.Column("personal_digest", sa.Text(), nullable=True))
    op.add_column(
        "audit_entries",
        sa.Column(
            "written_in",
            sa.BigInteger(),
            server_default=sa.text("(pg_current_xact_id()::text)::bigint"),
            nullable=False,
        ),
    )
    op.create_index(
        op.f("ix_audit_entries_program_id_written_in_id"), "audit_entries", ["program_id", "written_in", "id"]
    )
    op.create_table(
        "audit_personal_data",
        sa.Column("entry_id", sa.Text(collation="C"), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("person_id", sa.Text(collation="C"), nullable=False),
        sa.Column("client_address", sa.Text(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_audit_personal_data")),
    )
    op.create_index(
        op.f("ix_audit_personal_data_program_id_person_id"),
        "audit_personal_data",
        ["program_id", "person_id"],
    )
    op.create_table(
        "audit_seals",
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("leaf_index", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.Text(collation="C"), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("program_id", "leaf_index", name=op.f("pk_audit_seals")),
    )
    op.create_index(op.f("ix_audit_seals_entry_id"), "audit_seals", ["entry_id"], unique=True)
    op.create_table(
        "audit_checkpoints",
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("peaks", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("program_id", "size", name=op.f("pk_audit_checkpoints")),
    )
    op.execute(_CHECKPOINT)
    op.execute(_GROWS)
    for table in ("audit_seals", "audit_checkpoints"):
        for statement in _APPEND_ONLY:
            op.execute(statement.format(table=table))
    # What is personal is erased as a whole, never altered.
    op.execute(
        "CREATE TRIGGER never_altered BEFORE UPDATE ON audit_personal_data "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    # Staff see their program's, customers nothing; but whatever a customer does is recorded.
    for table in _OF_THE_TRAIL:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY cardwright_staff ON {table} TO cardwright_staff USING ({_PROGRAM})")
    op.execute(
        "CREATE POLICY recorded ON audit_personal_data FOR INSERT TO cardwright_customer "
        f"WITH CHECK ({_PROGRAM})"
    )


def downgrade() -> None:
    for table in ("audit_checkpoints", "audit_seals", "audit_personal_data"):
        op.drop_table(table)
    op.execute("DROP FUNCTION check_checkpoint")
    op.drop_index(op.f("ix_audit_entries_program_id_written_in_id"), table_name="audit_entries")
    op.drop_column("audit_entries", "written_in")
    op.drop_column("audit_entries", "personal_digest")
    op.add_column("audit_entries", sa.Column("user_agent", sa.Text(), nullable=True))
    op.add_column("audit_entries", sa.Column("client_address", sa.Text(), nullable=True))
