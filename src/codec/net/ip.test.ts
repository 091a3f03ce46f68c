import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatAddressLiteral, parseAddressLiteral } from './address-literal.ts';
import {
  formatIp,
  formatNetwork,
  type IpAddress,
  isInNetwork,
  isIp,
  neighbourhood,
  parseIp,
  parseNetwork,
  reverseName,
  unmapped,
} from './ip.ts';
import { isGlobal, isLoopback, isPrivate, scopeOf } from './ip-scope.ts';

const ip = (text: string): IpAddress => {
  const read = parseIp(text);
  assert.ok(read.ok, text);
  return read.value;
};

test('addresses are read and written in their one form (RFC 5952 §4)', () => {
  const cases: [string, string][] = [
    ['192.0.2.1', '192.0.2.1'],
    ['0.0.0.0', '0.0.0.0'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
  ];
  for (const [text, form] of cases) assert.equal(formatIp(ip(text)), form);
});

test('what is not an address is refused', () => {
  const bad =
    '1.2.3|1.2.3.4.5|256.1.1.1|01.2.3.4|1.2.3.4 |0x7f.1.1.1|127.1|:::|1::2::3|1:2:3:4:5:6:7|1:2:3:4:5:6:7:8:9|::12345|::1.2.3|1.2.3.4::|:1:2:3:4:5:6:7|::1%eth0|g::';
  for (const text of [...bad.split('|'), '', `${'1:'.repeat(100)}1`]) assert.equal(isIp(text), false, text);
});

test('scopes', () => {
  const table: Record<string, string> = {
    '127.0.0.1': 'loopback',
    '127.255.0.9': 'loopback',
    '10.1.2.3': 'private',
    '172.31.255.255': 'private',
    '172.32.0.0': 'global',
    '192.168.1.1': 'private',
    '100.64.0.1': 'private',
    '169.254.169.254': 'linkLocal',
    '0.0.0.0': 'unspecified',
    '0.1.2.3': 'reserved',
    '198.51.100.7': 'reserved',
    '224.0.0.1': 'multicast',
    '255.255.255.255': 'reserved',
    '8.8.8.8': 'global',
    '::1': 'loopback',
    '::': 'unspecified',
    '::ffff:127.0.0.1': 'loopback',
    '::ffff:8.8.8.8': 'global',
    'fe80::1': 'linkLocal',
    'fd00::1': 'private',
    'ff02::1': 'multicast',
    '2001:db8::1': 'reserved',
    '64:ff9b::7f00:1': 'reserved',
    '2a00:1450::1': 'global',
    '4000::1': 'reserved',
  };
  for (const [text, scope] of Object.entries(table)) assert.equal(scopeOf(ip(text)), scope, text);
  assert.ok(isLoopback('::1') && isPrivate('10.0.0.1') && isGlobal('9.9.9.9') && !isGlobal('nonsense'));
});

test('networks and neighbourhoods', () => {
  assert.equal(neighbourhood(ip('198.51.100.77')), '198.51.100.0/24');
  assert.equal(neighbourhood(ip('::ffff:198.51.100.77')), '198.51.100.0/24');
  assert.equal(neighbourhood(ip('2001:db8:1:2:3::4')), '2001:db8:1:2::/64');
  assert.equal(neighbourhood(ip('2001:db8:1:2:3::4'), { v6: 48 }), '2001:db8:1::/48');
  const net = parseNetwork('192.0.2.130/25');
  assert.ok(net.ok);
  assert.equal(formatNetwork(net.value), '192.0.2.128/25');
  assert.ok(isInNetwork(ip('192.0.2.255'), net.value) && !isInNetwork(ip('192.0.2.127'), net.value) && !isInNetwork(ip('::1'), net.value));
  const all = parseNetwork('0.0.0.0/0');
  assert.ok(all.ok && isInNetwork(ip('8.8.8.8'), all.value));
  for (const bad of ['192.0.2.0/33', '::/129', '1.2.3.4/', '1.2.3.4/a', '1.2.3/8']) assert.equal(parseNetwork(bad).ok, false, bad);
});

test('reverse names (RFC 1035 §3.5, RFC 3596 §2.5)', () => {
  assert.equal(reverseName(ip('192.0.2.1')), '1.2.0.192.in-addr.arpa');
  assert.equal(reverseName(ip('2001:db8::1')), `1.${'0.'.repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa`);
  assert.equal(formatIp(unmapped(ip('::ffff:1.2.3.4'))), '1.2.3.4');
});

test('address literals (RFC 5321 §4.1.3)', () => {
  for (const text of ['[192.0.2.1]', '[IPv6:2001:db8::1]', '[IPv6:::1]']) {
    const read = parseAddressLiteral(text);
    assert.ok(read.ok);
    assert.equal(formatAddressLiteral(read.value), text);
  }
  assert.ok(parseAddressLiteral('[ipv6:::1]').ok);
  for (const bad of ['192.0.2.1', '[::1]', '[IPv6:1.2.3.4]', '[]', '[1.2.3.4', '[X:1.2.3.4]'])
    assert.equal(parseAddressLiteral(bad).ok, false, bad);
});
