import assert from 'node:assert/strict';
import { createDecipheriv, createECDH, hkdfSync } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { type TestContext, test } from 'node:test';
import type { JsonObject } from '../../../codec/jmap/json.ts';
import { CURVE } from '../../../codec/push/web-push.ts';
import { call, deliver, type JmapHouse, NOW, ok, openJmapHouse } from '../jmap/jmap-house.contract.ts';
import { PUSH_GATHER_MS, RETRY_MS, SLOWER_MS } from './push-lane.ts';
import { NEW_PER_HOUR, PUSHES_PER_ACCOUNT } from './pushes.ts';
import { selfSigned } from '../../net/testdata/self-signed.ts';

const NAME = 'push.example';
const WEEK_MS = 7 * 86_400_000;

type Pushed = Readonly<{ path: string; headers: IncomingHttpHeaders; body: Buffer }>;
type Service = Readonly<{
  pushed: Pushed[];
  url: string;
  house: JmapHouse;
  /** What it says from now on; null: nothing at all. */
  says(status: number | null, headers?: Record<string, string>): void;
  /** Resolves when so many have come; the test's own deadline is the bound. */
  until(count: number): Promise<void>;
  open(): number;
  reopen(): void;
}>;

/** A push service, and a house that may reach it. */
async function open(t: TestContext, { people = 1, mayReach = (ip: string): boolean => ip !== '' } = {}): Promise<Service> {
  const certificate = selfSigned(NAME);
  const pushed: Pushed[] = [];
  let said: Readonly<{ status: number | null; headers: Record<string, string> }> = { status: 201, headers: {} };
  let underWay = 0;
  const server = createServer({ SNICallback: (_, done) => done(null, certificate.context()) }, (request, response) => {
    const chunks: Buffer[] = [];
    underWay++;
    response.on('close', () => underWay--);
    request
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => {
        pushed.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) });
        if (said.status !== null) response.writeHead(said.status, said.headers).end('a body nobody reads'.repeat(1_000));
      });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const house = await openJmapHouse(people, { authorities: [certificate.pem], addresses: { [NAME]: ['127.0.0.1'] }, mayReach });
  t.after(async () => {
    await house.close();
    server.closeAllConnections();
    server.close();
  });
  return {
    pushed,
    house,
    url: `https://${NAME}:${port}/to?device=1`,
    says: (status, headers = {}) => void (said = { status, headers }),
    async until(count) {
      while (pushed.length < count || underWay > (said.status === null ? 1 : 0)) await setImmediate();
      // The answer is on its way to the house.
      for (let turn = 0; turn < 50; turn++) await setImmediate();
    },
    open: () => underWay,
    reopen: () => house.reopenPushes(),
  };
}

async function set(house: JmapHouse, args: JsonObject, authorization?: string): Promise<JsonObject> {
  const [response] = await call(house, [['PushSubscription/set', args, 'a']], authorization);
  assert.ok(response);
  assert.equal(response[0], 'PushSubscription/set', JSON.stringify(response[1]));
  return response[1];
}

async function get(house: JmapHouse, args: JsonObject = { ids: null }, authorization?: string): Promise<JsonObject> {
  const [response] = await call(house, [['PushSubscription/get', args, 'a']], authorization);
  return response?.[1] ?? assert.fail();
}

const member = (object: JsonObject, ...path: string[]): unknown =>
  path.reduce<unknown>((at, name) => (at as JsonObject | null | undefined)?.[name], object);
const said = ({ body }: Pushed | undefined = assert.fail('nothing came')): JsonObject => JSON.parse(body.toString()) as JsonObject;

/** Makes a subscription; gives its id and the code that came. */
async function subscribe({ house, url, until, pushed }: Service, more: JsonObject = {}): Promise<Readonly<{ id: string; code: string }>> {
  const before = pushed.length;
  const answer = await set(house, { create: { k: { deviceClientId: 'phone', url, ...more } } });
  const id = String(member(answer, 'created', 'k', 'id'));
  assert.match(id, /^p/, JSON.stringify(answer));
  house.clock.tick(0);
  await until(before + 1);
  const body = pushed[before]?.headers['content-encoding'] === undefined ? said(pushed[before]) : {};
  return { id, code: String(body['verificationCode']) };
}

async function verified(service: Service, more: JsonObject = {}): Promise<string> {
  const { id, code } = await subscribe(service, more);
  const answer = await set(service.house, { update: { [id]: { verificationCode: code } } });
  assert.deepEqual(answer['notUpdated'], null);
  return id;
}

