-- What else the database refuses about the books, whoever asks: rewriting what an account is, adding to an entry
-- that stands, dating anything into a month that is closed.

CREATE FUNCTION refuse_account_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'an account is opened empty, keeps what it is, and is never removed' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER opened_empty BEFORE INSERT ON ledger_accounts FOR EACH ROW
  WHEN (NEW.posted_balance <> 0 OR NEW.held <> 0) EXECUTE FUNCTION refuse_account_change();

CREATE TRIGGER lasting BEFORE UPDATE ON ledger_accounts FOR EACH ROW
  WHEN ((OLD.id, OLD.program_id, OLD.code, OLD.owner_id, OLD.currency, OLD.floor)
        IS DISTINCT FROM (NEW.id, NEW.program_id, NEW.code, NEW.owner_id, NEW.currency, NEW.floor))
  EXECUTE FUNCTION refuse_account_change();

CREATE TRIGGER never_removed BEFORE DELETE ON ledger_accounts FOR EACH ROW EXECUTE FUNCTION refuse_account_change();

CREATE TRIGGER never_emptied BEFORE TRUNCATE ON ledger_accounts
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_account_change();

-- Entries of the running month and closing a month that is over never wait for each other.
CREATE FUNCTION lock_period(program text, month text, is_closing boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  key bigint := hashtextextended('period ' || month || ' of ' || program, 0);
BEGIN
  IF is_closing THEN PERFORM pg_advisory_xact_lock(key); ELSE PERFORM pg_advisory_xact_lock_shared(key); END IF;
END $$;

CREATE FUNCTION check_dated() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  closed timestamptz;
BEGIN
  -- Said by the database alone: what claimed to be older would never be sealed.
  NEW.written_in := (pg_current_xact_id()::text)::bigint;
  PERFORM lock_period(NEW.program_id,
    CASE WHEN NEW.posted_at < date_trunc('month', now(), 'UTC') THEN 'past'
         ELSE to_char(NEW.posted_at AT TIME ZONE 'UTC', 'YYYY-MM') END, false);
  SELECT closed_until INTO closed FROM period_changes
   WHERE program_id = NEW.program_id ORDER BY sequence DESC LIMIT 1;
  IF NEW.posted_at < closed THEN
    RAISE EXCEPTION 'the books are closed until %: nothing is dated % any more', closed, NEW.posted_at
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER dated BEFORE INSERT ON journal_entries FOR EACH ROW EXECUTE FUNCTION check_dated();

CREATE FUNCTION check_entry_is_new() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM journal_entries
              WHERE id = NEW.entry_id AND written_in <> (pg_current_xact_id()::text)::bigint) THEN
    RAISE EXCEPTION 'entry % stands: nothing is added to it', NEW.entry_id USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER of_a_new_entry BEFORE INSERT ON postings FOR EACH ROW EXECUTE FUNCTION check_entry_is_new();

CREATE FUNCTION check_period_change() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  before period_changes;
  approval approvals;
  begins timestamptz := NEW.month::timestamp AT TIME ZONE 'UTC';
  ends timestamptz := (NEW.month + interval '1 month') AT TIME ZONE 'UTC';
BEGIN
  PERFORM lock_period(NEW.program_id, 'past', true), lock_period(NEW.program_id, to_char(NEW.month, 'YYYY-MM'), true);
  SELECT * INTO before FROM period_changes WHERE program_id = NEW.program_id ORDER BY sequence DESC LIMIT 1;
  IF NEW.sequence <> coalesce(before.sequence, 0) + 1 THEN
    RAISE EXCEPTION 'changes of periods are counted one by one' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.action = 'closed' AND (NEW.closed_until <> ends OR ends <= before.closed_until OR ends > NEW.changed_at) THEN
    RAISE EXCEPTION 'a month is closed once it is over, and once' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.action = 'reopened' AND (NEW.closed_until <> begins OR before.closed_until IS DISTINCT FROM ends) THEN
    RAISE EXCEPTION 'only the month that was closed last is reopened' USING ERRCODE = 'restrict_violation';
  END IF;
  approval := use_approval(NEW.approval_id, 'ledger.period_' || NEW.action, NEW.program_id, NEW.program_id);
  IF approval.payload::jsonb ->> 'month' IS DISTINCT FROM to_char(NEW.month, 'YYYY-MM') THEN
    RAISE EXCEPTION 'another month was approved' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER four_eyes BEFORE INSERT ON period_changes FOR EACH ROW EXECUTE FUNCTION check_period_change();

-- Of whichever log: its leaves stand in the table beside.
CREATE OR REPLACE FUNCTION check_checkpoint() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  sealed bigint;
  leaves bigint;
BEGIN
  EXECUTE format('SELECT coalesce(max(size), 0) FROM %I WHERE program_id = $1', TG_TABLE_NAME)
     INTO sealed USING NEW.program_id;
  IF NEW.size <= sealed THEN
    RAISE EXCEPTION 'a trail of % sealed entries does not shrink to %', sealed, NEW.size
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  EXECUTE format('SELECT count(*) FROM %I WHERE program_id = $1 AND leaf_index >= $2 AND leaf_index < $3',
                 replace(TG_TABLE_NAME, '_checkpoints', '_seals'))
     INTO leaves USING NEW.program_id, sealed, NEW.size;
  IF NEW.size - sealed <> leaves THEN
    RAISE EXCEPTION 'a checkpoint of % entries covers as many leaves, without a gap', NEW.size
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER grows BEFORE INSERT ON ledger_checkpoints FOR EACH ROW EXECUTE FUNCTION check_checkpoint();
