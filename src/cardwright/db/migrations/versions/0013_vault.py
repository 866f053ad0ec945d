"""Card numbers in a schema that one role may use, grants to see them, and the BIN beside the last digits."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_VAULT = "cardwright_vault"


def upgrade() -> None:
    op.add_column("cards", sa.Column("bin", sa.Text()))
    _make_vault()
    _make_grants()


def _make_vault() -> None:
    op.execute(
        f"DO $$ BEGIN CREATE ROLE {_VAULT} NOLOGIN;"
        " EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    )
    # The login may become the vault, but has nothing of it as long as it does not.
    op.execute(f"GRANT {_VAULT} TO CURRENT_USER WITH INHERIT FALSE, SET TRUE")
    op.execute(f"CREATE SCHEMA vault AUTHORIZATION {_VAULT}")
    op.execute(f"SET LOCAL ROLE {_VAULT}")
    op.create_table(
        "card_numbers",
        sa.Column("card_id", sa.Text(collation="C"), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("card_id", name=op.f("pk_card_numbers")),
        schema="vault",
    )
    op.execute("REVOKE ALL ON SCHEMA vault FROM PUBLIC")
    op.execute("RESET ROLE")


def _make_grants() -> None:
    op.create_table(
        "reveal_grants",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("user_id", sa.Text(collation="C"), nullable=False),
        sa.Column("card_id", sa.Text(collation="C"), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reveal_grants")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_reveal_grants_secret_hash")),
    )
    op.execute("ALTER TABLE reveal_grants ENABLE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY cardwright_customer ON reveal_grants TO cardwright_customer"
        " USING (user_id = current_setting('cardwright.user_id', true))"
    )
    op.execute(
        "CREATE POLICY cardwright_staff ON reveal_grants TO cardwright_staff"
        " USING (program_id = current_setting('cardwright.program_id', true))"
    )


def downgrade() -> None:
    op.drop_table("reveal_grants")
    op.execute(f"SET LOCAL ROLE {_VAULT}")
    op.execute("DROP SCHEMA vault CASCADE")
    op.execute("RESET ROLE")
    op.drop_column("cards", "bin")
