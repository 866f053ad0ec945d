-- Four eyes, held by the database: what two people must agree on cannot be written by one, whoever asks.
-- Every function looks for its tables in public alone: a temporary table of the same name fools none of them.

-- A command on the database's host says that it is the operator, and only the owner of the tables is believed.
CREATE FUNCTION is_operator(guarded oid) RETURNS boolean LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT coalesce(current_setting('cardwright.operator', true), '') = 'on'
     AND pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = guarded), 'USAGE')
$$;

CREATE FUNCTION are_in_conflict(one text, other text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT one <> other AND (
    one IN ('administrator', 'auditor', 'cardholder') OR other IN ('administrator', 'auditor', 'cardholder')
    OR (one = 'finance' AND other IN ('support', 'kyc_reviewer'))
    OR (other = 'finance' AND one IN ('support', 'kyc_reviewer')))
$$;

CREATE FUNCTION is_staff_of(person text, program text) RETURNS boolean LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM user_roles held JOIN identities ON identities.user_id = held.user_id
                  WHERE held.user_id = person AND identities.program_id = program AND held.role <> 'cardholder')
$$;

CREATE FUNCTION check_approval() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'proposed' THEN
      RAISE EXCEPTION 'an approval begins as a proposal' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NOT is_staff_of(NEW.proposed_by, NEW.program_id) THEN
      RAISE EXCEPTION 'only staff of the program propose' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF (OLD.id, OLD.program_id, OLD.kind, OLD.subject_id, OLD.payload, OLD.payload_digest, OLD.reason, OLD.proposed_by,
      OLD.proposed_at, OLD.expires_at)
     IS DISTINCT FROM
     (NEW.id, NEW.program_id, NEW.kind, NEW.subject_id, NEW.payload, NEW.payload_digest, NEW.reason, NEW.proposed_by,
      NEW.proposed_at, NEW.expires_at) THEN
    RAISE EXCEPTION 'what was proposed does not change' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NOT ((OLD.state = 'proposed' AND NEW.state IN ('approved', 'rejected', 'withdrawn', 'expired'))
       OR (OLD.state = 'approved' AND NEW.state = 'applied')) THEN
    RAISE EXCEPTION 'an approval does not go from % to %', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
  END IF;
  IF OLD.state <> 'proposed' AND (OLD.decided_by, OLD.decided_at, OLD.note)
     IS DISTINCT FROM (NEW.decided_by, NEW.decided_at, NEW.note) THEN
    RAISE EXCEPTION 'an approval is decided once' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.state IN ('approved', 'rejected') AND NOT is_staff_of(NEW.decided_by, NEW.program_id) THEN
    RAISE EXCEPTION 'only staff of the program decide' USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.state = 'approved' AND NEW.decided_at >= NEW.expires_at THEN
    RAISE EXCEPTION 'the proposal has expired' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER four_eyes BEFORE INSERT OR UPDATE ON approvals FOR EACH ROW EXECUTE FUNCTION check_approval();

CREATE TRIGGER append_only BEFORE DELETE ON approvals FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER never_emptied BEFORE TRUNCATE ON approvals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What is approved is applied in the same transaction: no approval lies around for later use.
CREATE FUNCTION check_applied() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM approvals WHERE id = NEW.id AND state = 'approved') THEN
    RAISE EXCEPTION 'approval % was not applied', NEW.id USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER applied AFTER UPDATE ON approvals
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_applied();

-- The history writes itself, and nobody else writes it.
CREATE FUNCTION add_step() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO approval_steps (approval_id, sequence, state, actor_id, at, note)
  SELECT NEW.id, count(*) + 1, NEW.state,
         CASE WHEN NEW.state IN ('proposed', 'withdrawn') THEN NEW.proposed_by
              WHEN NEW.state = 'expired' THEN 'system' ELSE NEW.decided_by END,
         NEW.changed_at, CASE WHEN NEW.state = 'applied' THEN NULL ELSE NEW.note END
    FROM approval_steps WHERE approval_id = NEW.id;
  RETURN NULL;
END $$;

CREATE TRIGGER history AFTER INSERT OR UPDATE ON approvals FOR EACH ROW EXECUTE FUNCTION add_step();

CREATE FUNCTION refuse_other_steps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF pg_trigger_depth() < 2 THEN
    RAISE EXCEPTION 'the history of approvals writes itself' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER written_by_itself BEFORE INSERT ON approval_steps FOR EACH ROW EXECUTE FUNCTION refuse_other_steps();

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON approval_steps FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER never_emptied BEFORE TRUNCATE ON approval_steps FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- An effect uses its approval up; a second effect finds nothing left to use.
CREATE FUNCTION use_approval(used text, of_kind text, program text, subject text) RETURNS approvals
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  found_one approvals;
BEGIN
  UPDATE approvals SET state = 'applied'
   WHERE id = used AND kind = of_kind AND program_id = program AND subject_id = subject AND state = 'approved'
   RETURNING * INTO found_one;
  IF found_one.id IS NULL THEN
    RAISE EXCEPTION 'nobody approved this: it needs an approval of kind %', of_kind USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN found_one;
END $$;

CREATE FUNCTION check_grant() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  home text;
  approval approvals;
