import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type as Typebox } from 'typebox';
import { Type } from './schema-words.ts';

/** The same schema in either's words. */
const sample = (words: typeof Type) =>
  words.Object(
    {
      port: words.Integer({ minimum: 1, maximum: 65_535 }),
      share: words.Optional(words.Number({ default: 0.5 })),
      names: words.Array(words.String({ minLength: 1 }), { maxItems: 3, description: 'Names.' }),
      mode: words.Enum(['a', 'b'], { description: 'Which.' }),
      more: words.Optional(words.Object({ on: words.Optional(words.Boolean()) }, { additionalProperties: false })),
    },
    { additionalProperties: false },
  );

test('our words make the schema that typebox makes', () => {
  assert.deepEqual(JSON.parse(JSON.stringify(sample(Type))), JSON.parse(JSON.stringify(sample(Typebox))));
});

test('making a schema optional leaves the schema itself as it was', () => {
  const text = Type.String();
  assert.deepEqual(Type.Object({ a: Type.Optional(text), b: text }).required, ['b']);
});
