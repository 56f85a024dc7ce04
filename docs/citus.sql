-- Distributes Keyfold's tables on Citus. Not tested: see scaling.md.
-- Run it once, after the first start of Keyfold, while no Keyfold is running.

-- Small, and read by everything: a domain is found by its account and name, whichever node has its rows.
select create_reference_table('domains');
-- Whoever may sign, and the markers of units: small, and no customer's.
select create_reference_table('credentials');
select create_reference_table('__keyfold_units');
-- An integration of a Uri belongs to one domain of an account, whichever node that is on.
select create_reference_table('integrations');

-- A foreign key between distributed tables needs both of them in place.
create temporary table held as
  select conrelid::regclass::text as owner, conname as name, pg_get_constraintdef(oid) as definition
  from pg_constraint
  where contype = 'f' and confrelid in ('profiles'::regclass, 'object_types'::regclass, 'merge_images'::regclass);
do $$
  declare one record;
  begin
    for one in select * from held loop
      execute format('alter table %s drop constraint %I', one.owner, one.name);
    end loop;
  end
$$;

-- By domain: each domain lives on one node. For one very large domain, replace 'domain_id' with
-- 'profile_id' for the tables that have a profile's id and only its rows (profiles, profile_keys,
-- profile_objects, field_sources, profile_history), and make the others reference tables.
select create_distributed_table('profiles', 'domain_id');
select create_distributed_table(name, 'domain_id', colocate_with => 'profiles')
  from unnest(array[
    'domain_counts', 'profile_keys', 'object_types', 'object_type_keys', 'profile_objects',
    'field_sources', 'profile_history', 'dead_letters', 'merge_images', 'merge_image_types',
    'kept_apart', 'rule_match_changes', 'rule_match_rebuilds', 'rule_match_values', 'rule_matches',
    'identity_resolution_jobs', 'job_matches'
  ]) as name;

do $$
  declare one record;
  begin
    for one in select * from held loop
      execute format('alter table %s add constraint %I %s', one.owner, one.name, one.definition);
    end loop;
  end
$$;
