"""Identity documents, each under a key of its own, and who may see one just now."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_OWN: Final = "user_id = current_setting('cardwright.user_id', true)"
_PROGRAM: Final = "program_id = current_setting('cardwright.program_id', true)"
_UNTOUCHED: Final = "review_started_at IS NULL AND erased_at IS NULL AND removed_at IS NULL"
_POLICIES: Final = (
    f"seen ON identity_documents FOR SELECT TO cardwright_customer USING ({_OWN})",
    f"shown ON identity_documents FOR INSERT TO cardwright_customer WITH CHECK ({_OWN} AND {_UNTOUCHED})",
    # A holder erases what nobody reviews, and can do nothing else to it.
    (
        f"erased ON identity_documents FOR UPDATE TO cardwright_customer USING ({_OWN}) WITH CHECK ({_OWN}"
        " AND review_started_at IS NULL AND sealed_key IS NULL AND erased_because = 'holder')"
    ),
    f"cardwright_staff ON identity_documents TO cardwright_staff USING ({_PROGRAM})",
    f"cardwright_staff ON identity_document_views TO cardwright_staff USING ({_PROGRAM})",
)
_ERASED: Final = "sealed_key, erased_at, erased_because"
_CHANGED: Final = {"cardwright_customer": _ERASED, "cardwright_staff": f"{_ERASED}, review_started_at"}


def upgrade() -> None:
    _create_documents()
    _create_views()
    for table in ("identity_documents", "identity_document_views"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    for policy in _POLICIES:
        op.execute(f"CREATE POLICY {policy}")
    for role, changed in _CHANGED.items():
        op.execute(f"REVOKE UPDATE, DELETE ON identity_documents, identity_document_views FROM {role}")
        op.execute(f"GRANT UPDATE ({changed}) ON identity_documents TO {role}")


def downgrade() -> None:
    op.drop_table("identity_document_views")
    op.drop_table("identity_documents")


def _create_documents() -> None:
    op.create_table(
        "identity_documents",
        _reference("id"),
        _reference("program_id"),
        _reference("user_id"),
        _text("kind"),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        _text("object_name"),
        _text("sealed_key", nullable=True),
        _instant("uploaded_at"),
        _instant("keep_until"),
        _instant("review_started_at", nullable=True),
        _instant("erased_at", nullable=True),
        _text("erased_because", nullable=True),
        _instant("removed_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_documents")),
        sa.UniqueConstraint("object_name", name=op.f("uq_identity_documents_object_name")),
        sa.CheckConstraint("pages BETWEEN 1 AND 8", name=op.f("ck_identity_documents_pages")),
        sa.CheckConstraint("size_bytes >= 1", name=op.f("ck_identity_documents_size")),
        sa.CheckConstraint(
            "(sealed_key IS NULL) = (erased_at IS NOT NULL)",
            name=op.f("ck_identity_documents_erased_without_key"),
        ),
        sa.CheckConstraint(
            "(erased_because IS NULL) = (erased_at IS NULL)",
            name=op.f("ck_identity_documents_erased_because"),
        ),
    )
    op.create_index("ix_identity_documents_user_id", "identity_documents", ["user_id", "id"])
    op.create_index(
        "ix_identity_documents_keep_until", "identity_documents", ["keep_until"],
        postgresql_where=sa.text("erased_at IS NULL"),
    )  # fmt: skip
    op.create_index(
        "ix_identity_documents_to_remove", "identity_documents", ["id"],
        postgresql_where=sa.text("erased_at IS NOT NULL AND removed_at IS NULL"),
    )  # fmt: skip


def _create_views() -> None:
    op.create_table(
        "identity_document_views",
        _reference("id"),
        _reference("program_id"),
        _reference("document_id"),
        _reference("viewer_id"),
        _instant("created_at"),
        _instant("expires_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_document_views")),
    )
    op.create_index("ix_identity_document_views_expires_at", "identity_document_views", ["expires_at"])


def _reference(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(collation="C"), nullable=False)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
