/** A process, or a connection, that must end with the part. */
export interface Stoppable {
  /** May be called more than once. */
  stop(): Promise<void>;
}

/** What a run of a part may use. */
export interface PartContext {
  /** Few, short rounds on small domains: to see that it works, not how fast it is. */
  readonly isQuick: boolean;
  /** Whether peers that are installed are measured. */
  readonly hasPeers: boolean;
  /** A folder of the part's own for databases; it is removed afterwards. */
  readonly folder: string;
  say(line: string): void;
  /** Waits for something that is stopped when the part ends, however it ends. */
  own<T extends Stoppable>(thing: Promise<T> | T): Promise<T>;
}

/** What a measured value should be. */
export type Target = { readonly atLeast: number } | { readonly atMost: number };

/** A measured value: most are ratios, which mean something on other machines too. */
export interface Measured {
  /** What was measured against what. */
  readonly name: string;
  readonly value: number;
  /** The lowest and the highest of the rounds: how far the value can be trusted. */
  readonly range?: readonly [low: number, high: number];
  /** `×` for ratios. */
  readonly unit: string;
  readonly target?: Target;
}

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (number | string)[])[];
}

/** What a part has found. */
export interface PartOutcome {
  /** What each side does, and whatever a reader must know to judge the figures. */
  readonly notes: readonly string[];
  readonly measured: readonly Measured[];
  readonly tables: readonly Table[];
  /** What could not be measured, and why. */
  readonly missing: readonly string[];
  /** Versions of what the part compares with. */
  readonly versions: Readonly<Record<string, string>>;
}

export interface Part {
  /** As on the command line. */
  readonly name: string;
  readonly title: string;
  readonly usesPeers?: boolean;
  run(context: PartContext): Promise<PartOutcome>;
}

/** Whether a value is what it should be. */
export function isMet({ value, target }: Measured): boolean | undefined {
  if (target === undefined) return undefined;
  return 'atLeast' in target ? value >= target.atLeast : value <= target.atMost;
}
