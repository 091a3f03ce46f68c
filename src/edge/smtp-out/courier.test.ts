import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { seededDice } from '../../adapter/memory/dice.ts';
import type { Delivery, Errand, Fate, Route } from '../../core/ports/courier.ts';
import { Deadlines } from '../net/deadlines.ts';
import { selfSigned } from '../net/testdata/self-signed.ts';
import { type CourierOptions, SmtpCourier } from './courier.ts';
import { type Manners, type RudeServer, rudeServer } from './testdata/rude-server.ts';
import { type DnsTable, tableResolver } from './testdata/table-resolver.ts';

const CONTENT = Buffer.from('Subject: hi\r\n\r\n.dot\r\nbye\r\n');
const clock: CourierOptions['clock'] = {
  now: () => Date.now(),
  after(ms, then) {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
};

type Change = Partial<Omit<CourierOptions, 'route'>> & { dns?: DnsTable; mxPort?: number };
function courierFor(context: TestContext, { dns = {}, mxPort = 25, ...more }: Change = {}): SmtpCourier {
  const courier = new SmtpCourier({
    clock,
    name: 'us.test',
    deadlines: new Deadlines(10),
    onBug: (bug) => assert.fail(String(bug)),
    route: { resolver: tableResolver(dns), dice: seededDice('courier'), mxPort, isOurs: () => false, mayReach: () => true },
    ...more,
  });
  context.after(() => courier.close());
  return courier;
}

async function serverFor(context: TestContext, manners: Manners = {}, address?: string, port?: number): Promise<RudeServer> {
  const server = await rudeServer(manners, address, port);
  context.after(() => server.close());
  return server;
}

const fixed = (
  { host, port }: { host: string; port: number },
  tls: 'implicit' | 'required' | 'opportunistic' | 'none' = 'none',
): Route => ({ via: 'fixed', host, port, tls });

function errand(route: Route, to: readonly string[] = ['ben@example.test'], more: Partial<Errand> = {}): Errand {
  const recipients = to.map((address) => ({ address, notify: null, originalRecipient: null }));
  const envelope = { from: 'anna@example.org', recipients, returnContent: null, envelopeId: null, smtpUtf8: false, body: '7bit' as const };
  return { route, envelope, size: CONTENT.length, content: () => CONTENT, has8Bit: false, ...more };
}

const told = (fate: Fate | undefined): string => {
  if (fate === undefined) return 'nothing';
  if (fate.fate === 'sent') return `sent ${fate.reply.code}`;
  return [fate.fate, fate.stage, fate.reply?.code, fate.trouble].filter((part) => part !== undefined).join(' ');
};
const fates = (delivery: Delivery): string[] => delivery.fates.map(told);

test('a message arrives as it was, and the attempt is told word for word', async (context) => {
  const server = await serverFor(context);
  const delivery = await courierFor(context).deliver(errand(fixed(server)));
  assert.deepEqual(fates(delivery), ['sent 250']);
  assert.deepEqual(
    server.received.map(({ content }) => content),
    ['Subject: hi\r\n\r\n..dot\r\nbye\r\n'],
  );
  assert.deepEqual(server.received[0]?.lines, [
    'EHLO us.test',
    'MAIL FROM:<anna@example.org> SIZE=26',
    'RCPT TO:<ben@example.test>',
    'DATA',
  ]);
  const [attempt] = delivery.attempts;
  assert.deepEqual([attempt?.host, attempt?.peer?.ip, attempt?.peer?.port, attempt?.tls], ['127.0.0.1', '127.0.0.1', server.port, null]);
  assert.ok(attempt?.dialogue.includes('C: RCPT TO:<ben@example.test>') && attempt.dialogue.at(-1) === 'S: 250 2.0.0 taken');
});

test('each recipient has its own fate', async (context) => {
  const says = {
    'RCPT TO:<no@': '550 5.1.1 unknown\r\n',
    'RCPT TO:<busy@': '450 4.2.1 busy\r\n',
    'RCPT TO:<many@': '552 too many\r\n',
    'RCPT TO:<full@': '552 5.2.2 full\r\n',
  };
  const server = await serverFor(context, { says });
  const delivery = await courierFor(context).deliver(errand(fixed(server), ['a@x', 'no@x', 'busy@x', 'many@x', 'full@x']));
  assert.deepEqual(fates(delivery), ['sent 250', 'never rcpt 550', 'later rcpt 450', 'later rcpt 552', 'never rcpt 552']);
});

const resetsAtEhlo = (socket: Socket): void => {
  socket.write('220 x\r\n');
  socket.once('data', () => socket.resetAndDestroy());
};

/** One peer for each rudeness, and what becomes of the message. */
const RUDE: readonly [string, Manners, string][] = [
  ['refuses at the door', { says: { '': '554 5.7.1 blocked\r\n' } }, 'later greeting 554'],
  ['is busy', { says: { '': '421 busy\r\n' } }, 'later greeting 421'],
  ['speaks another protocol', { says: { '': 'SSH-2.0-x\r\n' } }, 'later greeting badReply'],
  ['closes at once', { instead: (socket) => socket.destroy() }, 'later greeting connectionLost'],
  ['resets', { instead: resetsAtEhlo }, 'later ehlo connectionLost'],
  ['never greets', { instead: () => {} }, 'later greeting timeout'],
  ['drips its greeting', { dripMs: 20, says: { '': `220 ${'x'.repeat(400)}\r\n` } }, 'later greeting timeout'],
  ['talks without end', { instead: (socket) => socket.write('220-x\r\n'.repeat(50_000)) }, 'later greeting badReply'],
  ['never ends a line', { instead: (socket) => socket.write('2'.repeat(100_000)) }, 'later greeting badReply'],
  ['refuses EHLO and HELO', { says: { EHLO: '500 no\r\n', HELO: '500 no\r\n' } }, 'later ehlo 500'],
  ['hangs up at EHLO', { hangsUpAt: 'EHLO' }, 'later ehlo connectionLost'],
  ['hangs up at MAIL', { hangsUpAt: 'MAIL' }, 'later mail connectionLost'],
  ['hangs up at RCPT', { hangsUpAt: 'RCPT', extensions: [] }, 'later rcpt connectionLost'],
  ['hangs up after the content', { hangsUpAt: '.' }, 'later content connectionLost'],
  ['is silent after the content', { says: { '.': '' } }, 'later content timeout'],
  ['is silent at MAIL', { says: { MAIL: '' }, extensions: [] }, 'later mail timeout'],
  ['refuses the sender', { says: { MAIL: '553 5.1.8 who\r\n' } }, 'never mail 553'],
  ['greylists', { says: { RCPT: '451 4.7.1 come back\r\n', DATA: '503 no\r\n' } }, 'later rcpt 451'],
  ['refuses DATA', { says: { DATA: '554 no\r\n' } }, 'never data 554'],
  ['refuses the content', { says: { '.': '550 5.7.1 spam\r\n' } }, 'never content 550'],
  ['answers DATA with 250', { says: { DATA: '250 ok\r\n' } }, 'later mail badReply'],
  ['answers nonsense', { says: { '.': 'ok\r\n' } }, 'later content badReply'],
  ['sends more than was asked', { says: { '': '220 x\r\n250 y\r\n250 z\r\n250 extra\r\n' } }, 'later mail badReply'],
  ['has a small limit', { extensions: ['SIZE 10'] }, 'never mail tooBig'],
  ['knows only HELO', { says: { EHLO: '500 what\r\n' } }, 'sent 250'],
  ['talks slowly but talks', { dripMs: 1 }, 'sent 250'],
];
const QUICK = { greeting: 300, ehlo: 400, mail: 300, rcpt: 300, data: 300, content: 300, handshake: 300, connect: 1_000, quit: 100 };

test('rude servers, one for each rudeness', async (context) => {
  const courier = courierFor(context, { timeouts: { ...QUICK, ehlo: 5_000 } });
  await Promise.all(
    RUDE.map(async ([what, manners, expected]) => {
      const server = await serverFor(context, manners);
      const delivery = await courier.deliver(errand(fixed(server)));
      assert.deepEqual(fates(delivery), [expected], what);
      assert.equal(delivery.attempts.length, 1, what);
    }),
  );
});

test('a host where nobody listens', async (context) => {
  const server = await rudeServer();
  await server.close();
  const delivery = await courierFor(context).deliver(errand(fixed(server)));
  assert.deepEqual(fates(delivery), ['later connect connectFailed']);
  assert.ok(delivery.attempts[0]?.dialogue[0]?.includes('ECONNREFUSED'));
});

test('connections are used again, and RSET cleans up', async (context) => {
  const server = await serverFor(context, { says: { 'RCPT TO:<no@': '550 no\r\n' } });
  const courier = courierFor(context);
  const results: string[] = [];
  for (const to of ['a@x', 'no@x', 'b@x', 'c@x']) results.push(...fates(await courier.deliver(errand(fixed(server), [to]))));
  assert.deepEqual(results, ['sent 250', 'never rcpt 550', 'sent 250', 'sent 250']);
  assert.deepEqual([server.connections(), courier.connections], [1, 1]);
  assert.equal(server.received.length, 3 + 1);
});

test('a kept connection is given up after its messages, its age, its idleness', async (context) => {
  const server = await serverFor(context);
  const few = courierFor(context, { reuse: { messages: 2 } });
  for (let count = 0; count < 4; count++) await few.deliver(errand(fixed(server)));
  assert.equal(server.connections(), 2);
  const old = courierFor(context, { reuse: { ageMs: 0 } });
  for (let count = 0; count < 2; count++) await old.deliver(errand(fixed(server)));
  assert.equal(server.connections(), 4);
  const lazy = courierFor(context, { timeouts: { idle: 30 } });
  await lazy.deliver(errand(fixed(server)));
  assert.equal(lazy.connections, 1);
  for (let wait = 0; wait < 100 && lazy.connections > 0; wait++) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(lazy.connections, 0);
});

test('a kept connection the other side has closed is replaced silently', async (context) => {
  const server = await serverFor(context, { messages: 1 });
  const courier = courierFor(context);
  for (let count = 0; count < 3; count++) {
    const delivery = await courier.deliver(errand(fixed(server)));
    assert.deepEqual([fates(delivery), delivery.attempts.length], [['sent 250'], 1]);
  }
  assert.equal(server.connections(), 3);
  // The goodbye crosses our next MAIL on the way.
  const crossing = await serverFor(context, { says: { 'MAIL FROM:<second': '421 idle too long\r\n' } });
  await courier.deliver(errand(fixed(crossing)));
  const delivery = await courier.deliver(
    errand(fixed(crossing), ['x@y'], { envelope: { ...errand(fixed(crossing)).envelope, from: 'second@x' } }),
  );
  assert.deepEqual([fates(delivery), crossing.connections()], [['later mail 421'], 2]);
});

const MX_DNS = (first: string, second: string): DnsTable => ({
  'MX example.test': ['10 one.test', '20 two.test'],
  'A one.test': [first],
  'A two.test': [second],
});

/** Two servers on one port, on two addresses of loopback. */
async function pair(context: TestContext, one: Manners, two: Manners): Promise<{ one: RudeServer; two: RudeServer; courier: SmtpCourier }> {
  const first = await serverFor(context, one, '127.0.0.1');
  const second = await serverFor(context, two, '127.0.0.2', first.port);
  return {
    one: first,
    two: second,
    courier: courierFor(context, { dns: MX_DNS('127.0.0.1', '127.0.0.2'), mxPort: first.port, timeouts: QUICK }),
  };
}
const toExample = (to?: readonly string[], more?: Partial<Errand>): Errand => errand({ via: 'mx', domain: 'example.test' }, to, more);

test('when a server cannot, the next one is asked', async (context) => {
  const cases: [string, Manners, string, number][] = [
    ['refuses at the door', { says: { '': '554 no\r\n' } }, 'sent 250', 2],
    ['hangs up at MAIL', { hangsUpAt: 'MAIL' }, 'sent 250', 2],
    ['is out of room', { says: { MAIL: '452 4.3.1 full\r\n' } }, 'sent 250', 2],
    ['closes', { says: { MAIL: '421 closing\r\n' } }, 'sent 250', 2],
    ['does not know the recipient', { says: { RCPT: '550 5.1.1 no\r\n' } }, 'never rcpt 550', 1],
    ['greylists', { says: { RCPT: '450 4.7.1 later\r\n' } }, 'later rcpt 450', 1],
    ['may have taken it', { hangsUpAt: '.' }, 'later content connectionLost', 1],
    ['has a small limit', { extensions: ['SIZE 10'] }, 'sent 250', 2],
  ];
  for (const [what, manners, expected, attempts] of cases) {
    const { courier } = await pair(context, manners, {});
    const delivery = await courier.deliver(toExample());
    assert.deepEqual([fates(delivery), delivery.attempts.length], [[expected], attempts], what);
  }
});

test('only those undecided are carried on', async (context) => {
  const { courier, two } = await pair(context, { says: { 'RCPT TO:<later@': '452 4.3.1 full\r\n', 'RCPT TO:<no@': '550 no\r\n' } }, {});
  const delivery = await courier.deliver(toExample(['a@x', 'later@x', 'no@x']));
  assert.deepEqual(fates(delivery), ['sent 250', 'sent 250', 'never rcpt 550']);
  assert.deepEqual(
    two.received[0]?.lines.filter((line) => line.startsWith('RCPT')),
    ['RCPT TO:<later@x>'],
  );
});

test('an address that did not answer is tried last for a while', async (context) => {
  const { one, courier } = await pair(context, {}, {});
  await one.close();
  const attempts: number[] = [];
  for (let count = 0; count < 2; count++) attempts.push((await courier.deliver(toExample())).attempts.length);
  assert.deepEqual(attempts, [2, 1]);
});

test('the DNS decides before anybody is called', async (context) => {
  const courier = courierFor(context, { dns: { 'MX gone.test': 'nothing', 'MX null.test': ['0 '], 'MX shaky.test': 'fails' } });
  const ask = async (domain: string): Promise<unknown> => {
    const delivery = await courier.deliver(errand({ via: 'mx', domain }, ['a@x', 'b@x']));
    return [delivery.attempts.length, ...fates(delivery), delivery.fates[0]?.host];
  };
  assert.deepEqual(await ask('gone.test'), [0, 'never connect noSuchDomain', 'never connect noSuchDomain', 'gone.test']);
  assert.deepEqual(await ask('null.test'), [0, 'never connect nullMx', 'never connect nullMx', 'null.test']);
  assert.deepEqual(await ask('shaky.test'), [0, 'later connect dnsFailed', 'later connect dnsFailed', 'shaky.test']);
});

const certificate = selfSigned('mail.test');

test('opportunistic TLS: any certificate, told as it is', async (context) => {
  const server = await serverFor(context, { tls: certificate });
  const dns = { 'A mail.test': ['127.0.0.1'] };
  const route = fixed({ host: 'mail.test', port: server.port }, 'opportunistic');
  const delivery = await courierFor(context, { dns }).deliver(errand(route));
  assert.ok(delivery.fates[0]?.fate === 'sent' && server.received[0]?.isSecure === true);
  assert.deepEqual({ ...delivery.attempts[0]?.tls, cipher: '' }, { protocol: 'TLSv1.3', cipher: '', proven: 'none', subject: 'mail.test' });
  const known = await courierFor(context, { dns, authorities: [certificate.pem] }).deliver(errand(route));
  assert.equal(known.attempts[0]?.tls?.proven, 'ca');
});

test('opportunistic TLS that breaks falls back to a fresh connection in clear, and is not asked again for a while', async (context) => {
  // Says go and then talks nonsense instead of a handshake.
  const server = await serverFor(context, { says: { EHLO: '250-x\r\n250 STARTTLS\r\n', STARTTLS: '220 go\r\n' } });
  const courier = courierFor(context, { timeouts: QUICK });
  const first = await courier.deliver(errand(fixed(server, 'opportunistic')));
  assert.deepEqual([fates(first), first.attempts.length, first.attempts.map(({ tls }) => tls)], [['sent 250'], 2, [null, null]]);
  assert.ok(first.attempts[0]?.dialogue.at(-1)?.startsWith('-- tlsFailed'));
  const second = await courier.deliver(errand(fixed(server, 'opportunistic')));
  assert.deepEqual([fates(second), second.attempts.length], [['sent 250'], 1]);
  const refusing = await serverFor(context, { tls: certificate, says: { STARTTLS: '454 not now\r\n' } });
  assert.deepEqual(fates(await courier.deliver(errand(fixed(refusing, 'opportunistic')))), ['sent 250']);
});

test('required TLS is proven or nothing is sent', async (context) => {
  const dns = { 'A mail.test': ['127.0.0.1'], 'A other.test': ['127.0.0.1'] };
  const server = await serverFor(context, { tls: certificate });
  const plain = await serverFor(context);
  const trusting = courierFor(context, { dns, authorities: [certificate.pem] });
  const ask = async (courier: SmtpCourier, host: string, port: number): Promise<string[]> =>
    fates(await courier.deliver(errand(fixed({ host, port }, 'required'))));
  assert.deepEqual(await ask(trusting, 'mail.test', server.port), ['sent 250']);
  assert.deepEqual(await ask(trusting, 'other.test', server.port), ['later starttls tlsNotProven']);
  assert.deepEqual(await ask(courierFor(context, { dns }), 'mail.test', server.port), ['later starttls tlsNotProven']);
  assert.deepEqual(await ask(trusting, 'mail.test', plain.port), ['later starttls tlsFailed']);
  assert.deepEqual([server.received.length, plain.received.length], [1, 0]);
});

test('a smarthost: implicit TLS and a password that is never shown', async (context) => {
  const dns = { 'A mail.test': ['127.0.0.1'] };
  const server = await serverFor(context, { tls: certificate, isImplicit: true });
  const route: Route = {
    via: 'smarthost',
    host: 'mail.test',
    port: server.port,
    tls: 'implicit',
    auth: { user: 'us', password: 'geheim' },
  };
  const courier = courierFor(context, { dns, authorities: [certificate.pem] });
  const delivery = await courier.deliver(errand(route));
  assert.deepEqual(fates(delivery), ['sent 250']);
  assert.ok(server.received[0]?.lines.includes(`AUTH PLAIN ${Buffer.from('\0us\0geheim').toString('base64')}`));
  assert.ok(delivery.attempts[0]?.dialogue.includes('C: AUTH PLAIN ***'));
  const refusing = await serverFor(context, { tls: certificate, isImplicit: true, says: { AUTH: '535 5.7.8 no\r\n' } });
  assert.deepEqual(fates(await courier.deliver(errand({ ...route, port: refusing.port }))), ['later auth 535']);
  const clear = await serverFor(context);
  assert.deepEqual(fates(await courier.deliver(errand({ ...route, tls: 'opportunistic', port: clear.port }))), [
    'later starttls tlsFailed',
  ]);
  assert.ok(clear.received.length === 0);
});

test('a smarthost with an authority of its own: that one is believed, and no other', async (context) => {
  const dns = { 'A mail.test': ['127.0.0.1'] };
  const stranger = selfSigned('mail.test');
  const server = await serverFor(context, { tls: certificate });
  const implicit = await serverFor(context, { tls: certificate, isImplicit: true });
  // The house believes this certificate by itself: what the route names stands instead of that.
  const courier = courierFor(context, { dns, authorities: [certificate.pem] });
  const ask = async (tls: 'required' | 'implicit', ca?: string): Promise<string[]> => {
    const { port } = tls === 'implicit' ? implicit : server;
    const route: Route = { via: 'smarthost', host: 'mail.test', port, tls, ...(ca === undefined ? {} : { ca }) };
    return fates(await courier.deliver(errand(route)));
  };
  assert.deepEqual(await ask('required', stranger.pem), ['later starttls tlsNotProven']);
  assert.deepEqual(await ask('implicit', stranger.pem), ['later greeting tlsNotProven']);
  assert.deepEqual([server.received.length, implicit.received.length], [0, 0]);
  assert.deepEqual(await ask('required', certificate.pem), ['sent 250']);
  assert.deepEqual(await ask('implicit', stranger.pem + certificate.pem), ['sent 250']);
  // The connection that is kept was proven by somebody else: it does not serve.
  const [before, kept] = [server.connections(), server.open()];
  assert.equal(kept, 1);
  assert.deepEqual(await ask('required', stranger.pem), ['later starttls tlsNotProven']);
  assert.deepEqual([server.connections(), server.received.length], [before + 1, 1]);
  assert.deepEqual(await ask('required', certificate.pem), ['sent 250']);
  assert.equal(server.connections(), before + 1);
  assert.deepEqual(await ask('required'), ['sent 250']);
});

test('large content is streamed, and a source that fails sends nothing', async (context) => {
  const server = await serverFor(context);
  const courier = courierFor(context);
  const line = Buffer.from(`${'x'.repeat(76)}\r\n`);
  const block = Buffer.concat(Array.from({ length: 500 }, () => line));
  async function* blocks(failsAfter = Number.POSITIVE_INFINITY): AsyncGenerator<Uint8Array> {
    for (let count = 0; count < 40; count++) {
      if (count === failsAfter) throw new Error('the disk is gone');
      yield block;
    }
  }
  assert.deepEqual(fates(await courier.deliver(errand(fixed(server), ['a@x'], { content: () => blocks() }))), ['sent 250']);
  assert.equal(server.received[0]?.content.length, 40 * block.length);
  const whole = Buffer.concat(Array.from({ length: 20 }, () => block));
  assert.deepEqual(fates(await courier.deliver(errand(fixed(server), ['a@x'], { content: () => whole }))), ['sent 250']);
  assert.equal(server.received[1]?.content, whole.toString('latin1'));
  assert.deepEqual(fates(await courier.deliver(errand(fixed(server), ['a@x'], { content: () => blocks(3) }))), [
    'later content contentLost',
  ]);
  const broken = (): Uint8Array => {
    throw new Error('no such body');
  };
  assert.deepEqual(fates(await courier.deliver(errand(fixed(server), ['a@x'], { content: broken }))), ['later content contentLost']);
  assert.deepEqual(fates(await courier.deliver(errand(fixed(server), ['a@x'], { content: () => Buffer.from('a\nb\r\n') }))), [
    'never content badContent',
  ]);
  assert.equal(server.received.length, 2);
});

test('a server that stops reading is left after its deadline', async (context) => {
  const stuck = await serverFor(context, {
    instead(socket) {
      socket.write('220 x\r\n');
      socket.once('data', () => {
        socket.write('250-x\r\n250 PIPELINING\r\n');
        socket.once('data', () => {
          socket.write('250 ok\r\n250 ok\r\n354 go\r\n');
          socket.pause();
        });
      });
    },
  });
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) yield Buffer.from('x\r\n'.repeat(30_000));
  }
  const delivery = await courierFor(context, { timeouts: { block: 200 } }).deliver(errand(fixed(stuck), ['a@x'], { content: endless }));
  assert.deepEqual(fates(delivery), ['later content timeout']);
});