async function letter(service: Service, count: number, person = 0): Promise<void> {
  const mail = await service.house.mail(person);
  await deliver(mail, 'news');
  mail.close();
  service.house.clock.tick(PUSH_GATHER_MS);
  await service.until(count);
}

test('the code is sent, and nothing more before it comes back', async (t) => {
  const service = await open(t);
  const { house, pushed } = service;
  const { id, code } = await subscribe(service);
  assert.deepEqual(said(pushed[0]), { '@type': 'PushVerification', pushSubscriptionId: id, verificationCode: code });
  assert.match(code, /^[0-9a-f]{32}$/);
  const { headers, path } = pushed[0] ?? assert.fail();
  assert.equal(path, '/to?device=1');
  assert.equal(headers['content-type'], 'application/json');
  assert.match(String(headers['ttl']), /^\d+$/);
  assert.match(headers.authorization ?? '', /^vapid t=/);
  const shown = {
    id,
    deviceClientId: 'phone',
    verificationCode: null,
    expires: new Date(NOW + WEEK_MS).toISOString().replace('.000', ''),
    types: null,
  };
  assert.deepEqual(await get(house), { list: [shown], notFound: [] });
  await letter(service, 1);
  assert.equal(pushed.length, 1);
  for (const wrong of ['', 'x', `${code}0`, code.toUpperCase(), 7])
    assert.equal(
      member(await set(house, { update: { [id]: { verificationCode: wrong } } }), 'notUpdated', id, 'type'),
      wrong === code ? undefined : 'invalidProperties',
    );
  await letter(service, 1);
  assert.equal(pushed.length, 1);
  assert.deepEqual(member(await set(house, { update: { [id]: { verificationCode: code } } }), 'updated'), { [id]: null });
  await letter(service, 2);
  assert.equal(said(pushed[1])['@type'], 'StateChange');
  assert.deepEqual((await get(house))['list'], [{ ...shown, verificationCode: code }]);
});

test('the session names the key that pushes are signed with, and it stays the same', async (t) => {
  const { house } = await open(t);
  const ask = async (): Promise<unknown> => {
    const headers = { authorization: house.authorization(0) };
    const session = (await (await fetch(`http://127.0.0.1:${house.port}/jmap/session`, { headers })).json()) as JsonObject;
    return member(session, 'capabilities', 'urn:ietf:params:jmap:webpush-vapid', 'applicationServerKey');
  };
  const key = await ask();
  assert.equal(Buffer.from(String(key), 'base64url').length, 65);
  house.reopenPushes();
  assert.equal(await ask(), key);
});

test('what is pushed with keys can be read by their owner alone', async (t) => {
  const service = await open(t);
  const receiver = createECDH(CURVE);
  receiver.generateKeys();
  const auth = Buffer.alloc(16, 7);
  const keys = { p256dh: receiver.getPublicKey('base64url'), auth: auth.toString('base64url') };
  const { id } = await subscribe(service, { keys });
  const [first] = service.pushed;
  assert.equal(first?.headers['content-encoding'], 'aes128gcm');
  assert.ok(!first.body.includes('Push'));
  const { verificationCode } = JSON.parse(opened(first.body, receiver, auth)) as JsonObject;
  await set(service.house, { update: { [id]: { verificationCode } } });
  await letter(service, 2);
  const change = JSON.parse(opened(service.pushed[1]?.body ?? assert.fail(), receiver, auth)) as JsonObject;
  assert.equal(change['@type'], 'StateChange');
});

/** The receiver's half of RFC 8291 §3.4. */
function opened(body: Buffer, receiver: ReturnType<typeof createECDH>, auth: Buffer): string {
  const [salt, point, sealed] = [body.subarray(0, 16), body.subarray(21, 86), body.subarray(86)];
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), receiver.getPublicKey(), point]);
  const keying = Buffer.from(hkdfSync('sha256', receiver.computeSecret(point), auth, info, 32));
  const key = Buffer.from(hkdfSync('sha256', keying, salt, 'Content-Encoding: aes128gcm\0', 16));
  const nonce = Buffer.from(hkdfSync('sha256', keying, salt, 'Content-Encoding: nonce\0', 12));
  const decipher = createDecipheriv('aes-128-gcm', key, nonce);
  decipher.setAuthTag(sealed.subarray(-16));
  const plain = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
  assert.equal(plain.at(-1), 2);
  return plain.subarray(0, -1).toString();
}

