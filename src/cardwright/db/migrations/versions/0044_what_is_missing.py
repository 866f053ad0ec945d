"""What people are asked for when staff sends their verification back, and the words that they read.

And nobody alone lets people of a level of verification have more.
"""

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

_TABLE: Final = "identity_verifications"
# Where a program decided nothing, levels 0 and 1 allow nothing and level 2 anything.
_CHECK_RAISE: Final = """
CREATE FUNCTION check_level_raise() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  is_kept boolean := TG_OP <> 'INSERT';
  nothing_decided bigint := CASE WHEN NEW.level < 2 THEN 0 END;
  was bigint[];
  now_is bigint[] := ARRAY[NEW.cards, NEW.balance, NEW.added_30d];
  used text;
BEGIN
  IF is_kept THEN
    IF (NEW.program_id, NEW.level) <> (OLD.program_id, OLD.level) THEN
      RAISE EXCEPTION 'a level stays what it is' USING ERRCODE = 'restrict_violation';
    END IF;
    was := ARRAY[OLD.cards, OLD.balance, OLD.added_30d];
  ELSE
    was := ARRAY[nothing_decided, nothing_decided, nothing_decided];
  END IF;
  IF NOT EXISTS (
    SELECT FROM unnest(was, now_is) AS it (before, after)
     WHERE before IS NOT NULL AND (after IS NULL OR after > before)
  ) THEN
    RETURN NULL;
  END IF;
  SELECT id INTO used FROM approvals
   WHERE kind = 'identity_level.raise' AND program_id = NEW.program_id AND subject_id = NEW.level::text
     AND state = 'approved'
     AND payload::jsonb -> 'to' = jsonb_build_object(
       'cards', NEW.cards, 'balance', NEW.balance, 'added_30d', NEW.added_30d
     ) LIMIT 1;
  PERFORM use_approval(used, 'identity_level.raise', NEW.program_id, NEW.level::text);
  RETURN NULL;
END $$
"""
_GUARD: Final = (
    "CREATE TRIGGER four_eyes AFTER INSERT OR UPDATE ON identity_levels FOR EACH ROW"
    " EXECUTE FUNCTION check_level_raise()"
)


def upgrade() -> None:
    op.add_column(
        _TABLE, sa.Column("missing", postgresql.ARRAY(sa.Text()), nullable=False, server_default="{}")
    )
    op.add_column(_TABLE, sa.Column("message", sa.Text(), nullable=True))
    op.execute(_CHECK_RAISE)
    op.execute(_GUARD)
    # Without its row a level would be back to what it allows by itself, which may be more.
    op.execute("REVOKE DELETE ON identity_levels FROM cardwright_staff")


def downgrade() -> None:
    op.execute("GRANT DELETE ON identity_levels TO cardwright_staff")
    op.execute("DROP TRIGGER four_eyes ON identity_levels")
    op.execute("DROP FUNCTION check_level_raise()")
    op.drop_column(_TABLE, "message")
    op.drop_column(_TABLE, "missing")