BEGIN
  -- One at a time: two grants that conflict with each other must not miss each other.
  PERFORM pg_advisory_xact_lock(hashtextextended('user_roles', 0));
  SELECT program_id INTO home FROM identities WHERE user_id = NEW.user_id;
  IF EXISTS (SELECT FROM user_roles WHERE user_id = NEW.user_id AND are_in_conflict(role, NEW.role)) THEN
    RAISE EXCEPTION 'nobody holds % beside what this person holds', NEW.role USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW.approval_id IS NOT NULL THEN
    approval := use_approval(NEW.approval_id, 'role.grant', home, NEW.user_id);
    IF approval.payload::jsonb ->> 'role' IS DISTINCT FROM NEW.role OR approval.proposed_by <> NEW.granted_by THEN
      RAISE EXCEPTION 'another role or grantor was approved' USING ERRCODE = 'restrict_violation';
    END IF;
  ELSIF NEW.granted_by <> 'operator' OR NOT is_operator(TG_RELID) THEN
    RAISE EXCEPTION 'nobody approved this: it needs an approval of kind role.grant' USING ERRCODE = 'restrict_violation';
  ELSIF (SELECT count(*) FROM user_roles held JOIN identities ON identities.user_id = held.user_id
          WHERE held.role = 'administrator' AND identities.program_id = home AND held.user_id <> NEW.user_id) >= 2 THEN
    RAISE EXCEPTION 'two administrators exist: one proposes, the other approves' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER four_eyes AFTER INSERT ON user_roles FOR EACH ROW EXECUTE FUNCTION check_grant();

CREATE FUNCTION check_revocation() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  used text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('user_roles', 0));
  IF is_operator(TG_RELID) THEN RETURN NULL; END IF;
  SELECT id INTO used FROM approvals
   WHERE kind = 'role.revoke' AND subject_id = OLD.user_id AND state = 'approved'
     AND payload::jsonb ->> 'role' = OLD.role LIMIT 1;
  PERFORM use_approval(used, 'role.revoke', (SELECT program_id FROM identities WHERE user_id = OLD.user_id), OLD.user_id);
  RETURN NULL;
END $$;

CREATE TRIGGER four_eyes_to_revoke AFTER DELETE ON user_roles FOR EACH ROW EXECUTE FUNCTION check_revocation();

CREATE TRIGGER append_only BEFORE UPDATE ON user_roles FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER never_emptied BEFORE TRUNCATE ON user_roles FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION check_publication() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
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

CREATE TRIGGER four_eyes AFTER INSERT ON rulebooks FOR EACH ROW EXECUTE FUNCTION check_publication();

-- The version that decides is the last that was published; going back to an older one is a change of rules, too.
CREATE FUNCTION check_active() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  newest rulebooks;
BEGIN
  SELECT * INTO newest FROM rulebooks WHERE program_id = NEW.program_id ORDER BY version DESC LIMIT 1;
  IF (newest.version IS NULL AND NEW.version <> 0)
     OR (newest.version IS NOT NULL AND (newest.version, newest.hash) IS DISTINCT FROM (NEW.version, NEW.hash)) THEN
    RAISE EXCEPTION 'only the newest rulebook decides' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER newest AFTER INSERT OR UPDATE ON active_rulebooks FOR EACH ROW EXECUTE FUNCTION check_active();

CREATE TRIGGER append_only BEFORE DELETE ON active_rulebooks FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER never_emptied BEFORE TRUNCATE ON active_rulebooks FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION check_manual_entry() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  approval approvals;
BEGIN
  IF NEW.kind <> 'manual' THEN
    RAISE EXCEPTION 'only entries made by hand have an approval' USING ERRCODE = 'restrict_violation';
  END IF;
  approval := use_approval(NEW.approval_id, 'ledger.manual_entry', NEW.program_id, NEW.program_id);
  IF (approval.payload::jsonb ->> 'currency', 'manual:' || approval.id)
     IS DISTINCT FROM (NEW.currency, NEW.external_id) THEN
    RAISE EXCEPTION 'another entry was approved' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER four_eyes AFTER INSERT ON journal_entries FOR EACH ROW
  WHEN (NEW.kind = 'manual' OR NEW.approval_id IS NOT NULL) EXECUTE FUNCTION check_manual_entry();

-- At the commit, when all its lines are there, and again for every line that somebody adds later.
CREATE FUNCTION check_manual_postings() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  entry journal_entries;
BEGIN
  IF TG_TABLE_NAME = 'postings' THEN
    SELECT * INTO entry FROM journal_entries WHERE id = NEW.entry_id AND kind = 'manual';
  ELSE
    entry := NEW;
  END IF;
  IF entry.id IS NOT NULL
     AND (SELECT jsonb_agg(jsonb_build_object('account', a.code, 'owner_id', a.owner_id, 'side', p.side,
                                              'amount', p.amount) ORDER BY p.line)
            FROM postings p JOIN ledger_accounts a ON a.id = p.account_id WHERE p.entry_id = entry.id)
         IS DISTINCT FROM
         (SELECT payload::jsonb -> 'postings' FROM approvals WHERE id = entry.approval_id) THEN
    RAISE EXCEPTION 'other postings were approved for entry %', entry.id USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER as_approved AFTER INSERT ON journal_entries
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind = 'manual') EXECUTE FUNCTION check_manual_postings();

CREATE CONSTRAINT TRIGGER as_approved AFTER INSERT ON postings
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_manual_postings();
