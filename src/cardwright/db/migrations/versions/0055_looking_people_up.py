"""Looking people up: by words of their name, by a card's last digits; decisions of a window of time."""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "name_words",
        sa.Column("user_id", sa.Text(collation="C"), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("word_index", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "word_index", name=op.f("pk_name_words")),
    )
    op.create_index(
        "ix_name_words_program_id_word_index", "name_words", ["program_id", "word_index", "user_id"]
    )
    op.execute("ALTER TABLE name_words ENABLE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY own ON name_words TO cardwright_customer"
        " USING (user_id = current_setting('cardwright.user_id', true))"
        " WITH CHECK (user_id = current_setting('cardwright.user_id', true))"
    )
    op.execute(
        "CREATE POLICY cardwright_staff ON name_words TO cardwright_staff"
        " USING (program_id = current_setting('cardwright.program_id', true))"
    )
    # Staff saw a decision by its card; those on cards that nobody has are the program's, too.
    op.execute(
        "ALTER POLICY cardwright_staff ON decisions"
        " USING (program_id = current_setting('cardwright.program_id', true))"
    )
    op.create_index("ix_cards_program_id_last4", "cards", ["program_id", "last4", "user_id"])
    # Decisions are added in the order of their time: so small an index costs an authorization nothing.
    op.create_index("ix_decisions_decided_at", "decisions", ["decided_at"], postgresql_using="brin")


def downgrade() -> None:
    op.execute(
        "ALTER POLICY cardwright_staff ON decisions"
        " USING (EXISTS (SELECT FROM cards WHERE cards.id = decisions.card_id))"
    )
    op.drop_index("ix_decisions_decided_at", table_name="decisions")
    op.drop_index("ix_cards_program_id_last4", table_name="cards")
    op.drop_table("name_words")
