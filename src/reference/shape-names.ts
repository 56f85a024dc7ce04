import names from './shape-names.json' with { type: 'json' };

/** What the public service model calls the shapes of the registry. */
export interface ShapeNames {
  /** By the name of the operation. */
  readonly operations: Readonly<
    Record<string, { readonly input: string; readonly output: string }>
  >;
  /** By the name of a shape: those of its members, or those of its `key` and `member`. */
  readonly parts: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Schemas have no names of their own; `npm run readme` takes these from the model. */
export const shapeNames: ShapeNames = names;
