/** swaks: what administrators try a server with. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { needs, needsPart, run } from '../world/client-program.ts';
import { openWorld, type World } from '../world/world.ts';

const withoutTls = needsPart('Net::SSLeay of Perl', 'perl', '-MNet::SSLeay', '-e', '1');

describe('swaks', { skip: needs('swaks') }, () => {
  let world: World;
  before(async () => {
    world = await openWorld({ clock: 'system' });
  });
  after(() => world.close());

  const swaks = (door: Parameters<World['place']>[0], ...args: readonly string[]) =>
    run('swaks', [
      '--server',
      '127.0.0.1',
      '--port',
      String(world.place(door).port),
      '--helo',
      'mx.stranger.test',
      '--timeout',
      '15s',
      ...args,
    ]);

  test('brings mail to port 25, pipelined too, and is refused politely', async () => {
    const { emma } = world.people;
    for (const more of [[], ['--pipeline'], ['--ehlo', '[192.0.2.1]'], ['--protocol', 'SMTP']]) {
      const { code, out, err } = await swaks(
        'smtp',
        '--from',
        'kees@stranger.test',
        '--to',
        emma.address,
        '--header',
        'Subject: By swaks',
        ...more,
      );
      assert.equal(code, 0, out + err);
      assert.match(out, /^<[-~]\*?\s+250 2\.0\.0 Taken/m);
    }
    assert.equal((await emma.letters()).filter(({ raw }) => raw.includes('Subject: By swaks')).length, 4);
    const unknown = await swaks('smtp', '--from', 'kees@stranger.test', '--to', 'nobody@delinde.test');
    assert.equal(unknown.code, 24, unknown.out);
    const relay = await swaks('smtp', '--from', 'kees@stranger.test', '--to', 'x@elsewhere.test');
    assert.equal(relay.code, 24);
    const auth = await swaks(
      'smtp',
      '--auth',
      'PLAIN',
      '--auth-user',
      emma.address,
      '--auth-password',
      emma.password,
      '--to',
      emma.address,
    );
    assert.equal(auth.code, 28, 'port 25 never offers AUTH');
  });

  test('submission over TLS', { skip: withoutTls }, async () => {
    const { noor, emma } = world.people;
    const sign = ['--auth-user', noor.address, '--auth-password', noor.password, '--from', noor.address, '--to', emma.address];
    for (const [door, ...more] of [
      ['submission', '--tls', '--auth', 'PLAIN'],
      ['submission', '--tls', '--auth', 'LOGIN'],
      ['submissions', '--tlsc', '--auth', 'PLAIN'],
    ] as const) {
      const { code, out, err } = await swaks(door, ...more, ...sign);
      assert.equal(code, 0, out + err);
    }
    const other = await swaks('submissions', '--tlsc', ...sign, '--from', emma.address);
    assert.match(other.out, /550 5\.7\.1 You may only send with your own addresses/);
  });
});
