import assert from 'node:assert/strict';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server } from 'node:net';
import { type TestContext, test } from 'node:test';
import { decodeMessage, type DnsMessage, encodeMessage, PLAIN_UDP_BYTES, RCODE } from '../../codec/dns/message.ts';
import { parseRecordData } from '../../codec/dns/record-text.ts';
import type { RecordData, TypeName } from '../../codec/dns/record.ts';
import { Zones } from '../../codec/dns/zone.ts';
import { fakeClock } from '../memory/clock.ts';
import { seededDice } from '../memory/dice.ts';
import { TtlCache } from './cache.ts';
import type { DnsServer } from './exchange.ts';
import { DnsResolver, type ResolverOptions, systemServers } from './resolver.ts';

const data = (type: TypeName, text: string): RecordData => {
  const read = parseRecordData(type, text);
  assert.ok(read.ok);
  return read.value;
};

const zones = new Zones()
  .addZone('example.test')
  .addZone('2.0.192.in-addr.arpa')
  .put('example.test', data('MX', '10 mail.example.test'))
  .put('example.test', data('MX', '20 backup.example.test'))
  .put('example.test', data('TXT', '"v=spf1 " "mx -all"'))
  .put('mail.example.test', data('A', '127.0.0.1'))
  .put('mail.example.test', data('AAAA', '::1'))
  .put('www.example.test', data('CNAME', 'mail.example.test'), 7)
  .put('_25._tcp.mail.example.test', data('TLSA', `3 1 1 ${'ab'.repeat(32)}`))
  .put('1.2.0.192.in-addr.arpa', data('PTR', 'mail.example.test'))
  .put('utf8.example.test', data('TXT', Buffer.from('"grün"').toString('latin1')));
for (let index = 0; index < 60; index++) zones.put('big.example.test', data('TXT', `"${'x'.repeat(90)}${index}"`));

type Answering = (query: DnsMessage, raw: Buffer) => readonly Buffer[];
type Fake = Readonly<{ server: DnsServer; asked: string[]; tcp: () => number }>;

const fromZones: Answering = (query) => [encodeMessage(zones.answer(query), query.edns?.udpSize ?? PLAIN_UDP_BYTES)];

/** A DNS server on loopback, UDP and TCP on one port. */
async function fake(
  context: TestContext,
  udp: Answering = fromZones,
  tcp: (query: DnsMessage) => Buffer = (query) => encodeMessage(zones.answer(query)),
): Promise<Fake> {
  const asked: string[] = [];
  let connections = 0;
  const socket: UdpSocket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  socket.on('message', (bytes, from) => {
    const query = decodeMessage(bytes);
    if (!query.ok) return;
    asked.push(`${query.value.questions[0]?.type} ${query.value.questions[0]?.name}`);
    for (const answer of udp(query.value, bytes)) socket.send(answer, from.port, from.address);
  });
  const listener: Server = createServer((peer) => {
    connections++;
    peer.on('error', () => {});
    peer.on('data', (bytes: Buffer) => {
      const query = decodeMessage(bytes.subarray(2));
      if (!query.ok) return peer.destroy();
      const answer = tcp(query.value);
      const all = Buffer.concat([Buffer.of(answer.length >> 8, answer.length & 0xff), answer]);
      // In two pieces, the first in the middle of the length.
      peer.write(all.subarray(0, 1));
      return setImmediate(() => peer.write(all.subarray(1)));
    });
  });
  await new Promise<void>((resolve) => listener.listen(port, '127.0.0.1', resolve));
  context.after(() => {
    socket.close();
    listener.close();
  });
  return { server: { host: '127.0.0.1', port }, asked, tcp: () => connections };
}

/** Time that passes by itself for timers, and by hand for TTLs. */
function clockOf(start = 1_000_000): { clock: ResolverOptions['clock']; skip(ms: number): void } {
  let now = start;
  return {
    clock: {
      now: () => now,
      after(ms, then) {
        const timer = setTimeout(then, ms);
        return () => clearTimeout(timer);
      },
    },
    skip: (ms) => {
      now += ms;
    },
  };
}

const resolverFor = (servers: readonly DnsServer[], more: Partial<ResolverOptions> = {}): DnsResolver =>
  new DnsResolver({ clock: clockOf().clock, dice: seededDice('dns'), servers, timeoutMs: 1_000, rounds: 1, ...more });

