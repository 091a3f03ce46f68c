/** Who is believed to write for a domain, from answers in a table. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DnsAnswer, Resolver } from '../../core/ports/resolver.ts';
import { isProvenSender } from './proven-sender.ts';

const none = { found: 'none', nameExists: true, secure: false } as const;
const records = <T>(...list: T[]): DnsAnswer<T> => ({ found: 'records', records: list, secure: false });

function table(more: Partial<Resolver>): Resolver {
  const empty = async () => none;
  return { mx: empty, a: empty, aaaa: empty, txt: empty, ptr: empty, tlsa: empty, ...more };
}

test('a server that takes the domain’s mail may be answered; any other may not', async () => {
  const resolver = table({
    mx: async (domain) => (domain === 'far.test' ? records({ preference: 10, exchange: 'mx.far.test' }) : none),
    a: async (host) => (host === 'mx.far.test' ? records('198.51.100.7') : host === 'plain.test' ? records('198.51.100.8') : none),
    aaaa: async (host) => (host === 'mx.far.test' ? records('2001:db8::7') : none),
  });
  assert.equal(await isProvenSender(resolver, 'anna@far.test', '198.51.100.7'), true);
  assert.equal(await isProvenSender(resolver, 'anna@FAR.test', '2001:db8::7'), true);
  assert.equal(await isProvenSender(resolver, 'anna@far.test', '198.51.100.66'), false, 'forged');
  assert.equal(await isProvenSender(resolver, 'anna@plain.test', '198.51.100.8'), true, 'no MX: the domain’s own address');
  assert.equal(await isProvenSender(resolver, '', '198.51.100.7'), false);
  assert.equal(
    await isProvenSender(table({ mx: async () => ({ found: 'failed', why: 'timeout' }) }), 'anna@far.test', '198.51.100.7'),
    false,
  );
});