test('hundreds of recipients go in groups', async (context) => {
  const server = await serverFor(context);
  const delivery = await courierFor(context).deliver(
    errand(
      fixed(server),
      Array.from({ length: 250 }, (_, at) => `a${at}@x`),
    ),
  );
  assert.ok(delivery.fates.length === 250 && delivery.fates.every(({ fate }) => fate === 'sent'));
  assert.deepEqual(
    server.received.map(({ lines }) => lines.filter((line) => line.startsWith('RCPT')).length),
    [100, 100, 50],
  );
  assert.equal(server.connections(), 1);
});

test('parameters of the envelope are handed on', async (context) => {
  const server = await serverFor(context);
  const recipients = [
    { address: 'b@x', notify: { never: false, success: true, failure: true, delay: false }, originalRecipient: 'rfc822;b+c@x' },
    { address: 'c@x', notify: { never: true, success: false, failure: false, delay: false }, originalRecipient: null },
  ];
  const envelope = {
    from: 'a@x',
    recipients,
    returnContent: 'headers' as const,
    envelopeId: 'id 1',
    smtpUtf8: true,
    body: '8bitmime' as const,
  };
  await courierFor(context).deliver({ ...errand(fixed(server)), envelope, has8Bit: true });
  assert.deepEqual(server.received[0]?.lines.slice(1, 4), [
    'MAIL FROM:<a@x> SIZE=26 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=id+201',
    'RCPT TO:<b@x> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;b+2Bc@x',
    'RCPT TO:<c@x> NOTIFY=NEVER',
  ]);
  const ascii = await courierFor(context).deliver({
    ...errand(fixed(await serverFor(context, { extensions: [] }))),
    envelope,
    has8Bit: false,
  });
  assert.deepEqual(fates(ascii), ['sent 250', 'sent 250']);
  const utf8 = await courierFor(context).deliver({
    ...errand(fixed(await serverFor(context, { extensions: [] }))),
    envelope,
    has8Bit: true,
  });
  assert.deepEqual(fates(utf8), ['never mail needsUtf8', 'never mail needsUtf8']);
});

