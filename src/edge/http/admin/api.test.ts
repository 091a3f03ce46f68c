import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeClock } from '../../../adapter/memory/clock.ts';
import { seededDice } from '../../../adapter/memory/dice.ts';
import { memoryKeyMaker } from '../../../adapter/memory/key-maker.ts';
import { memoryStore } from '../../../adapter/memory/store.ts';
import { Fault } from '../../../core/fault.ts';
import { IdMaker } from '../../../core/ids.ts';
import { openAccounts } from '../../../service/accounts/accounts.ts';
import { adminApi, type Desk } from './api.ts';
import { ROUTES } from './routes.ts';

const START = Date.UTC(2026, 10, 23);

async function desk(more: Partial<Desk> = {}): Promise<{ desk: Desk; troubles: unknown[] }> {
  const clock = fakeClock(START);
  const dice = seededDice('admin');
  const { directory } = memoryStore();
  const hasher = { decoy: '', hash: async () => 'x', verify: async () => false, scramKeys: async () => ({ stored: '', server: '' }) };
  const accounts = await openAccounts({
    store: directory,
    keys: memoryKeyMaker(dice),
    clock,
    dice,
    ids: new IdMaker(() => clock.now()),
    hasher,
  });
  const troubles: unknown[] = [];
  const counts = { waiting: 2, held: 1, leased: 0, oldestAcceptedAt: START - 25 * 3_600_000 };
  return {
    troubles,
    desk: {
      accounts,
      queue: { list: async () => [], show: async () => undefined, act: async () => undefined, counts: async () => counts },
      journeys: { list: async () => [], show: async () => undefined },
      clock,
      minimumPassword: 15,
      about: { version: '0.1.0', hostName: 'mail.example.org', startedAt: START - 5_000, data: '/srv/data' },
      listeners: () => [{ protocol: 'smtp', host: '127.0.0.1', port: 2525 }],
      onTrouble: (_, error) => void troubles.push(error),
      ...more,
    },
  };
}

type Answered = { status: number; type: string | null; body: Record<string, unknown>; text: string };

function asker(of: Desk): (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answered> {
  const api = adminApi(of);
  return async (method, path, body, headers = {}) => {
    const init = { method, headers, ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }) };
    const response = await api(new Request(`http://localhost/api/v1${path}`, init));
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.endsWith('json') === true && !text.includes('}\n');
    return { status: response.status, type: response.headers.get('content-type'), body: isJson ? JSON.parse(text) : {}, text };
  };
}

test('an organisation from nothing to a person with an app password', async () => {
  const ask = asker((await desk()).desk);
  assert.equal((await ask('POST', '/organisations', { name: 'School', language: 'nl' })).status, 201);
  assert.deepEqual((await ask('POST', '/domains', { name: 'Example.org' })).body, { name: 'example.org', organisation: 'School' });
  const added = await ask('POST', '/people', { people: [{ address: 'noor@example.org', name: 'Noor', password: 'purple tractor sings' }] });
  assert.equal(added.status, 201);
  assert.deepEqual(added.body['people'], [
    {
      address: 'noor@example.org',
      name: 'Noor',
      organisation: 'School',
      language: 'nl',
      state: 'open',
      quota: 0,
      admin: false,
      createdAt: '2026-11-23T00:00:00.000Z',
      weakPassword: false,
    },
  ]);
  const appPassword = await ask('POST', '/people/noor%40example.org/app-passwords', { label: 'Phone', scopes: ['imap'] });
  assert.equal(appPassword.status, 201);
  assert.match(String(appPassword.body['password']), /^[0-9a-z-]{23}$/);
  const listed = await ask('GET', '/people/noor@example.org/app-passwords');
  assert.ok(!listed.text.includes(String(appPassword.body['password'])));
  assert.equal((await ask('DELETE', `/people/noor@example.org/app-passwords/${appPassword.body['id']}`)).status, 204);
  const changed = (await ask('PATCH', '/people/noor@example.org', { state: 'closed' })).body;
  assert.equal(changed['state'], 'closed');
  assert.ok(!('generatedPassword' in changed));
  assert.equal((await ask('DELETE', '/people/noor@example.org')).status, 204);
  assert.deepEqual((await ask('GET', '/people')).body, { people: [] });
});

