/** A clock that stands still until a test moves it. */
export class FakeClock {
  now = Date.UTC(2026, 0, 1);

  readonly read = (): number => this.now;

  advanceMs(ms: number): void {
    this.now += ms;
  }

  advanceDays(days: number): void {
    this.advanceMs(days * 24 * 60 * 60 * 1000);
  }
}
