"""Stages of rules, what a score leads to, going back to earlier rules, and what rules that watch have seen."""

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_WATCHING: Final = """
CREATE FUNCTION watching(rules jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
  SELECT coalesce(jsonb_agg(
    CASE WHEN coalesce(rule ->> 'stage', 'live') IN ('live', 'sampled')
      THEN rule - 'sample_percent' || '{"stage": "shadow"}' ELSE rule END ORDER BY place), '[]')
  FROM jsonb_array_elements(rules) WITH ORDINALITY AS listed (rule, place)
$$
"""
_BY_ONE_TOO: Final = """
CREATE OR REPLACE FUNCTION check_publication() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  approval approvals;
  proposed jsonb;
  before rulebooks;
BEGIN
  IF NEW.approval_id IS NOT NULL THEN
    approval := use_approval(NEW.approval_id, 'rulebook.publish', NEW.program_id, NEW.program_id);
    proposed := approval.payload::jsonb;
    IF (proposed -> 'rules', proposed -> 'scoring', proposed ->> 'hash', (proposed ->> 'expected_version')::int + 1,
        approval.proposed_by, NULL::int)
       IS DISTINCT FROM (NEW.rules, NEW.scoring, NEW.hash, NEW.version, NEW.author_id, NEW.restores) THEN
      RAISE EXCEPTION 'another rulebook was approved' USING ERRCODE = 'restrict_violation';
    END IF;
  ELSE
    SELECT * INTO before FROM rulebooks
    WHERE program_id = NEW.program_id AND version = coalesce(NEW.restores, NEW.version - 1);
    -- Either all of an earlier version again, or the version before with all that decided only watching.
    IF before.version IS NULL
       OR (CASE WHEN NEW.restores IS NULL THEN watching(before.rules) ELSE before.rules END, before.scoring)
       IS DISTINCT FROM (NEW.rules, NEW.scoring) THEN
      RAISE EXCEPTION 'nobody approved these rules' USING ERRCODE = 'restrict_violation';
    END IF;
  END IF;
  IF NEW.version <> (SELECT count(*) FROM rulebooks WHERE program_id = NEW.program_id) THEN
    RAISE EXCEPTION 'versions of a rulebook count up by one' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
"""
_BY_TWO: Final = """
CREATE OR REPLACE FUNCTION check_publication() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  approval approvals;
  proposed jsonb;
BEGIN
  approval := use_approval(NEW.approval_id, 'rulebook.publish', NEW.program_id, NEW.program_id);
  proposed := approval.payload::jsonb;
  IF (proposed -> 'rules', proposed ->> 'hash', (proposed ->> 'expected_version')::int + 1, approval.proposed_by)
     IS DISTINCT FROM (NEW.rules, NEW.hash, NEW.version, NEW.author_id) THEN
    RAISE EXCEPTION 'another rulebook was approved' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.version <> (SELECT count(*) FROM rulebooks WHERE program_id = NEW.program_id) THEN
    RAISE EXCEPTION 'versions of a rulebook count up by one' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
"""


def upgrade() -> None:
    op.add_column("rulebooks", sa.Column("scoring", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("rulebooks", sa.Column("restores", sa.Integer(), nullable=True))
    op.add_column("decisions", sa.Column("shadow_rules", postgresql.ARRAY(sa.Text()), nullable=True))
    op.create_index(
        "ix_decisions_shadow_rules", "decisions", ["program_id", "decided_at"], unique=False,
        postgresql_where=sa.text("shadow_rules IS NOT NULL"),
    )  # fmt: skip
    op.execute(_WATCHING)
    op.execute(_BY_ONE_TOO)


def downgrade() -> None:
    op.execute(_BY_TWO)
    op.execute("DROP FUNCTION watching")
    op.drop_index("ix_decisions_shadow_rules", table_name="decisions")
    op.drop_column("decisions", "shadow_rules")
    op.drop_column("rulebooks", "restores")
    op.drop_column("rulebooks", "scoring")
