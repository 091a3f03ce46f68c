/** The session and the api over a real socket: every no that RFC 8620 §3.6 prescribes, and nothing told to strangers. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { idOf } from '../../../codec/jmap/ids.ts';
import { deliver, type JmapHouse, openJmapHouse } from './jmap-house.contract.ts';
import { LIMITS } from './limits.ts';
import { METHODS } from './methods.ts';

type Json = Record<string, unknown>;
type Answer = Readonly<{ status: number; headers: Headers; json: Json }>;

const USING = ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:mail'];

async function open(t: TestContext, people = 1): Promise<JmapHouse> {
  const house = await openJmapHouse(people);
  t.after(() => house.close());
  return house;
}

async function ask(house: JmapHouse, path: string, init: RequestInit & { person?: number } = {}): Promise<Answer> {
  const headers = { authorization: house.authorization(init.person ?? 0), ...(init.headers as Record<string, string> | undefined) };
  const response = await fetch(`http://127.0.0.1:${house.port}${path}`, { ...init, headers, redirect: 'manual' });
  const text = await response.text();
  return { status: response.status, headers: response.headers, json: text.startsWith('{') ? (JSON.parse(text) as Json) : {} };
}

const post = (house: JmapHouse, body: string | Uint8Array<ArrayBuffer>, type = 'application/json'): Promise<Answer> =>
  ask(house, '/jmap/api', { method: 'POST', body, headers: { 'content-type': type } });

type Responses = readonly (readonly [string, Json, string])[];

async function calls(house: JmapHouse, methodCalls: readonly unknown[], person = 0): Promise<Responses> {
  const body = JSON.stringify({ using: USING, methodCalls });
  const init = { method: 'POST', body, headers: { 'content-type': 'application/json' }, person };
  const { status, json } = await ask(house, '/jmap/api', init);
  assert.equal(status, 200, JSON.stringify(json));
  return json['methodResponses'] as Responses;
}

const accountOf = (house: JmapHouse, person = 0): string => idOf('account', house.people[person]?.account ?? 0);

test('the session says where everything is, in whole addresses, and its state is that of every answer', async (t) => {
  const house = await open(t);
  const { status, json, headers } = await ask(house, '/.well-known/jmap');
  assert.equal(status, 200);
  assert.equal(headers.get('cache-control'), 'no-store');
  assert.equal(json['username'], 'p0@school.example');
  assert.equal(json['apiUrl'], `http://127.0.0.1:${house.port}/jmap/api`);
  assert.deepEqual(Object.keys(json['accounts'] as Json), [accountOf(house)]);
  const answered = await post(house, JSON.stringify({ using: USING, methodCalls: [['Core/echo', { hello: [1, null] }, 'a']] }));
  assert.deepEqual(answered.json['methodResponses'], [['Core/echo', { hello: [1, null] }, 'a']]);
  assert.equal(answered.json['sessionState'], json['state']);
});

test('nobody gets in without the right password, by whatever header', async (t) => {
  const house = await open(t);
  const wrong = ['', 'Basic', 'Basic !!!', `Basic ${Buffer.from('nocolon').toString('base64')}`, 'Bearer x', `Basic ${'A'.repeat(6_000)}`];
  for (const authorization of [...wrong, `Basic ${Buffer.from('p0@school.example:wrong').toString('base64')}`]) {
    const { status, headers } = await ask(house, '/jmap/session', { headers: { authorization } });
    assert.equal(status, 401, authorization.slice(0, 40));
    assert.match(headers.get('www-authenticate') ?? '', /^Basic realm=/);
  }
});

const BAD: readonly (readonly [string, string, string | Uint8Array<ArrayBuffer>])[] = [
  ['notJSON', 'no JSON', '{"using":'],
  ['notJSON', 'no UTF-8', Uint8Array.of(0x7b, 0xff, 0x7d)],
  ['notJSON', 'a name twice', '{"using":[],"using":[],"methodCalls":[]}'],
  ['notJSON', 'too deep', `${'['.repeat(200)}${']'.repeat(200)}`],
  ['notRequest', 'a list', '[]'],
  ['notRequest', 'null', 'null'],
  ['notRequest', 'no calls', JSON.stringify({ using: USING })],
  ['notRequest', 'using a string', JSON.stringify({ using: 'x', methodCalls: [] })],
  ['notRequest', 'a call of two', JSON.stringify({ using: USING, methodCalls: [['Core/echo', {}]] })],
  ['notRequest', 'arguments a list', JSON.stringify({ using: USING, methodCalls: [['Core/echo', [], 'a']] })],
  ['notRequest', 'created ids no ids', JSON.stringify({ using: USING, methodCalls: [], createdIds: { a: 1 } })],
  ['unknownCapability', 'a stranger', JSON.stringify({ using: ['urn:x'], methodCalls: [] })],
  [
    'limit',
    'too many calls',
    JSON.stringify({ using: USING, methodCalls: Array.from({ length: LIMITS.maxCallsInRequest + 1 }, () => ['Core/echo', {}, 'a']) }),
  ],
  ['limit', 'too large', `"${'x'.repeat(LIMITS.maxSizeRequest)}"`],
];

for (const [type, name, body] of BAD)
  test(`a request that is none: ${name} is ${type}`, async (t) => {
    const house = await open(t);
    const { status, json, headers } = await post(house, body);
    assert.equal(status, 400);
    assert.equal(headers.get('content-type'), 'application/problem+json');
    assert.equal(json['type'], `urn:ietf:params:jmap:error:${type}`);
    if (type === 'limit') assert.ok(String(json['limit']) in LIMITS);
    assert.deepEqual(house.troubles, []);
  });

test('the content type must be JSON, and other methods and paths are not there', async (t) => {
  const house = await open(t);
  assert.equal((await post(house, '{}', 'text/plain')).status, 400);
  assert.equal((await ask(house, '/jmap/api')).status, 404);
  assert.equal((await ask(house, '/jmap/nothing')).status, 404);
});

test('calls are answered in order, each error for itself, references and capabilities included', async (t) => {
  const house = await open(t);
  const accountId = accountOf(house);
  const answers = await calls(house, [
    ['Mailbox/query', { accountId }, 'a'],
    ['Mailbox/get', { accountId, '#ids': { resultOf: 'a', name: 'Mailbox/query', path: '/ids' }, properties: ['role'] }, 'b'],
    ['Nothing/get', {}, 'c'],
    ['Mailbox/get', { accountId, '#ids': { resultOf: 'z', name: 'Mailbox/query', path: '/ids' } }, 'd'],
    ['Mailbox/get', {}, 'e'],
    ['Mailbox/get', { accountId, ids: 'x' }, 'f'],
    ['Mailbox/get', { accountId, properties: ['nothing'] }, 'g'],
    ['Mailbox/get', { accountId, colour: 'red' }, 'h'],
    ['Mailbox/get', { accountId, ids: Array(LIMITS.maxObjectsInGet + 1).fill('m1') }, 'i'],
    ['Mailbox/changes', { accountId, sinceState: 'never' }, 'j'],
    ['Mailbox/changes', { accountId, sinceState: '1.0', maxChanges: 0 }, 'k'],
    ['Mailbox/query', { accountId, filter: { colour: 'red' } }, 'l'],
    ['Mailbox/query', { accountId, sort: [{ property: 'colour' }] }, 'm'],
    ['Mailbox/query', { accountId, anchor: 'nobody' }, 'n'],
    ['Core/echo', {}, 'o'],
  ]);
  assert.deepEqual(
    answers.map(([name, args, id]) => `${id} ${name === 'error' ? String(args['type']) : name}`),
    [
      'a Mailbox/query',
      'b Mailbox/get',
      'c unknownMethod',
      'd invalidResultReference',
      'e invalidArguments',
      'f invalidArguments',
      'g invalidArguments',
      'h invalidArguments',
      'i requestTooLarge',
      'j cannotCalculateChanges',
      'k invalidArguments',
      'l unsupportedFilter',
      'm unsupportedSort',
      'n anchorNotFound',
      'o Core/echo',
    ],
  );
  const [, gotten] = answers[1] ?? assert.fail('no answer');
  const roles = (gotten['list'] as Json[]).map(({ role }) => role);
  assert.deepEqual(roles.toSorted(), ['archive', 'drafts', 'inbox', 'junk', 'sent', 'trash']);
  const body = JSON.stringify({ using: [USING[0]], methodCalls: [['Mailbox/get', { accountId }, 'a']] });
  const { json } = await post(house, body);
  assert.deepEqual(json['methodResponses'], [['error', { type: 'unknownMethod' }, 'a']]);
  assert.deepEqual(house.troubles, []);
});

test('SECURITY: filters and patches as deep or as long as anybody can write them are bounded', async (t) => {
  const house = await open(t);
  const accountId = accountOf(house);
  const nested = (depth: number): Json => (depth === 0 ? {} : { operator: 'NOT', conditions: [nested(depth - 1)] });
  const wide = { operator: 'OR', conditions: Array.from({ length: 1_000 }, () => ({ hasKeyword: '$seen' })) };
  const answers = await calls(house, [
    ['Email/query', { accountId, filter: nested(20) }, 'a'],
    ['Email/query', { accountId, filter: wide }, 'b'],
    ['Email/query', { accountId, sort: Array.from({ length: 100 }, () => ({ property: 'size' })) }, 'c'],
    ['Email/query', { accountId, filter: { text: 'word '.repeat(10_000) } }, 'd'],
  ]);
  assert.deepEqual(
    answers.map(([name, args]) => (name === 'error' ? args['type'] : name)),
    ['unsupportedFilter', 'unsupportedFilter', 'unsupportedSort', 'Email/query'],
  );
});

/** what is somebody else's looks like what never was. */
test('SECURITY: somebody else’s account and everything in it does not exist, for any method', async (t) => {
  const house = await open(t, 2);
  const other = await house.mail(1);
  await deliver(other, 'secret');
  const index = await other.index();
  const [email = 0] = index.all();
  const theirs = {
    account: accountOf(house, 1),
    email: idOf('email', email),
    thread: idOf('thread', index.threadOf(email as never)),
    mailbox: idOf('mailbox', other.byPath('INBOX')?.mailbox ?? 0),
    blob: idOf('blob', email),
  };
  other.close();
  let probes = 0;
  for (const { name } of METHODS) {
    if (name === 'Core/echo' || name.startsWith('PushSubscription/')) continue;
    const account = name.endsWith('/copy') ? 'fromAccountId' : 'accountId';
    const probe = async (accountId: string): Promise<string> =>
      JSON.stringify(await calls(house, [[name, { [account]: accountId, accountId }, 'a']]));
    assert.equal(await probe(theirs.account), await probe('anobody'), name);
    probes++;
  }
  const accountId = accountOf(house);
  const pairs: readonly (readonly [string, (ids: typeof theirs) => Json])[] = [
    ['Email/get', ({ email: id }) => ({ ids: [id] })],
    ['Thread/get', ({ thread }) => ({ ids: [thread] })],
    ['Mailbox/get', ({ mailbox }) => ({ ids: [mailbox] })],
    ['Email/query', ({ mailbox }) => ({ filter: { inMailbox: mailbox } })],
    ['Email/parse', ({ blob }) => ({ blobIds: [blob] })],
    ['Email/set', ({ email: id }) => ({ update: { [id]: { 'keywords/$seen': true } } })],
    ['Email/set', ({ email: id }) => ({ destroy: [id] })],
    ['Email/set', ({ mailbox }) => ({ create: { k: { mailboxIds: { [mailbox]: true }, subject: 'x' } } })],
    ['Mailbox/set', ({ mailbox }) => ({ update: { [mailbox]: { name: 'Mine' } } })],
    ['Mailbox/set', ({ mailbox }) => ({ create: { k: { name: 'x', parentId: mailbox } } })],
    ['Mailbox/set', ({ mailbox }) => ({ destroy: [mailbox] })],
    ['Email/import', ({ blob }) => ({ emails: { k: { blobId: blob, mailboxIds: { m1: true } } } })],
  ];
  const never = { account: 'anobody', email: 'e7v', thread: 't7v', mailbox: 'm7v', blob: 'b7v' };
  for (const [name, args] of pairs) {
    const told = async (ids: typeof theirs): Promise<string> => {
      let text = JSON.stringify(await calls(house, [[name, { accountId, ...args(ids) }, 'a']]));
      for (const id of Object.values(ids)) text = text.replaceAll(id, 'ID');
      return text.replaceAll(/"(?:old|new|query)?[sS]tate":"[^"]*"/g, '""');
    };
    assert.equal(await told(theirs), await told(never), name);
    probes++;
  }
  const status = async (path: string): Promise<number> => (await ask(house, path)).status;
  assert.equal(await status(`/jmap/download/${theirs.account}/${theirs.blob}/x`), 404);
  assert.equal(await status(`/jmap/download/${accountId}/${theirs.blob}/x`), 404);
  assert.equal((await ask(house, `/jmap/upload/${theirs.account}`, { method: 'POST', body: 'x' })).status, 404);
  t.diagnostic(`${probes + 3} probes, all denied alike`);
});