test('every kind of question is answered in the words of the port', async (context) => {
  const { server } = await fake(context);
  const dns = resolverFor([server]);
  assert.deepEqual(await dns.mx('Example.TEST.'), {
    found: 'records',
    records: [
      { preference: 10, exchange: 'mail.example.test' },
      { preference: 20, exchange: 'backup.example.test' },
    ],
    secure: false,
  });
  assert.deepEqual(await dns.a('www.example.test'), { found: 'records', records: ['127.0.0.1'], secure: false });
  assert.deepEqual(await dns.aaaa('mail.example.test'), { found: 'records', records: ['::1'], secure: false });
  assert.deepEqual(await dns.txt('example.test'), { found: 'records', records: ['v=spf1 mx -all'], secure: false });
  assert.deepEqual(await dns.txt('utf8.example.test'), { found: 'records', records: ['grün'], secure: false });
  assert.deepEqual(await dns.ptr('192.0.2.1'), { found: 'records', records: ['mail.example.test'], secure: false });
  const tlsa = await dns.tlsa('_25._tcp.mail.example.test');
  assert.ok(tlsa.found === 'records' && tlsa.records[0]?.usage === 3 && tlsa.records[0].data.length === 32);
  assert.deepEqual(await dns.a('nothing.example.test'), { found: 'none', nameExists: false, secure: false });
  assert.deepEqual(await dns.a('example.test'), { found: 'none', nameExists: true, secure: false });
  assert.deepEqual(await dns.a('localhost'), { found: 'records', records: ['127.0.0.1'], secure: false });
});

test('names that are none are not asked for', async (context) => {
  const { server, asked } = await fake(context);
  const dns = resolverFor([server]);
  for (const name of ['a..b', 'x'.repeat(70), `${'a.'.repeat(200)}b`])
    assert.deepEqual(await dns.a(name), { found: 'none', nameExists: false, secure: false });
  assert.deepEqual(await dns.ptr('not an address'), { found: 'none', nameExists: false, secure: false });
  assert.deepEqual(asked, []);
});

test('an answer that does not fit is fetched over TCP', async (context) => {
  const { server, tcp } = await fake(context);
  const answer = await resolverFor([server]).txt('big.example.test');
  assert.ok(answer.found === 'records' && answer.records.length === 60);
  assert.equal(tcp(), 1);
  const cut = await fake(context, (query) => {
    const whole = encodeMessage({ ...zones.answer(query), truncated: true });
    return [whole.subarray(0, whole.length - 3)];
  });
  assert.equal((await resolverFor([cut.server]).txt('example.test')).found, 'records');
});

test('answers are kept for their TTL, a no as long as the SOA says', async (context) => {
  const { server, asked } = await fake(context);
  const { clock, skip } = clockOf();
  const dns = resolverFor([server], { clock });
  const count = async (ask: () => Promise<unknown>): Promise<number> => {
    await ask();
    return asked.length;
  };
  assert.equal(await count(() => dns.a('www.example.test')), 1);
  assert.equal(await count(() => dns.a('WWW.example.test')), 1);
  skip(6_999);
  assert.equal(await count(() => dns.a('www.example.test')), 1);
  skip(1);
  assert.equal(await count(() => dns.a('www.example.test')), 2);
  assert.equal(await count(() => dns.a('nothing.example.test')), 3);
  skip(59_000);
  assert.equal(await count(() => dns.a('nothing.example.test')), 3);
  skip(1_000);
  assert.equal(await count(() => dns.a('nothing.example.test')), 4);
  dns.forget();
  assert.equal(await count(() => dns.a('nothing.example.test')), 5);
});

test('equal questions are asked once', async (context) => {
  const { server, asked } = await fake(context);
  const dns = resolverFor([server], { timeoutMs: 5_000 });
  await Promise.all(Array.from({ length: 20 }, () => dns.mx('example.test')));
  assert.equal(asked.length, 1);
  await Promise.all(Array.from({ length: 400 }, (_, at) => dns.a(`n${at}.example.test`)));
  assert.equal(asked.length, 401);
});

test('failures are told apart from answers, and the next server is asked', async (context) => {
  const refusing = await fake(context, (query) => [encodeMessage({ ...zones.answer(query), rcode: RCODE.SERVFAIL, answers: [] })]);
  const silent = await fake(context, () => []);
  const good = await fake(context);
  const failed = await resolverFor([refusing.server]).a('mail.example.test');
  assert.deepEqual(failed, { found: 'failed', why: '127.0.0.1: SERVFAIL' });
  const timeout = await resolverFor([silent.server], { rounds: 2, timeoutMs: 20 }).a('mail.example.test');
  assert.deepEqual(timeout, { found: 'failed', why: '127.0.0.1: timeout' });
  assert.equal(silent.asked.length, 2);
  assert.equal((await resolverFor([refusing.server, good.server]).a('mail.example.test')).found, 'records');
  assert.deepEqual(await resolverFor([]).a('mail.example.test'), { found: 'failed', why: 'no DNS server is configured' });
  // Nobody listens there: told at once by ICMP, or not at all.
  const closed = await resolverFor([{ host: '127.0.0.1', port: 1 }]).a('mail.example.test');
  assert.equal(closed.found, 'failed');
});