test('a password that is left out is made, shown once, and never called weak', async () => {
  const ask = asker((await desk({ minimumPassword: 99 })).desk);
  await ask('POST', '/organisations', { name: 'School' });
  await ask('POST', '/domains', { name: 'example.org' });
  const added = await ask('POST', '/people', { people: [{ address: 'noor@example.org' }] });
  assert.equal(added.status, 201);
  const [noor] = added.body['people'] as Record<string, unknown>[];
  assert.match(String(noor?.['generatedPassword']), /^[0-9a-z]{5}(-[0-9a-z]{5}){3}$/);
  assert.equal(noor?.['weakPassword'], false);
  const changed = (await ask('PATCH', '/people/noor@example.org', { newPassword: true })).body;
  assert.match(String(changed['generatedPassword']), /^[0-9a-z]{5}(-[0-9a-z]{5}){3}$/);
  assert.notEqual(changed['generatedPassword'], noor?.['generatedPassword']);
  assert.ok(!(await ask('GET', '/people/noor@example.org')).text.includes('assword":"'));
});

test('an organisation is found by name or because there is no other, and changed in what is named', async () => {
  const ask = asker((await desk()).desk);
  assert.equal((await ask('GET', '/organisation')).status, 404);
  await ask('POST', '/organisations', { name: 'School', language: 'nl' });
  const changed = await ask('PATCH', '/organisation', { journeyDays: 7 });
  assert.deepEqual([changed.status, changed.body['journeyDays'], changed.body['language']], [200, 7, 'nl']);
  await ask('POST', '/organisations', { name: 'Council' });
  assert.equal((await ask('PATCH', '/organisation', { journeyDays: 8 })).status, 422);
  assert.equal((await ask('PATCH', '/organisation?organisation=school', { language: 'en' })).status, 200);
  const shown = (await ask('GET', '/organisation?organisation=School')).body;
  assert.deepEqual([shown['name'], shown['language'], shown['journeyDays']], ['School', 'en', 7]);
  for (const days of [6, 366, -1, 1e15]) {
    const refused = await ask('PATCH', '/organisation?organisation=School', { journeyDays: days });
    assert.deepEqual([refused.status, refused.body['refusal']], [422, 'badValue']);
  }
  for (const body of [{ journeyDays: '30' }, { journeyDays: 7.5 }, { name: 'Other' }, undefined])
    assert.equal((await ask('PATCH', '/organisation?organisation=School', body)).status, 400);
});

test('each no has its status, its words and its facts, as a problem', async () => {
  const ask = asker((await desk()).desk);
  await ask('POST', '/organisations', { name: 'School' });
  await ask('POST', '/domains', { name: 'example.org' });
  const person = (address: string, password = 'purple tractor sings') => ({ people: [{ address, password }] });
  await ask('POST', '/people', person('noor@example.org'));
  const cases: [string, string, unknown, number, string | undefined][] = [
    ['POST', '/people', person('noor@example.org'), 409, 'nameTaken'],
    ['POST', '/people', person('x@far.example'), 404, 'notFound'],
    ['POST', '/people', person('x@example.org', 'short'), 422, 'weakPassword'],
    ['POST', '/people', person('nonsense'), 422, 'badValue'],
    ['POST', '/people', person('a b@'), 422, 'badValue'],
    ['POST', '/people', person('x@far.example', 'short'), 404, 'notFound'],
    ['POST', '/aliases', { address: 'info', targets: ['noor@example.org'] }, 422, 'badValue'],
    ['POST', '/aliases', { address: 'info@far.example', targets: ['noor@example.org'] }, 404, 'notFound'],
    ['POST', '/people', person('x@example.org', 'private use \ue000 letter'), 422, 'badValue'],
    ['PATCH', '/people/noor@example.org', { newPassword: true, password: 'purple tractor sings' }, 422, 'badValue'],
    ['POST', '/people', { people: [] }, 400, undefined],
    ['POST', '/people', { people: [{ address: 5 }] }, 400, undefined],
    ['POST', '/people', { ...person('x@example.org'), extra: 1 }, 400, undefined],
    ['POST', '/people', 'not json', 400, undefined],
    ['POST', '/people', undefined, 400, undefined],
    ['POST', '/domains', { name: 'not a domain' }, 422, 'badValue'],
    ['POST', '/domains', { name: 'x.example', organisation: 'Other' }, 404, 'notFound'],
    ['POST', '/relays', { domain: 'x.example', to: 'nowhere' }, 422, 'badValue'],
    ['PATCH', '/people/noor@example.org', { state: 'asleep' }, 400, undefined],
    ['PATCH', '/people/ghost@example.org', { state: 'open' }, 404, 'notFound'],
    ['DELETE', '/aliases/ghost@example.org', undefined, 404, 'notFound'],
    ['GET', '/queue/12', undefined, 404, 'notFound'],
    ['POST', '/queue/12/explode', undefined, 404, 'notFound'],
    ['GET', '/journeys/not-an-id', undefined, 404, 'notFound'],
    ['GET', '/journeys?as=ghost@example.org', undefined, 404, 'notFound'],
    ['GET', '/nowhere', undefined, 404, undefined],
    ['PUT', '/people', undefined, 404, undefined],
  ];
  for (const [method, path, body, status, refusal] of cases) {
    const answer = await ask(method, path, body);
    const what = `${method} ${path} ${JSON.stringify(body)}`;
    assert.equal(answer.status, status, what);
    assert.equal(answer.type, 'application/problem+json', what);
    assert.equal(answer.body['refusal'], refusal, what);
    assert.equal(answer.body['status'], status, what);
  }
});

