-- The rules that no writer may forget.

-- 1. devices.version grows with every change of the device, whoever makes it. connect_time is no change: it says that the
--    device was heard of, and would make every plan stale all the time.
CREATE FUNCTION furrow_bump_device_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF to_jsonb(NEW) - 'connect_time' IS DISTINCT FROM to_jsonb(OLD) - 'connect_time' THEN
    NEW.version := GREATEST(NEW.version, OLD.version + 1);
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER devices_bump_version BEFORE UPDATE ON devices
  FOR EACH ROW EXECUTE FUNCTION furrow_bump_device_version();
--> statement-breakpoint

-- 2. The same for every change of its factors, once a statement.
CREATE FUNCTION furrow_bump_factor_devices() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    UPDATE devices SET version = version + 1 WHERE pk IN (SELECT device_pk FROM old_rows);
  END IF;
  IF TG_OP <> 'DELETE' THEN
    UPDATE devices SET version = version + 1 WHERE pk IN (SELECT device_pk FROM new_rows);
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER factors_insert_bumps_device AFTER INSERT ON factors
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION furrow_bump_factor_devices();
--> statement-breakpoint
CREATE TRIGGER factors_update_bumps_device AFTER UPDATE ON factors
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION furrow_bump_factor_devices();
--> statement-breakpoint
CREATE TRIGGER factors_delete_bumps_device AFTER DELETE ON factors
  REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION furrow_bump_factor_devices();
--> statement-breakpoint

-- 3. No agri_id lies under or above one of another organization: otherwise one organization's readings would pass the other's
--    prefix. The lock lets one transaction at a time add devices, so that two that do not see each other cannot break the rule
--    together.
--    The names go into the detail: the message alone may be shown to the other organization.
--    Fresh tables have no statistics yet, and a sequential scan per device would be quadratic; hence enable_seqscan.
CREATE FUNCTION furrow_refuse_foreign_prefixes(checked integer[]) RETURNS void LANGUAGE plpgsql
  SET enable_seqscan = off AS $$
DECLARE
  clash record;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('furrow.devices.agri_id'));
  SELECT d.agri_id, d.device_id, other.agri_id AS other_agri_id, other.device_id AS other_device_id,
         other.agri_id > d.agri_id AS above
    INTO clash
    FROM devices d
   CROSS JOIN LATERAL (
           SELECT below.agri_id, below.device_id, below.org_pk
             FROM devices below
            WHERE below.agri_id > d.agri_id AND below.agri_id < d.agri_id || '.'
           UNION ALL
           SELECT owner.agri_id, owner.device_id, owner.org_pk
             FROM generate_series(1, cardinality(string_to_array(d.agri_id, '-')) - 1) AS segments
             JOIN devices owner ON owner.agri_id = array_to_string((string_to_array(d.agri_id, '-'))[1:segments], '-')
         ) AS other
   WHERE d.pk = ANY (checked) AND d.org_pk <> other.org_pk
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'the agri_id % lies % one of another organization',
      clash.agri_id, CASE WHEN clash.above THEN 'above' ELSE 'under' END
      USING ERRCODE = 'FUR01',
            DETAIL = format('device %s has %s, device %s has %s',
                            clash.device_id, clash.agri_id, clash.other_device_id, clash.other_agri_id);
  END IF;
END $$;
--> statement-breakpoint
CREATE FUNCTION furrow_check_new_devices() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM furrow_refuse_foreign_prefixes(ARRAY(SELECT pk FROM new_rows WHERE org_pk IS NOT NULL));
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER devices_check_new AFTER INSERT ON devices
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION furrow_check_new_devices();
--> statement-breakpoint
CREATE FUNCTION furrow_check_moved_device() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM furrow_refuse_foreign_prefixes(ARRAY[NEW.pk]);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER devices_check_moved AFTER UPDATE OF agri_id, org_pk ON devices
  FOR EACH ROW WHEN (OLD.agri_id <> NEW.agri_id OR OLD.org_pk IS DISTINCT FROM NEW.org_pk)
  EXECUTE FUNCTION furrow_check_moved_device();
