/** A line of what Prometheus reads. */
interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What a service tells Prometheus. */
export class ReadMetrics {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** All samples of that name. */
  find(name: string): Sample[] {
    return this.text.split('\n').flatMap((line) => {
      const [, found, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      if (found !== name) return [];
      const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, text]) => [key, text]);
      return [{ labels: Object.fromEntries(pairs), value: Number(value) }];
    });
  }

  /** The value of the one sample with these labels. */
  value(name: string, labels: Readonly<Record<string, string>> = {}): number {
    const found = this.find(name).filter((sample) =>
      Object.entries(labels).every(([key, text]) => sample.labels[key] === text),
    );
    const [sample] = found;
    if (sample === undefined || found.length > 1)
      throw new Error(`${found.length} samples of ${name} ${JSON.stringify(labels)}`);
    return sample.value;
  }
}

export async function readMetrics(url: string): Promise<ReadMetrics> {
  const answer = await fetch(url);
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`${url} answers ${answer.status}: ${text}`);
  return new ReadMetrics(text);
}
