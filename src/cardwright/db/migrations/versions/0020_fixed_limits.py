"""What a template sets for a card is kept apart from what its holder sets: it stays until staff lift it."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_TABLES = ("spending_limits", "spending_controls")
_OWN_CARD = "scope = 'fixed' AND EXISTS (SELECT FROM cards WHERE cards.id = subject_id)"
_BEFORE = "scope IN ('card', 'customer', 'level', 'program')"
_SCOPES = "scope IN ('card', 'fixed', 'customer', 'level', 'program')"


def upgrade() -> None:
    for table in _TABLES:
        _check_scopes(table, _SCOPES)
        # A holder writes it with the card that is made, reads it, and never changes or removes it.
        op.execute(f"CREATE POLICY fixed ON {table} FOR SELECT TO cardwright_customer USING ({_OWN_CARD})")
        op.execute(
            f"CREATE POLICY fixing ON {table} FOR INSERT TO cardwright_customer WITH CHECK ({_OWN_CARD})"
        )


def downgrade() -> None:
    for policy in ("fixed", "fixing"):
        for table in _TABLES:
            op.execute(f"DROP POLICY {policy} ON {table}")
    # One list per dimension and effect: the fixed one is at least as strict as what its holder may undo.
    op.execute(
        "DELETE FROM spending_controls own USING spending_controls fixed WHERE own.scope = 'card'"
        " AND fixed.scope = 'fixed' AND own.subject_id = fixed.subject_id"
        " AND own.dimension = fixed.dimension AND own.effect = fixed.effect"
    )
    for table in _TABLES:
        op.execute(f"UPDATE {table} SET scope = 'card' WHERE scope = 'fixed'")  # noqa: S608 - names of this file
        _check_scopes(table, _BEFORE)


def _check_scopes(table: str, condition: str) -> None:
    name = op.f(f"ck_{table}_scope")
    op.drop_constraint(name, table)
    op.create_check_constraint(name, table, condition)
