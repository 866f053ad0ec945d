"""Resets, changes of contacts, failed sign-ins, closed accounts; what a person reads amounts in."""

from collections.abc import Mapping
from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_OWN: Final = "user_id = current_setting('cardwright.user_id', true)"
_PROGRAM: Final = "program_id = current_setting('cardwright.program_id', true)"
_WALLED: Final[Mapping[str, str]] = {
    "cardwright_customer": _OWN,
    "cardwright_staff": _PROGRAM,
}
_ABOUT_PEOPLE: Final = ("password_resets", "email_changes", "phone_verifications")


def upgrade() -> None:
    op.add_column("identities", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("identities", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("profiles", sa.Column("currency", sa.Text(), nullable=True))
    op.add_column("profiles", sa.Column("phone_verified_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        op.f("ix_email_verifications_registration_id_id"), "email_verifications", ["registration_id", "id"]
    )
    op.create_table(
        "sign_in_attempts",
        _reference("program_id"),
        sa.Column("address_digest", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("attempted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("program_id", "address_digest", name=op.f("pk_sign_in_attempts")),
    )
    op.create_table(
        "password_resets",
        _reference("id"),
        _reference("program_id"),
        _reference("user_id", nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_resets")),
    )
    op.create_table(
        "email_changes",
        _reference("id"),
        _reference("program_id"),
        _reference("user_id"),
        sa.Column("old_email", sa.Text(), nullable=False),
        sa.Column("new_email", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("veto_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_changes")),
    )
    op.create_table(
        "phone_verifications",
        _reference("id"),
        _reference("program_id"),
        _reference("user_id"),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("old_phone", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone_verifications")),
    )
    for table in _ABOUT_PEOPLE:
        op.create_index(op.f(f"ix_{table}_user_id"), table, ["user_id"])
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        for role, condition in _WALLED.items():
            op.execute(f"CREATE POLICY {role} ON {table} TO {role} USING ({condition})")


def downgrade() -> None:
    for table in (*_ABOUT_PEOPLE, "sign_in_attempts"):
        op.drop_table(table)
    op.drop_index(op.f("ix_email_verifications_registration_id_id"), "email_verifications")
    op.drop_column("profiles", "phone_verified_at")
    op.drop_column("profiles", "currency")
    op.drop_column("identities", "erased_at")
    op.drop_column("identities", "closed_at")


def _reference(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(collation="C"), nullable=nullable)
