import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SaslAction, SaslContext, SaslExchange, ScramCredentials } from './exchange.ts';
import { ScramExchange } from './scram.ts';
import { scramKeysOf } from './scram-keys.ts';
import { ScramClient, type ScramClientOptions } from './testdata/scram-client.ts';

const EXPORTER = Buffer.alloc(32, 7);
const END_POINT = Buffer.alloc(32, 9);
const noBinding: SaslContext = { nonce: 'server-nonce', channelBinding: () => undefined };
const withBinding: SaslContext = {
  nonce: 'server-nonce',
  channelBinding: (type) => (type === 'tls-exporter' ? EXPORTER : type === 'tls-server-end-point' ? END_POINT : undefined),
};

function credentialsOf(...passwords: readonly string[]): ScramCredentials {
  const salt = Buffer.from('0123456789abcdef');
  const credentials = passwords.map((password) => {
    const keys = scramKeysOf(password, salt, 4_096);
    assert.ok(keys.ok);
    return keys.value;
  });
  return { salt, iterations: 4_096, credentials };
}
const CREDENTIALS = credentialsOf('first app password', 'pencil');

const bytes = (text: string): Buffer => Buffer.from(text);
const textOf = (action: SaslAction): string => (action.do === 'challenge' ? action.data.toString() : JSON.stringify(action));

/** The whole conversation; where it ended. */
function converse(options: Partial<ScramClientOptions>, { context = noBinding, isPlus = false, known = CREDENTIALS } = {}): SaslAction {
  const client = new ScramClient({ login: 'user', password: 'pencil', ...options });
  const server = new ScramExchange(context, isPlus);
  const asked = server.receive(bytes(client.first()));
  if (asked.do !== 'needScram') return asked;
  const final = server.receive(bytes(client.final(textOf(server.supply(known)))));
  if (final.do !== 'challenge') return final;
  assert.equal(client.trusts(final.data.toString()), true, 'the client knows the server by its signature');
  return server.receive(Buffer.alloc(0));
}

