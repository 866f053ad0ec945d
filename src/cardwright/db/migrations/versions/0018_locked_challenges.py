"""A card that staff have locked can have its challenges refused only, like a frozen one."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_AS_LOCKED = (
    "CASE WHEN cards.staff_locked_at IS NOT NULL AND cards.state = 'active'"
    " THEN 'frozen' ELSE cards.state END"
)


def upgrade() -> None:
    _redefine("SELECT cards.state FROM", f"SELECT {_AS_LOCKED} FROM")


def downgrade() -> None:
    _redefine(f"SELECT {_AS_LOCKED} FROM", "SELECT cards.state FROM")


def _redefine(present: str, wanted: str) -> None:
    # Only what it answers changes, not who may ask: that condition stays where it was written.
    definition: str = (
        op.get_bind()
        .exec_driver_sql("SELECT pg_get_functiondef('challenged_card_state'::regproc)")
        .scalar_one()
    )
    assert present in definition  # noqa: S101 - the function is ours
    op.get_bind().exec_driver_sql(definition.replace(present, wanted))
