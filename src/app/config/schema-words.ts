/**
 * The words of typebox that the config is written in, making the same JSON
 * Schema. The types are typebox's own; its code, 370 modules and 13 MB for as
 * long as a server runs, is not loaded for eight words.
 */
import type { Type as Typebox } from 'typebox';

type Words = Pick<typeof Typebox, 'Array' | 'Boolean' | 'Enum' | 'Integer' | 'Number' | 'Object' | 'Optional' | 'String'>;
type Schema = Readonly<Record<string, unknown>>;

/** Which schemas their object may do without. */
const optional = new WeakSet<Schema>();

function objectOf(properties: Readonly<Record<string, Schema>>, more?: Schema): Schema {
  const required = Object.keys(properties).filter((name) => !optional.has(properties[name] ?? {}));
  return { type: 'object', ...(required.length === 0 ? {} : { required }), properties, ...more };
}

function optionalOf(schema: Schema): Schema {
  const copy = { ...schema };
  optional.add(copy);
  return copy;
}

const words = {
  Array: (items: Schema, more?: Schema): Schema => ({ type: 'array', items, ...more }),
  Boolean: (more?: Schema): Schema => ({ type: 'boolean', ...more }),
  Enum: (values: readonly string[], more?: Schema): Schema => ({ enum: values, ...more }),
  Integer: (more?: Schema): Schema => ({ type: 'integer', ...more }),
  Number: (more?: Schema): Schema => ({ type: 'number', ...more }),
  Object: objectOf,
  Optional: optionalOf,
  String: (more?: Schema): Schema => ({ type: 'string', ...more }),
};

/** What they make is what typebox makes (schema-words.test.ts), so it may be called so. */
export const Type = words as unknown as Words;
