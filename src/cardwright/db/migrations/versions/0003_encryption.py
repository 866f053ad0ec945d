"""Data keys, each wrapped by the key provider, and personal data sealed with them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_PROGRAM = "program_id = current_setting('cardwright.program_id', true)"
_LET_GO_OF_DEVICE = """
CREATE FUNCTION release_push_token(token text, keeper text, at timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE devices SET revoked_at = at WHERE {column} = token AND user_id <> keeper AND revoked_at IS NULL
$$
"""


def upgrade() -> None:
    op.create_table(
        "data_keys",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("provider_key_id", sa.Text(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(wrapped_key IS NULL) = (destroyed_at IS NOT NULL)",
            name=op.f("ck_data_keys_destroyed_without_key"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_keys")),
        sa.UniqueConstraint(
            "program_id", "purpose", "epoch", name=op.f("uq_data_keys_program_id_purpose_epoch")
        ),
    )
    # Sealing needs keys, which a migration does not have; nothing was released before this one.
    _ensure_empty("data from before encryption: start with an empty database")
    op.add_column("identities", sa.Column("email_index", sa.Text(), nullable=False))
    op.drop_constraint(op.f("uq_identities_program_id_email"), "identities")
    op.create_unique_constraint(
        op.f("uq_identities_program_id_email_index"), "identities", ["program_id", "email_index"]
    )
    op.add_column("profiles", sa.Column("program_id", sa.Text(collation="C"), nullable=False))
    op.alter_column("profiles", "date_of_birth", type_=sa.Text())
    op.add_column("devices", sa.Column("push_token_index", sa.Text(), nullable=False))
    _know_push_tokens_by("push_token_index")
    for role in ("cardwright_customer", "cardwright_staff"):
        # Sealing locks its key, which counts as an update; changing one is beyond what requests may do.
        op.execute(f"CREATE POLICY {role} ON data_keys FOR SELECT TO {role} USING ({_PROGRAM})")
        op.execute(
            f"CREATE POLICY {role}_locks ON data_keys FOR UPDATE TO {role}"
            f" USING ({_PROGRAM}) WITH CHECK (false)"
        )
    op.execute("ALTER TABLE data_keys ENABLE ROW LEVEL SECURITY")


def _ensure_empty(holds: str) -> None:
    for table in ("identities", "profiles", "devices", "top_ups"):
        if op.get_bind().execute(sa.select(sa.literal(1)).select_from(sa.table(table)).limit(1)).first():
            raise ValueError(f"{table} holds {holds}")


def _know_push_tokens_by(column: str) -> None:
    op.execute("DROP FUNCTION release_push_token")
    op.execute(_LET_GO_OF_DEVICE.format(column=column))
    op.drop_index("uq_devices_push_token_active", table_name="devices")
    op.create_index(
        "uq_devices_push_token_active",
        "devices",
        [column],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )


def downgrade() -> None:
    _ensure_empty("sealed data, which the version before cannot read")
    _know_push_tokens_by("push_token")
    op.drop_column("devices", "push_token_index")
    op.alter_column("profiles", "date_of_birth", type_=sa.Date(), postgresql_using="date_of_birth::date")
    op.drop_column("profiles", "program_id")
    op.drop_constraint(op.f("uq_identities_program_id_email_index"), "identities")
    op.create_unique_constraint(op.f("uq_identities_program_id_email"), "identities", ["program_id", "email"])
    op.drop_column("identities", "email_index")
    op.drop_table("data_keys")
