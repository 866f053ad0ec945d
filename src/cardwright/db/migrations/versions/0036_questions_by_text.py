"""Questions that can be answered by text message, with digests of the numbers they were sent to."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "questions_by_text",
        sa.Column("case_id", sa.Text(collation="C"), nullable=False),
        sa.Column("program_id", sa.Text(collation="C"), nullable=False),
        sa.Column("user_id", sa.Text(collation="C"), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_questions_by_text")),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_questions_by_text_tries")),
    )
    op.create_index(
        "ix_questions_by_text_number", "questions_by_text", ["program_id", "number", "expires_at"]
    )
    op.create_index("ix_questions_by_text_user_id", "questions_by_text", ["user_id"])
    op.create_index("ix_questions_by_text_expires_at", "questions_by_text", ["expires_at"])
    # Only the worker asks and hears: behind the wall there is no policy, so nobody sees a row.
    op.execute("ALTER TABLE questions_by_text ENABLE ROW LEVEL SECURITY")


def downgrade() -> None:
    op.drop_table("questions_by_text")
