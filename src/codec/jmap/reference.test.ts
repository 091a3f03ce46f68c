import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MethodError } from './error.ts';
import { type Response, resolved } from './reference.ts';

const RESPONSES: readonly Response[] = [
  ['Email/query', { ids: ['e1', 'e2'], nested: { 'a/b': { '~c': 1 } } }, 'c0'],
  [
    'Email/get',
    {
      list: [
        { threadId: 't1', emailIds: ['e1', 'e2'] },
        { threadId: 't2', emailIds: ['e3'] },
        { threadId: 't1', emailIds: [] },
      ],
    },
    'c1',
  ],
  ['error', { type: 'serverFail' }, 'c2'],
];
const ref = (resultOf: string, name: string, path: string) => resolved({ '#ids': { resultOf, name, path } }, RESPONSES)['ids'];

test('a path leads to a value, an item, or all items (RFC 8620 §3.7)', () => {
  assert.deepEqual(ref('c0', 'Email/query', '/ids'), ['e1', 'e2']);
  assert.equal(ref('c0', 'Email/query', '/ids/1'), 'e2');
  assert.deepEqual(ref('c1', 'Email/get', '/list/*/threadId'), ['t1', 't2', 't1']);
  assert.deepEqual(ref('c1', 'Email/get', '/list/*/emailIds'), ['e1', 'e2', 'e3'], 'lists become one list');
  assert.equal(ref('c0', 'Email/query', '/nested/a~1b/~0c'), 1);
  assert.deepEqual(resolved({ ids: ['x'] }, RESPONSES), { ids: ['x'] });
});

const BAD: readonly (readonly [string, string, string])[] = [
  ['c9', 'Email/query', '/ids'],
  ['c0', 'Email/get', '/ids'],
  ['c2', 'Email/get', '/list'],
  ['c0', 'Email/query', 'ids'],
  ['c0', 'Email/query', '/ids/2'],
  ['c0', 'Email/query', '/ids/01'],
  ['c0', 'Email/query', '/ids/-1'],
  ['c0', 'Email/query', '/nothing'],
  ['c0', 'Email/query', '/ids/0/length'],
  ['c1', 'Email/get', '/list/*/nothing'],
  ['c0', 'Email/query', '/__proto__'],
  ['c0', 'Email/query', '/nested/*'],
];
for (const [resultOf, name, path] of BAD)
  test(`invalidResultReference: ${resultOf} ${name} ${path}`, () => {
    assert.throws(
      () => ref(resultOf, name, path),
      (error) => error instanceof MethodError && error.type === 'invalidResultReference',
    );
  });

test('a value and a reference of one name, or a reference that is none, are refused', () => {
  const type = (args: Record<string, unknown>): string => {
    try {
      resolved(args, RESPONSES);
      return 'none';
    } catch (error) {
      return error instanceof MethodError ? error.type : 'a bug';
    }
  };
  assert.equal(type({ ids: [], '#ids': { resultOf: 'c0', name: 'Email/query', path: '/ids' } }), 'invalidArguments');
  assert.equal(type({ '#ids': 'c0' }), 'invalidResultReference');
  assert.equal(type({ '#ids': { resultOf: 'c0', name: 'Email/query' } }), 'invalidResultReference');
});