test('broken machinery and bugs are incidents: logged here, not described there', async () => {
  for (const [error, status] of [
    [new Fault('unavailable', 'disk /secret/path broke'), 503],
    [new TypeError('secret is undefined'), 500],
  ] as const) {
    const { desk: broken, troubles } = await desk({
      queue: {
        list: () => Promise.reject(error),
        show: () => Promise.reject(error),
        act: () => Promise.reject(error),
        counts: () => Promise.reject(error),
      },
    });
    const answer = await asker(broken)('GET', '/queue');
    assert.equal(answer.status, status);
    assert.match(String(answer.body['incident']), /^[0-9a-f-]{36}$/);
    assert.ok(!answer.text.includes('secret'));
    assert.deepEqual(troubles, [error]);
  }
});

test('progress comes in lines, and ends in the answer or the problem', async () => {
  const { desk: of, troubles } = await desk();
  const ask = asker(of);
  await ask('POST', '/organisations', { name: 'School' });
  await ask('POST', '/domains', { name: 'example.org' });
  const people = Array.from({ length: 45 }, (_, n) => ({ address: `u${n}@example.org`, password: 'secret' }));
  const lines = async (body: unknown): Promise<Record<string, unknown>[]> =>
    (await ask('POST', '/people', body, { accept: 'application/x-ndjson' })).text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  const [refused, ...nothing] = await lines({ people });
  assert.deepEqual(nothing, []);
  assert.equal((refused?.['problem'] as { refusal: string } | undefined)?.refusal, 'weakPassword');
  const told = await lines({ people, acceptWeakPasswords: true });
  assert.deepEqual(told.slice(0, -1), [{ done: 20 }, { done: 40 }]);
  const value = told.at(-1)?.['value'] as { people: { weakPassword: boolean }[] } | undefined;
  assert.ok(value?.people.length === 45 && value.people.every(({ weakPassword }) => weakPassword));
  const add = of.accounts.addPeople.bind(of.accounts);
  of.accounts.addPeople = () => Promise.reject(new Fault('full', 'disk'));
  const broken = await lines({
    people: people.map(({ address, password }) => ({ address: `x${address}`, password })),
    acceptWeakPasswords: true,
  });
  assert.equal((broken.at(-1)?.['problem'] as { status: number } | undefined)?.status, 503);
  assert.equal(troubles.length, 1);
  of.accounts.addPeople = add;
});

test('a body without end is refused', async () => {
  const ask = asker((await desk()).desk);
  assert.equal((await ask('POST', '/organisations', `{"name":"${'x'.repeat(17_000_000)}"}`)).status, 413);
});

test('the status says what is worth a look', async () => {
  const answer = await asker((await desk()).desk)('GET', '/status');
  assert.deepEqual(answer.body, {
    version: '0.1.0',
    hostName: 'mail.example.org',
    data: '/srv/data',
    startedAt: '2026-11-22T23:59:55.000Z',
    uptimeSeconds: 5,
    listeners: [{ protocol: 'smtp', host: '127.0.0.1', port: 2525 }],
    queue: { waiting: 2, held: 1, leased: 0, oldestSeconds: 90_000 },
    organisations: 0,
    domains: 0,
    people: 0,
    refusals: null,
    warnings: ['Mail has been waiting for 25 hours'],
  });
});

test('no two routes are the same, and each says what it does', () => {
  const names = ROUTES.map(({ method, path }) => `${method} ${path}`);
  assert.equal(new Set(names).size, names.length);
  for (const { summary } of ROUTES) assert.ok(summary.length > 5);
});

test('a body of unknown length is counted as it comes', async () => {
  const api = adminApi((await desk()).desk);
  let sent = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      sent += 1_048_576;
      controller.enqueue(new Uint8Array(1_048_576).fill(0x20));
    },
  });
  const response = await api(new Request('http://localhost/api/v1/organisations', { method: 'POST', body: endless, duplex: 'half' }));
  assert.equal(response.status, 413);
  assert.ok(sent < 32 * 1_048_576);
});
