/** A shape of the SDK with every member at every depth: leaving one out doesn't compile. */
export type Complete<T> = T extends string | number | boolean | Date
  ? T
  : T extends readonly (infer Item)[]
    ? Complete<Item>[]
    : { [Member in keyof T]-?: Complete<Exclude<T[Member], undefined>> };
