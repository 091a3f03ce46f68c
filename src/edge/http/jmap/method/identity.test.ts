/** Identities over the api: those of one's addresses, those one makes, and whose they may not be. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../../codec/jmap/json.ts';
import { idOf } from '../../../../codec/jmap/ids.ts';
import { type JmapHouse, ok, openJmapHouse } from '../jmap-house.contract.ts';

const USING = ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:submission'];

async function world(t: Readonly<{ after(run: () => Promise<void>): void }>) {
  const house = await openJmapHouse(2);
  t.after(() => house.close());
  const ask = async (name: string, args: JsonObject, person = 0): Promise<JsonObject> => {
    const accountId = idOf('account', house.people[person]?.account ?? 0);
    const response = await house.api.fetch(
      new Request('https://school.example/jmap/api', {
        method: 'POST',
        headers: { authorization: house.authorization(person), 'content-type': 'application/json' },
        body: JSON.stringify({ using: USING, methodCalls: [[name, { accountId, ...args }, 'c']] }),
      }),
      { ip: '127.0.0.1', isSecure: true },
    );
    const { methodResponses } = (await response.json()) as { methodResponses: [string, JsonObject, string][] };
    const [answered, answer] = methodResponses[0] ?? assert.fail();
    return answered === 'error' ? { error: answer['type'] } : answer;
  };
  return { house, ask };
}

const listOf = (answer: JsonObject): readonly JsonObject[] => answer['list'] as readonly JsonObject[];
const errorsIn = (answer: JsonObject, where: string): unknown =>
  Object.fromEntries(Object.entries(answer[where] ?? {}).map(([id, error]) => [id, (error as JsonObject)['type']]));

async function addAlias(house: JmapHouse, address: string, ...targets: readonly string[]): Promise<number> {
  const { organisation } = house.people[0] ?? assert.fail();
  return ok(await house.accounts.addAlias({ organisation, address, targets })).id;
}

test('there is an identity for every address of one’s own, and it comes and goes with it', async (t) => {
  const { house, ask } = await world(t);
  await addAlias(house, 'both@school.example', 'p0@school.example', 'p1@school.example');
  await addAlias(house, 'other@school.example', 'p1@school.example');
  const before = await ask('Identity/get', { ids: null });
  assert.deepEqual(listOf(before), [
    {
      id: listOf(before)[0]?.['id'],
      name: 'P 0',
      email: 'p0@school.example',
      replyTo: null,
      bcc: null,
      textSignature: '',
      htmlSignature: '',
      mayDelete: false,
    },
  ]);
  const alias = await addAlias(house, 'desk@school.example', 'p0@school.example');
  const changed = await ask('Identity/changes', { sinceState: before['state'] });
  const [made] = changed['created'] as readonly string[];
  const { list } = await ask('Identity/get', { ids: [made, 'i0', 'x'], properties: ['email'] });
  assert.deepEqual(list, [{ id: made, email: 'desk@school.example' }]);
  assert.equal(await house.accounts.removeAlias(alias), undefined);
  const after = await ask('Identity/changes', { sinceState: changed['newState'] });
  assert.deepEqual([after['destroyed'], after['created'], after['updated']], [[made], [], []]);
  // Mail that comes in leaves the state alone.
  const { state } = await ask('Identity/get', { ids: [] });
  assert.equal(state, after['newState']);
});

test('people make identities of their addresses, sub-addresses included, change and destroy them', async (t) => {
  const { ask } = await world(t);
  const made = await ask('Identity/set', {
    create: { k: { email: 'p0+club@school.example', name: 'Club', bcc: [{ name: null, email: 'me@x.example' }] } },
  });
  const { id, ...defaults } = (made['created'] as Record<string, JsonObject>)['k'] ?? assert.fail(JSON.stringify(made));
  assert.deepEqual(defaults, { mayDelete: true, replyTo: null, textSignature: '', htmlSignature: '' });
  const ofAddress = listOf(await ask('Identity/get', { ids: null })).find((one) => one['mayDelete'] === false)?.['id'];
  const update = { [`${id}`]: { textSignature: '-- \nUs', bcc: null }, [`${ofAddress}`]: { htmlSignature: '<b>P</b>' } };
  const changed = await ask('Identity/set', { ifInState: made['newState'], update });
  assert.deepEqual(changed['updated'], { [`${id}`]: null, [`${ofAddress}`]: null });
  const { updated } = await ask('Identity/changes', { sinceState: made['newState'] });
  assert.deepEqual(new Set(updated as readonly string[]), new Set([ofAddress, id]));
  const [first, second] = listOf(await ask('Identity/get', { ids: [ofAddress, id] }));
  assert.deepEqual([first?.['htmlSignature'], first?.['name']], ['<b>P</b>', 'P 0']);
  assert.deepEqual([second?.['textSignature'], second?.['bcc']], ['-- \nUs', null]);
  const gone = await ask('Identity/set', { destroy: [id, ofAddress, 'i0', 'nonsense'] });
  assert.deepEqual(gone['destroyed'], [id]);
  assert.deepEqual(errorsIn(gone, 'notDestroyed'), { [`${ofAddress}`]: 'forbidden', i0: 'notFound', nonsense: 'notFound' });
  assert.equal((await ask('Identity/set', { ifInState: made['newState'], destroy: [] }))['error'], 'stateMismatch');
});

test('what cannot be an identity', async (t) => {
  const { ask } = await world(t);
  const cases: readonly (readonly [JsonObject, string, (readonly string[])?])[] = [
    [{ email: 'p1@school.example' }, 'forbiddenFrom'],
    [{ email: '*@school.example' }, 'forbiddenFrom'],
    [{ email: 'someone@elsewhere.example' }, 'forbiddenFrom'],
    [{ email: 'no address' }, 'invalidProperties', ['email']],
    [{ email: 'p0@school.example\r\nX: y' }, 'invalidProperties', ['email']],
    [{}, 'invalidProperties', ['email']],
    [{ email: 'p0@school.example', mayDelete: true }, 'invalidProperties', ['mayDelete']],
    [{ email: 'p0@school.example', colour: 'red', name: 7 }, 'invalidProperties', ['name', 'colour']],
    [{ email: 'p0@school.example', replyTo: [{ email: 'x' }] }, 'invalidProperties', ['replyTo']],
    [{ email: 'p0@school.example', bcc: 'p0@school.example' }, 'invalidProperties', ['bcc']],
    [{ email: 'p0@school.example', textSignature: 'x'.repeat(100_001) }, 'invalidProperties', ['textSignature']],
  ];
  for (const [object, type, properties] of cases) {
    const { notCreated } = await ask('Identity/set', { create: { k: object } });
    const error = (notCreated as Record<string, JsonObject> | null)?.['k'];
    assert.deepEqual([error?.['type'], error?.['properties']], [type, properties], JSON.stringify(object).slice(0, 100));
  }
  const id = listOf(await ask('Identity/get', { ids: null }))[0]?.['id'];
  for (const patch of [{ email: 'p0+x@school.example' }, { mayDelete: true }, { 'bcc/0': { email: 'x@y.example' } }, { nothing: 1 }]) {
    const { notUpdated } = await ask('Identity/set', { update: { [`${id}`]: patch } });
    assert.ok((notUpdated as JsonObject | null)?.[`${id}`], JSON.stringify(patch));
  }
});

test('another’s account and identities do not exist', async (t) => {
  const { house, ask } = await world(t);
  const theirs = listOf(await ask('Identity/get', { ids: null }, 1))[0]?.['id'];
  assert.deepEqual((await ask('Identity/get', { ids: [theirs] }))['notFound'], [theirs]);
  const accountId = idOf('account', house.people[1]?.account ?? 0);
  for (const [name, args] of [
    ['Identity/get', { ids: null }],
    ['Identity/changes', { sinceState: 'x.1' }],
    ['Identity/set', { create: { k: { email: 'p1@school.example' } } }],
  ] as const)
    assert.equal((await ask(name, { ...args, accountId }))['error'], 'accountNotFound');
});

test('an app password for some senders prepares for no others', async (t) => {
  const { house } = await world(t);
  const { account } = house.people[0] ?? assert.fail();
  const { password } = ok(
    await house.accounts.addAppPassword({ account, label: 'club', scopes: ['jmap'], senders: ['p0+club@school.example'] }),
  );
  const create = { a: { email: 'p0@school.example' }, b: { email: 'p0+club@school.example' } };
  const response = await house.api.fetch(
    new Request('https://school.example/jmap/api', {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`p0@school.example:${password}`).toString('base64')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ using: USING, methodCalls: [['Identity/set', { accountId: idOf('account', account), create }, 'c']] }),
    }),
    { ip: '127.0.0.1', isSecure: true },
  );
  const { methodResponses } = (await response.json()) as { methodResponses: [string, JsonObject, string][] };
  const answer = methodResponses[0]?.[1] ?? assert.fail();
  assert.deepEqual([Object.keys(answer['created'] as object), errorsIn(answer, 'notCreated')], [['b'], { a: 'forbiddenFrom' }]);
});
