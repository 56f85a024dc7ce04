import { expect, test } from 'vitest';
import { type JobSchedule, lastDueTime } from '../../src/identity/job-schedule.ts';

const due = (DayOfTheWeek: JobSchedule['DayOfTheWeek'], Time: string, now: string) =>
  new Date(lastDueTime({ DayOfTheWeek, Time }, Date.parse(now))).toISOString();

test.each([
  // A Thursday.
  ['THURSDAY', '00:00', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z'],
  ['THURSDAY', '00:01', '2026-01-01T00:00:59.999Z', '2025-12-25T00:01:00.000Z'],
  ['THURSDAY', '23:59', '2026-01-02T00:00:00.000Z', '2026-01-01T23:59:00.000Z'],
  ['FRIDAY', '3:05', '2026-01-02T03:05:00.000Z', '2026-01-02T03:05:00.000Z'],
  ['SATURDAY', '00:00', '2026-01-02T23:59:59.999Z', '2025-12-27T00:00:00.000Z'],
  ['SUNDAY', '12:30', '2026-01-10T00:00:00.000Z', '2026-01-04T12:30:00.000Z'],
  ['MONDAY', '12:30', '2026-01-10T00:00:00.000Z', '2026-01-05T12:30:00.000Z'],
  ['WEDNESDAY', '12:30', '2026-01-10T00:00:00.000Z', '2026-01-07T12:30:00.000Z'],
  ['SUNDAY', '00:00', '1970-01-01T00:00:00.000Z', '1969-12-28T00:00:00.000Z'],
] as const)('%s %s, seen at %s, was due at %s', (day, time, now, expected) => {
  expect(due(day, time, now)).toBe(expected);
});