test('only the types asked for are pushed; a burst is one; a restart forgets nobody', async (t) => {
  const service = await open(t);
  await verified(service, { types: ['EmailDelivery', 'Contact'] });
  const mail = await service.house.mail(0);
  ok(await mail.create('Work'));
  service.house.clock.tick(PUSH_GATHER_MS);
  for (let at = 0; at < 10; at++) await deliver(mail, 'x');
  service.house.clock.tick(PUSH_GATHER_MS);
  await service.until(2);
  assert.equal(service.pushed.length, 2);
  const changed = Object.values(said(service.pushed[1])['changed'] as Record<string, JsonObject>);
  assert.deepEqual(
    changed.map((types) => Object.keys(types)),
    [['EmailDelivery']],
  );
  service.reopen();
  await deliver(mail, 'after');
  for (let turn = 0; turn < 20; turn++) await setImmediate();
  service.house.clock.tick(PUSH_GATHER_MS);
  await service.until(3);
  assert.equal(said(service.pushed[2])['@type'], 'StateChange');
});

test('a service that does not answer has one POST at a time, and what changed meanwhile goes together', async (t) => {
  const service = await open(t);
  await verified(service);
  service.says(null);
  await letter(service, 2);
  for (let at = 0; at < 5; at++) await letter(service, 2);
  assert.equal(service.pushed.length, 2);
  assert.equal(service.open(), 1);
});

test('a service that fails is tried again so often, and one that says slower more seldom', async (t) => {
  const service = await open(t);
  await verified(service);
  service.says(503);
  await letter(service, 2);
  for (const [at, ms] of RETRY_MS.entries()) {
    service.house.clock.tick(ms - 1);
    await service.until(2 + at);
    assert.equal(service.pushed.length, 2 + at);
    service.house.clock.tick(1);
    await service.until(3 + at);
  }
  service.house.clock.tick(86_400_000);
  await service.until(5);
  assert.equal(service.pushed.length, 5);
  service.says(429, { 'retry-after': '600' });
  await letter(service, 6);
  service.house.clock.tick(599_999);
  await service.until(6);
  assert.equal(service.pushed.length, 6);
  service.says(201);
  service.house.clock.tick(1);
  await service.until(7);
  await letter(service, 7);
  assert.equal(service.pushed.length, 7);
  service.house.clock.tick(SLOWER_MS);
  await service.until(8);
  assert.equal(service.pushed.length, 8);
});

test('a service that refuses is forgotten, in the store too', async (t) => {
  const service = await open(t);
  await verified(service);
  service.says(410);
  await letter(service, 2);
  assert.deepEqual((await get(service.house))['list'], []);
  const account = service.house.people[0]?.account ?? assert.fail();
  assert.deepEqual(await service.house.store.account(account).read({ ask: 'objects', object: 'push' }), []);
  await letter(service, 2);
  assert.equal(service.pushed.length, 2);
});

test('what is kept is sealed, and gone when it is destroyed or its time is over', async (t) => {
  const service = await open(t);
  const { house } = service;
  const account = house.people[0]?.account ?? assert.fail();
  const stored = () => house.store.account(account).read({ ask: 'objects', object: 'push' });
  const id = await verified(service);
  const [row] = await stored();
  assert.ok(row !== undefined && !Buffer.from(row.value).includes('push.example'));
  assert.deepEqual((await set(house, { destroy: [id, 'p0', 'x'] }))['destroyed'], [id]);
  assert.deepEqual(await stored(), []);
  await verified(service);
  await house.clock.advance(WEEK_MS);
  await letter(service, 2);
  assert.equal(service.pushed.length, 2);
  assert.deepEqual(await stored(), []);
});

