/** When a domain's weekly job is due: UTC (Amazon's guide). */
export interface JobSchedule {
  readonly DayOfTheWeek: (typeof days)[number];
  /** `3:30` or `03:30`. */
  readonly Time: string;
}

const days = [
  'SUNDAY',
  'MONDAY',
  'TUESDAY',
  'WEDNESDAY',
  'THURSDAY',
  'FRIDAY',
  'SATURDAY',
] as const;

/** The day of the week with which the epoch begins. */
const EPOCH_DAY = 4;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const WEEK_MS = 7 * DAY_MS;

/** The latest moment, not after `now`, at which a schedule is due: milliseconds since the epoch. */
export function lastDueTime({ DayOfTheWeek, Time }: JobSchedule, now: number): number {
  const [hours = 0, minutes = 0] = Time.split(':').map(Number);
  const day = days.indexOf(DayOfTheWeek) - EPOCH_DAY;
  const firstDue = day * DAY_MS + (hours * 60 + minutes) * MINUTE_MS;
  return firstDue + Math.floor((now - firstDue) / WEEK_MS) * WEEK_MS;
}