test('a delivery can be called off', async (context) => {
  const silent = await serverFor(context, { says: { MAIL: '' }, extensions: [] });
  const courier = courierFor(context);
  const calling = new AbortController();
  const delivery = courier.deliver(errand(fixed(silent), ['a@x'], { signal: calling.signal }));
  setTimeout(() => calling.abort(), 50);
  assert.deepEqual(fates(await delivery), ['later mail cancelled']);
  assert.deepEqual(fates(await courier.deliver(errand(fixed(silent), ['a@x'], { signal: AbortSignal.abort() }))), [
    'later connect cancelled',
  ]);
});

test('closing says goodbye to what is idle', async (context) => {
  const server = await serverFor(context);
  const courier = courierFor(context);
  await courier.deliver(errand(fixed(server)));
  await courier.close();
  assert.equal(courier.connections, 0);
  assert.deepEqual(fates(await courier.deliver(errand(fixed(server)))), ['later connect cancelled']);
});

test('many messages at once share few connections', async (context) => {
  const server = await serverFor(context, { forgets: true });
  const courier = courierFor(context, { reuse: { messages: 1_000 } });
  let left = 400;
  const worker = async (): Promise<void> => {
    while (left-- > 0) assert.equal((await courier.deliver(errand(fixed(server)))).fates[0]?.fate, 'sent');
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  assert.ok(server.connections() <= 8);
});
