import { changeRows } from './rows.ts';

/** Objects of a type in the store, as their ingestion leaves them. */
export interface StoredObject {
  readonly profileId: string;
  readonly objectTypeName: string;
  readonly objectKey: string;
  readonly document?: string;
  /** A key that the object gave, with its value. */
  readonly key?: readonly [name: string, value: string];
  /** The fields of the profile that were taken from the object. */
  readonly fills?: readonly string[];
}

const list = (...values: (string | number)[]) =>
  `(${values.map((value) => (typeof value === 'number' ? value : `'${value}'`)).join(', ')})`;

/** By how much the objects of a domain's profiles are metered. */
const metering = (domainId: string) =>
  `select coalesce(sum((objects + 99) / 100 - 1), 0) from (select count(*) as objects from profile_objects where domain_id = '${domainId}' group by profile_id) as sizes`;

/** Stores objects past the service, counted in their domain. */
export async function storeObjects(
  database: string,
  domainId: string,
  objects: readonly StoredObject[],
): Promise<void> {
  const rows: string[] = [];
  const keys: string[] = [];
  const sources: string[] = [];
  let bytes = 0;
  for (const object of objects) {
    const { profileId, objectTypeName: type, objectKey, document = '{}', key, fills = [] } = object;
    const size = Buffer.byteLength(document);
    const expiry = Date.UTC(2100, 0, 1);
    rows.push(list(domainId, profileId, type, objectKey, objectKey, document, size, 0, 0, expiry));
    bytes += size;
    if (key !== undefined)
      keys.push(list(domainId, profileId, ...key, 'OBJECT', `${type}#${objectKey}`));
    for (const field of fills) sources.push(list(domainId, profileId, field, type, objectKey, 0));
  }
  const insert = (into: string, values: readonly string[]) =>
    values.length === 0 ? '' : `insert into ${into} values ${values.join(', ')};`;
  const firstShard = `select min(shard) from domain_counts where domain_id = '${domainId}'`;
  const others = `select coalesce(sum(metering_extra), 0) from domain_counts where domain_id = '${domainId}' and shard <> (${firstShard})`;
  await changeRows(
    database,
    [
      insert(
        'profile_objects (domain_id, profile_id, object_type_name, object_key, unique_value, document, document_bytes, created_at, updated_at, expires_at)',
        rows,
      ),
      insert('profile_keys (domain_id, profile_id, key_name, key_value, origin, origin_ref)', keys),
      insert(
        'field_sources (domain_id, profile_id, field_name, object_type_name, object_key, updated_at)',
        sources,
      ),
      `update domain_counts set object_count = object_count + ${objects.length}, object_bytes = object_bytes + ${bytes},
        metering_extra = (${metering(domainId)}) - (${others})
        where domain_id = '${domainId}' and shard = (${firstShard});`,
    ].join('\n'),
  );
}
