import { readFileSync } from 'node:fs';

/** A shape of the public service model. */
export interface ModelShape {
  readonly type: string;
  readonly required?: readonly string[];
  readonly members?: Readonly<Record<string, ModelMember>>;
  readonly member?: { readonly shape: string };
  readonly key?: { readonly shape: string };
  readonly value?: { readonly shape: string };
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly sensitive?: boolean;
}

export interface ModelMember {
  readonly shape: string;
  readonly location?: 'uri' | 'querystring' | 'statusCode';
  readonly locationName?: string;
}

export interface ModelOperation {
  readonly method: string;
  readonly uri: string;
  readonly input: string;
  readonly output: string;
}

interface Model {
  readonly operations: Readonly<Record<string, ModelOperation>>;
  readonly shapes: Readonly<Record<string, ModelShape>>;
}

/** The public service model of the API: every operation, shape and constraint. */
export const model: Model = JSON.parse(
  readFileSync(new URL('../fixtures/model.json', import.meta.url), 'utf8'),
);

export function modelShape(name: string): ModelShape {
  const shape = model.shapes[name];
  if (shape === undefined) throw new Error(`the model has no shape ${name}`);
  return shape;
}
