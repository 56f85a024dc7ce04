-- Distributes Keyfold's tables on Citus. Not tested: see scaling.md.
-- Run it once, after the first start of Keyfold, while no Keyfold is running.

-- Small, read by everything, and the only table whose names are unique without a domain's id.
select create_reference_table('domains');

-- A foreign key between distributed tables needs both of them in place.
alter table profile_keys drop constraint profile_keys_profile;

-- By domain: each domain lives on one node. For one very large domain, replace 'domain_id' with
-- 'profile_id' in the two calls for profiles and profile_keys, and make domain_counts a reference table.
select create_distributed_table('domain_counts', 'domain_id');
select create_distributed_table('profiles', 'domain_id');
select create_distributed_table('profile_keys', 'domain_id', colocate_with => 'profiles');

alter table profile_keys
  add constraint profile_keys_profile foreign key (domain_id, profile_id)
  references profiles (domain_id, profile_id) on delete cascade;