describe('SCRAM-SHA-256', () => {
  test('the example of RFC 7677 §3, octet for octet', () => {
    const server = new ScramExchange({ nonce: '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0', channelBinding: () => undefined }, false);
    const asked = server.receive(bytes('n,,n=user,r=rOprNGfwEbeRWgbNEkqO'));
    assert.deepEqual(asked, { do: 'needScram', login: 'user', actAs: undefined });
    const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
    const keys = scramKeysOf('pencil', salt, 4_096);
    assert.ok(keys.ok);
    const first = server.supply({ salt, iterations: 4_096, credentials: [keys.value] });
    assert.equal(textOf(first), 'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096');
    const final = server.receive(
      bytes('c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ='),
    );
    assert.equal(textOf(final), 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=');
    assert.deepEqual(server.receive(Buffer.alloc(0)), { do: 'proved', login: 'user', actAs: undefined, credential: 0 });
  });

  test('the proof is tried on each password, and it is told which fitted', () => {
    assert.deepEqual(converse({ password: 'first app password' }), { do: 'proved', login: 'user', actAs: undefined, credential: 0 });
    assert.deepEqual(converse({}), { do: 'proved', login: 'user', actAs: undefined, credential: 1 });
  });

  test('a wrong password, and a name nobody has, fail alike and at the same step', () => {
    assert.deepEqual(converse({ password: 'pencils' }), { do: 'failed', why: 'wrongProof' });
    assert.deepEqual(converse({}, { known: { ...CREDENTIALS, credentials: [] } }), { do: 'failed', why: 'wrongProof' });
  });

  test('names may hold commas, equals signs and letters of the world; acting for another is told', () => {
    assert.deepEqual(converse({ login: 'a=b,c' }), { do: 'proved', login: 'a=b,c', actAs: undefined, credential: 1 });
    assert.deepEqual(converse({ login: 'ﬁvé' }), { do: 'proved', login: 'fivé', actAs: undefined, credential: 1 });
    assert.deepEqual(converse({ actAs: 'shared@x.example' }), { do: 'proved', login: 'user', actAs: 'shared@x.example', credential: 1 });
    assert.deepEqual(converse({ actAs: 'user' }), { do: 'proved', login: 'user', actAs: undefined, credential: 1 });
  });

  test('without an initial response the challenge is empty', () => {
    const server = new ScramExchange(noBinding, false);
    assert.equal(textOf(server.receive(undefined)), '');
    assert.equal(server.receive(bytes('n,,n=user,r=abc')).do, 'needScram');
  });

  const malformed = [
    '',
    'n',
    'n,,',
    'x,,n=user,r=abc',
    'n,n=user,r=abc',
    'n,,r=abc,n=user',
    'n,,n=,r=abc',
    'n,,n=user',
    'n,,n=user,r=',
    'n,,n=us=er,r=abc',
    'n,,n=us=2cer,r=abc',
    'n,b=x,n=user,r=abc',
    'n,,m=ext,n=user,r=abc',
    'n,,n=us\0er,r=abc',
    'n,,n=us\u0007er,r=abc',
    'n,,n=user,r=a b',
    'p=,,n=user,r=abc',
    'p=tls exporter,,n=user,r=abc',
    'p=tls-exporter,,n=user,r=abc',
    `n,,n=user,r=${'x'.repeat(257)}`,
    `n,,n=${'x'.repeat(400)},r=abc`,
  ];
  for (const first of malformed) {
    test(`${JSON.stringify(first.slice(0, 40))} is refused`, () => {
      assert.deepEqual(new ScramExchange(noBinding, false).receive(bytes(first)), { do: 'failed', why: 'malformed' });
    });
  }

  test('what is not UTF-8 is refused', () => {
    assert.deepEqual(new ScramExchange(noBinding, false).receive(Buffer.from('n,,n=\xff,r=a', 'latin1')), {
      do: 'failed',
      why: 'malformed',
    });
  });

  const proof = Buffer.alloc(32).toString('base64');
  const finals: readonly (readonly [string, string])[] = [
    ['', 'malformed'],
    [`c=biws,r=abcserver-nonce`, 'malformed'],
    [`c=biws,r=abc,p=${proof}`, 'malformed'],
    [`c=biws,r=abcserver-nonceX,p=${proof}`, 'malformed'],
    [`c=biws,r=abcserver-nonce,p=AAAA`, 'malformed'],
    [`c=biws,r=abcserver-nonce,p=${proof}=`, 'malformed'],
    [`c=biw*,r=abcserver-nonce,p=${proof}`, 'malformed'],
    [`r=abcserver-nonce,c=biws,p=${proof}`, 'malformed'],
    [`c=eSws,r=abcserver-nonce,p=${proof}`, 'bindingMismatch'],
    [`c=,r=abcserver-nonce,p=${proof}`, 'bindingMismatch'],
    [`c=biws,r=abcserver-nonce,p=${proof}`, 'wrongProof'],
    [`c=biws,r=abcserver-nonce,x=ext,p=${proof}`, 'wrongProof'],
  ];
  for (const [final, why] of finals) {
    test(`the final message ${JSON.stringify(final.slice(0, 40))} fails: ${why}`, () => {
      const server = new ScramExchange(noBinding, false);
      server.receive(bytes('n,,n=user,r=abc'));
      server.supply(CREDENTIALS);
      assert.deepEqual(server.receive(bytes(final)), { do: 'failed', why });
    });
  }

  test('after our signature the client has nothing to add', () => {
    const client = new ScramClient({ login: 'user', password: 'pencil' });
    const server = new ScramExchange(noBinding, false);
    server.receive(bytes(client.first()));
    server.receive(bytes(client.final(textOf(server.supply(CREDENTIALS)))));
    assert.deepEqual(server.receive(bytes('x')), { do: 'failed', why: 'malformed' });
    assert.throws(() => (server as SaslExchange).receive(Buffer.alloc(0)));
  });
});

describe('SCRAM-SHA-256-PLUS', () => {
  test('binds to the TLS connection, by either type', () => {
    for (const [flag, binding] of [
      ['p=tls-exporter', EXPORTER],
      ['p=tls-server-end-point', END_POINT],
    ] as const) {
      assert.equal(converse({ flag, binding }, { context: withBinding, isPlus: true }).do, 'proved', flag);
    }
  });

  test('SECURITY: another TLS connection than ours is found out', () => {
    const ended = converse({ flag: 'p=tls-exporter', binding: Buffer.alloc(32, 8) }, { context: withBinding, isPlus: true });
    assert.deepEqual(ended, { do: 'failed', why: 'bindingMismatch' });
  });

  test('SECURITY: a client that was told we cannot bind, though we can, is warned', () => {
    assert.deepEqual(converse({ flag: 'y' }, { context: withBinding }), { do: 'failed', why: 'bindingDowngrade' });
    assert.equal(converse({ flag: 'y' }).do, 'proved');
    assert.equal(converse({ flag: 'n' }, { context: withBinding }).do, 'proved');
  });

  test('a type we do not have, or none, fails', () => {
    assert.deepEqual(converse({ flag: 'p=tls-unique' }, { context: withBinding, isPlus: true }), {
      do: 'failed',
      why: 'bindingUnsupported',
    });
    assert.deepEqual(converse({ flag: 'n' }, { context: withBinding, isPlus: true }), { do: 'failed', why: 'malformed' });
  });
});