test('nobody but the credential that made it sees or touches it, and it ends with that credential', async (t) => {
  const service = await open(t, { people: 2 });
  const { house } = service;
  const id = await verified(service);
  const account = house.people[0]?.account ?? assert.fail();
  const { appPassword, password } = ok(await house.accounts.addAppPassword({ account, label: 'phone', scopes: ['jmap'] }));
  const byApp = `Basic ${Buffer.from(`${house.people[0]?.address}:${password}`).toString('base64')}`;
  for (const other of [house.authorization(1), byApp]) {
    assert.deepEqual(await get(house, { ids: null }, other), { list: [], notFound: [] });
    assert.deepEqual(await get(house, { ids: [id] }, other), { list: [], notFound: [id] });
    assert.equal(member(await set(house, { update: { [id]: { types: [] } } }, other), 'notUpdated', id, 'type'), 'notFound');
    assert.equal(member(await set(house, { destroy: [id] }, other), 'notDestroyed', id, 'type'), 'notFound');
  }
  const made = await set(house, { create: { k: { deviceClientId: 'app', url: service.url } } }, byApp);
  assert.ok(member(made, 'created', 'k'));
  house.clock.tick(0);
  await service.until(2);
  ok((await house.accounts.removeAppPassword(account, appPassword.id)) ?? true);
  await letter(service, 3);
  assert.equal((await house.store.account(account).read({ ask: 'objects', object: 'push' })).length, 2);
  await get(house);
  assert.equal((await house.store.account(account).read({ ask: 'objects', object: 'push' })).length, 1);
});

test('hostile wishes are refused, and never called', async (t) => {
  const service = await open(t, { mayReach: (ip) => ip !== '127.0.0.1' && ip !== '::1' });
  const { house, url } = service;
  const good = { deviceClientId: 'x', url };
  const wrong: readonly (readonly [JsonObject, string])[] = [
    [{ ...good, url: url.replace('https', 'http') }, 'url'],
    [{ ...good, url: 'https://127.0.0.1/' }, 'url'],
    [{ ...good, url: 'https://[::1]/' }, 'url'],
    [{ ...good, url: 'https://2130706433/' }, 'url'],
    [{ ...good, url: 'https://localhost/' }, 'url'],
    [{ ...good, url: 'https://user:pass@push.example/' }, 'url'],
    [{ ...good, url: 'https://' }, 'url'],
    [{ ...good, url: `https://push.example/${'x'.repeat(3_000)}` }, 'url'],
    [{ ...good, keys: { p256dh: 'AAAA', auth: 'AAAA' } }, 'keys'],
    [{ ...good, keys: [] }, 'keys'],
    [{ ...good, verificationCode: 'guess' }, 'verificationCode'],
    [{ ...good, expires: '2020-01-01T00:00:00Z' }, 'expires'],
    [{ ...good, expires: 'soon' }, 'expires'],
    [{ ...good, types: ['a b'] }, 'types'],
    [{ ...good, types: 'Email' }, 'types'],
    [{ ...good, id: 'p1' }, 'id'],
    [{ url }, 'deviceClientId'],
  ];
  for (const [object, property] of wrong) {
    const answer = await set(house, { create: { k: object } });
    assert.deepEqual(
      member(answer, 'notCreated', 'k'),
      { type: 'invalidProperties', properties: [property] },
      JSON.stringify(object).slice(0, 80),
    );
  }
  // A name is judged by what it leads to, when it is called.
  await set(house, { create: { k: good } });
  await house.clock.advance(10);
  for (let turn = 0; turn < 50; turn++) await setImmediate();
  assert.equal(service.pushed.length, 0);
  const [forbidden] = await call(house, [['PushSubscription/get', { properties: ['url'] }, 'a']]);
  assert.equal(member(forbidden?.[1] ?? {}, 'type'), 'forbidden');
  const [argument] = await call(house, [['PushSubscription/set', { accountId: 'a1' }, 'a']]);
  assert.equal(member(argument?.[1] ?? {}, 'type'), 'invalidArguments');
});

test('subscriptions are bounded, at once and by the hour', async (t) => {
  const { house, url } = await open(t);
  const create = Object.fromEntries(Array.from({ length: PUSHES_PER_ACCOUNT + 1 }, (_, at) => [`k${at}`, { deviceClientId: 'x', url }]));
  const answer = await set(house, { create });
  assert.equal(Object.keys(answer['created'] as JsonObject).length, PUSHES_PER_ACCOUNT);
  assert.equal(member(answer, 'notCreated', `k${PUSHES_PER_ACCOUNT}`, 'type'), 'overQuota');
  let made = PUSHES_PER_ACCOUNT;
  for (const { id } of Object.values(answer['created'] as Record<string, { id: string }>)) {
    await set(house, { destroy: [id] });
    const again = await set(house, { create: { k: { deviceClientId: 'x', url } } });
    if (again['created'] !== null) made++;
    else assert.equal(member(again, 'notCreated', 'k', 'type'), 'rateLimit');
  }
  assert.equal(made, NEW_PER_HOUR);
});
