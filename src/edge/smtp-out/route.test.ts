import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededDice } from '../../adapter/memory/dice.ts';
import type { Route } from '../../core/ports/courier.ts';
import { candidates, inOrder, type RouteOptions, type RouteTrouble } from './route.ts';
import { type DnsTable, tableResolver } from './testdata/table-resolver.ts';

const DNS: DnsTable = {
  'MX a.test': ['20 second.test', '10 first.test'],
  'A first.test': ['192.0.2.1', '192.0.2.2', '192.0.2.3'],
  'AAAA first.test': ['2001:db8::1', '2001:db8::2'],
  'A second.test': ['192.0.2.9'],
  'A bare.test': ['192.0.2.20'],
  'MX gone.test': 'nothing',
  'MX unsure.test': 'fails',
  'MX null.test': ['0 '],
  'MX dot.test': ['0 .'],
  'MX half.test': ['0 ', '5 second.test'],
  'MX us.test': ['10 mail.us.test', '20 second.test'],
  'MX backup.test': ['10 first.test', '20 mail.us.test', '20 second.test', '30 second.test'],
  'MX homeless.test': ['10 nowhere.test'],
  'MX shaky.test': ['10 dark.test'],
  'A dark.test': 'fails',
  'MX shaky2.test': ['10 dark.test', '20 second.test'],
  'MX inside.test': ['10 inner.test'],
  'A inner.test': ['10.0.0.1', '127.0.0.1'],
  'MX mirror.test': ['10 mirror-mx.test'],
  'A mirror-mx.test': ['198.51.100.7'],
  'MX many.test': Array.from({ length: 30 }, (_, at) => `${at} second.test`).concat(
    Array.from({ length: 30 }, (_, at) => `${50 + at} h${at}.test`),
  ),
  'A fixed.test': ['10.0.0.5'],
  'A mail.us.test': ['198.51.100.7'],
};

const OPTIONS: RouteOptions = {
  resolver: tableResolver(DNS),
  dice: seededDice(1),
  mxPort: 25,
  isOurs: (name) => ['mail.us.test', 'own.test', '198.51.100.7'].includes(name),
  mayReach: (ip) => !ip.startsWith('10.') && !ip.startsWith('127.'),
};

async function all(route: Route, options: Partial<RouteOptions> = {}): Promise<{ list: string[]; trouble: RouteTrouble | undefined }> {
  const found = candidates(route, { ...OPTIONS, ...options });
  const list: string[] = [];
  for (let next = await found.next(); ; next = await found.next()) {
    if (next.done === true) return { list, trouble: next.value };
    list.push(`${next.value.host} ${next.value.ip} ${next.value.port}`);
  }
}
const mx = (domain: string, options?: Partial<RouteOptions>): ReturnType<typeof all> => all({ via: 'mx', domain }, options);

test('hosts by preference, families taking turns, addresses bounded', async () => {
  assert.deepEqual((await mx('a.test')).list, [
    'first.test 2001:db8::1 25',
    'first.test 192.0.2.1 25',
    'first.test 2001:db8::2 25',
    'first.test 192.0.2.2 25',
    'second.test 192.0.2.9 25',
  ]);
  assert.deepEqual((await mx('a.test', { families: [4] })).list[0], 'first.test 192.0.2.1 25');
  assert.deepEqual((await mx('bare.test')).list, ['bare.test 192.0.2.20 25']);
  assert.deepEqual((await mx('half.test')).list, ['second.test 192.0.2.9 25']);
  assert.deepEqual((await mx('[192.0.2.44]')).list, ['192.0.2.44 192.0.2.44 25']);
  assert.deepEqual((await mx('[IPv6:2001:db8::7]')).list, ['2001:db8::7 2001:db8::7 25']);
});

test('why there is no way', async () => {
  const cases: [string, RouteTrouble['fate'], string][] = [
    ['gone.test', 'never', 'noSuchDomain'],
    ['unsure.test', 'later', 'dnsFailed'],
    ['null.test', 'never', 'nullMx'],
    ['dot.test', 'never', 'nullMx'],
    ['us.test', 'never', 'loop'],
    ['own.test', 'never', 'loop'],
    ['mirror.test', 'never', 'loop'],
    ['homeless.test', 'later', 'noServer'],
    ['nothing-here.test', 'never', 'noServer'],
    ['shaky.test', 'later', 'dnsFailed'],
    ['inside.test', 'later', 'noServer'],
    ['[127.0.0.1]', 'never', 'noServer'],
    ['[198.51.100.7]', 'never', 'loop'],
  ];
  for (const [domain, fate, trouble] of cases) {
    const { list, trouble: found } = await mx(domain);
    assert.deepEqual([list, found?.fate, found?.trouble], [[], fate, trouble], domain);
  }
});

test('a backup that is us asks only better servers than itself', async () => {
  const { list } = await mx('backup.test');
  assert.ok(list.length === 4 && list.every((each) => each.startsWith('first.test')));
});

test('a host that cannot be looked up does not hide the others', async () => {
  assert.deepEqual((await mx('shaky2.test')).list, ['second.test 192.0.2.9 25']);
});

test('lists without end are bounded and hosts named twice asked once', async () => {
  assert.deepEqual((await mx('many.test')).list, ['second.test 192.0.2.9 25']);
});

test('fixed routes go where they were set, inside the network too', async () => {
  const fixed = (host: string): Route => ({ via: 'fixed', host, port: 2525, tls: 'none' });
  assert.deepEqual((await all(fixed('fixed.test'))).list, ['fixed.test 10.0.0.5 2525']);
  assert.deepEqual((await all(fixed('127.0.0.1'))).list, ['127.0.0.1 127.0.0.1 2525']);
  assert.deepEqual((await all(fixed('[::1]'))).list, ['[::1] ::1 2525']);
  assert.deepEqual((await all(fixed('mail.us.test'))).list, ['mail.us.test 198.51.100.7 2525']);
  assert.equal((await all(fixed('dark.test'))).trouble?.trouble, 'dnsFailed');
});

test('equals come in random order, never before their betters', () => {
  const records = [1, 1, 1, 5, 5, 0].map((preference, at) => ({ preference, exchange: `h${at}` }));
  const orders = new Set<string>();
  const dice = seededDice('mx');
  for (let round = 0; round < 60; round++) {
    const order = inOrder(records, dice);
    assert.deepEqual(
      order.map(({ preference }) => preference),
      [0, 1, 1, 1, 5, 5],
    );
    orders.add(order.map(({ exchange }) => exchange).join());
  }
  assert.equal(orders.size, 12);
});