test('only the answer to our own question is believed', async (context) => {
  const evil = (query: DnsMessage): DnsMessage => ({
    ...zones.answer(query),
    answers: [{ name: 'mail.example.test', class: 1, ttl: 300, data: { type: 'A', address: '6.6.6.6' } }],
  });
  const guessing = await fake(context, (query) => [
    encodeMessage({ ...evil(query), id: query.id ^ 1 }),
    encodeMessage({ ...evil(query), isResponse: false }),
    encodeMessage({ ...evil(query), questions: [{ name: 'other.test', type: 'A', class: 1 }] }),
    Buffer.from('nonsense'),
    ...fromZones(query, Buffer.alloc(0)),
  ]);
  assert.deepEqual(await resolverFor([guessing.server]).a('mail.example.test'), {
    found: 'records',
    records: ['127.0.0.1'],
    secure: false,
  });
  // Records for names that were not asked are not used.
  const gifts = await fake(context, (query) => [
    encodeMessage({ ...evil(query), answers: [{ name: 'bank.test', class: 1, ttl: 9, data: { type: 'A', address: '6.6.6.6' } }] }),
  ]);
  assert.deepEqual(await resolverFor([gifts.server]).a('mail.example.test'), { found: 'none', nameExists: true, secure: false });
  const flood = await fake(context, (query) => Array.from({ length: 80 }, () => encodeMessage({ ...evil(query), id: query.id ^ 1 })));
  const flooded = await resolverFor([flood.server], { timeoutMs: 500 }).a('mail.example.test');
  assert.deepEqual(flooded, { found: 'failed', why: '127.0.0.1: too many answers that are not ours' });
});

test('a server without EDNS is asked again in plain', async (context) => {
  const old = await fake(context, (query) => [
    encodeMessage(
      query.edns === null ? zones.answer(query) : { ...query, isResponse: true, rcode: RCODE.FORMERR, questions: [], edns: null },
    ),
  ]);
  assert.equal((await resolverFor([old.server]).a('mail.example.test')).found, 'records');
});

test('AD counts on the way inside this machine, or when told so', async (context) => {
  const validating = await fake(context, (query) => [encodeMessage({ ...zones.answer(query), authenticData: true })]);
  const ask = async (more: Partial<ResolverOptions>): Promise<boolean> => {
    const answer = await resolverFor([validating.server], more).a('mail.example.test');
    return answer.found === 'records' && answer.secure;
  };
  assert.equal(await ask({}), true);
  assert.equal(await ask({ trustsAuthenticData: false }), false);
});

test('an asker may leave; the others still get the answer', async (context) => {
  const { server } = await fake(context);
  const dns = resolverFor([server]);
  const leaving = new AbortController();
  const [first, second] = [dns.a('mail.example.test', leaving.signal), dns.a('mail.example.test')];
  leaving.abort();
  assert.deepEqual(await first, { found: 'failed', why: 'aborted' });
  assert.equal((await second).found, 'records');
  assert.deepEqual(await dns.a('mail.example.test', AbortSignal.abort()), { found: 'failed', why: 'aborted' });
});

test('a TCP server that answers nonsense or closes is a failure', async (context) => {
  const nonsense = await fake(context, fromZones, () => Buffer.from('nonsense'));
  assert.equal((await resolverFor([nonsense.server]).txt('big.example.test')).found, 'failed');
  const other = await fake(context, fromZones, (query) => encodeMessage({ ...zones.answer(query), id: query.id ^ 1 }));
  assert.equal((await resolverFor([other.server]).txt('big.example.test')).found, 'failed');
});

test('a socket serves a few questions and is then replaced', async (context) => {
  const ports = new Set<number>();
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  context.after(() => socket.close());
  socket.on('message', (bytes, from) => {
    ports.add(from.port);
    const query = decodeMessage(bytes);
    if (query.ok) socket.send(encodeMessage(zones.answer(query.value)), from.port);
  });
  const dns = resolverFor([{ host: '127.0.0.1', port: socket.address().port }]);
  context.after(() => dns.close());
  for (let round = 0; round < 60; round++) await Promise.all(Array.from({ length: 20 }, (_, at) => dns.a(`n${round}-${at}.example.test`)));
  assert.ok(ports.size >= 18 && ports.size <= 60, `${ports.size} ports for 1200 questions`);
});

test('the cache is bounded by number and by weight', () => {
  const clock = fakeClock(0);
  const cache = new TtlCache<number>(clock, { entries: 3, weight: 100 });
  const put = (key: string, weight = 10, ttlMs = 1000): void => cache.put(key, 1, { ttlMs, weight });
  for (const key of ['a', 'b', 'c']) put(key);
  cache.get('a');
  put('d');
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((key) => cache.get(key)),
    [1, undefined, 1, 1],
  );
  put('heavy', 90);
  assert.equal(cache.size, 2);
  put('too heavy', 101);
  put('no time', 1, 0);
  assert.deepEqual([cache.get('too heavy'), cache.get('no time')], [undefined, undefined]);
  clock.tick(1000);
  assert.equal(cache.get('heavy'), undefined);
});

test('the system writes its servers in three ways', () => {
  assert.deepEqual(systemServers(['192.0.2.53', '192.0.2.53:5353', '2001:db8::53', '[2001:db8::53]:5353', '[::1]']), [
    { host: '192.0.2.53', port: 53 },
    { host: '192.0.2.53', port: 5353 },
    { host: '2001:db8::53', port: 53 },
    { host: '2001:db8::53', port: 5353 },
    { host: '::1', port: 53 },
  ]);
});
