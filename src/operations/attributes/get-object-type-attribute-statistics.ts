import { numberIn, statisticsOf } from '../../identity/statistics.ts';
import { badRequest, domainNotFound } from '../../model/errors.ts';
import { operation } from '../../model/operation.ts';
import { double, nullable, structure, timestamp } from '../../model/shapes.ts';
import { type DomainRow, findDomain } from '../../repository/domains.ts';
import { describeDomain, toTimestamp } from '../domains/settings.ts';
import { requireObjectType } from '../object-types/require-object-type.ts';
import { newestOfType, valuesOf } from './newest-objects.ts';
import { ObjectTypeAttribute } from './shapes.ts';

const Double = nullable(double());

/** @throws ServiceError BadRequestException when the domain keeps no data store. */
function checkDataStore(domain: DomainRow): void {
  if (describeDomain(domain).DataStore === undefined)
    throw badRequest(`Domain ${domain.name} has no data store, which statistics need`);
}

/**
 * Reckons with the numbers that an attribute has in the newest objects of a type, be they written as
 * numbers or as texts. Where there are none, every number of the answer is left out: SDKs show that as
 * null, as Amazon's reference says of attributes that have no numeric values.
 */
export const getObjectTypeAttributeStatistics = operation({
  name: 'GetObjectTypeAttributeStatistics',
  method: 'POST',
  path: '/domains/{DomainName}/object-types/{ObjectTypeName}/attributes/{AttributeName}/statistics',
  input: structure(ObjectTypeAttribute),
  output: structure({
    Statistics: structure({
      Maximum: Double,
      Minimum: Double,
      Average: Double,
      StandardDeviation: Double,
      Percentiles: structure({ P5: Double, P25: Double, P50: Double, P75: Double, P95: Double }),
    }),
    CalculatedAt: timestamp(),
  }),
  async handler({ repository, caller, now }, input) {
    const { DomainName: domainName, ObjectTypeName: objectTypeName, AttributeName } = input;
    const domain = { accountId: caller.accountId, domainName };
    const newest = await repository.read(async (session) => {
      const type = await requireObjectType(session, domain, objectTypeName);
      const row = await findDomain(session, domain);
      if (row === undefined) throw domainNotFound(domainName);
      checkDataStore(row);
      return newestOfType(session, type, now);
    });
    const numbers: number[] = [];
    for await (const { value } of valuesOf(newest, AttributeName)) {
      const number = numberIn(value);
      if (number !== undefined) numbers.push(number);
    }
    const statistics = statisticsOf(numbers);
    return {
      Statistics: {
        Maximum: statistics?.maximum,
        Minimum: statistics?.minimum,
        Average: statistics?.average,
        StandardDeviation: statistics?.standardDeviation,
        Percentiles: {
          P5: statistics?.percentile(5),
          P25: statistics?.percentile(25),
          P50: statistics?.percentile(50),
          P75: statistics?.percentile(75),
          P95: statistics?.percentile(95),
        },
      },
      CalculatedAt: toTimestamp(now),
    };
  },
});
