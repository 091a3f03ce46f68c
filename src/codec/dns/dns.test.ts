import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeMessage, type DnsMessage, encodeMessage, PLAIN_UDP_BYTES, question, RCODE } from './message.ts';
import { canonicalName, isName, NameWriter, readName } from './name.ts';
import { canonicalData, CLASS_IN, dataType, type RecordData, type ResourceRecord, type TypeName } from './record.ts';
import { formatRecordData, parseRecordData, splitString } from './record-text.ts';
import { Zones } from './zone.ts';

const data = (type: TypeName, text: string): RecordData => {
  const read = parseRecordData(type, text);
  assert.ok(read.ok, `${type} ${text}`);
  return read.value;
};
const record = (name: string, type: TypeName, text: string): ResourceRecord => ({
  name,
  class: CLASS_IN,
  ttl: 300,
  data: data(type, text),
});

const SAMPLES: readonly (readonly [TypeName, string])[] = [
  ['A', '192.0.2.1'],
  ['AAAA', '2001:db8::1'],
  ['NS', 'ns.example.org.'],
  ['CNAME', 'other.example.org.'],
  ['PTR', 'mail.example.org.'],
  ['MX', '10 mail.example.org.'],
  ['MX', '0 .'],
  ['TXT', '"v=spf1 mx -all"'],
  ['TXT', '"quote \\" and \\\\" "second"'],
  ['SRV', '0 1 993 imap.example.org.'],
  ['TLSA', `3 1 1 ${'ab'.repeat(32)}`],
  ['CAA', '0 issue "letsencrypt.org"'],
  ['SOA', 'ns.example.org. hostmaster.example.org. 1 3600 600 604800 60'],
];

const answerOf = (answers: readonly ResourceRecord[]): DnsMessage => ({ ...question(7, 'example.org', 'MX'), isResponse: true, answers });

test('every record type survives the wire and the zone file', () => {
  for (const [type, text] of SAMPLES) {
    const one = record('example.org', type, text);
    assert.equal(dataType(one.data), type);
    assert.equal(formatRecordData(one.data), text);
    const back = decodeMessage(encodeMessage(answerOf([one, one])));
    assert.ok(back.ok, `${type} ${text}`);
    assert.deepEqual(back.value, answerOf([one, one]));
  }
});

test('unknown and DNSSEC types keep their bytes (RFC 3597)', () => {
  const ds: RecordData = { type: 'raw', number: 43, bytes: Buffer.from('0102030405', 'hex') };
  assert.equal(dataType(ds), 'DS');
  assert.equal(dataType({ type: 'raw', number: 65, bytes: Buffer.alloc(0) }), 'TYPE65');
  const message = answerOf([{ name: 'example.org', class: CLASS_IN, ttl: 1, data: ds }]);
  assert.deepEqual(decodeMessage(encodeMessage(message)), { ok: true, value: message });
  assert.equal(formatRecordData(ds), '\\# 5 0102030405');
});

test('names are compressed, but not inside younger types', () => {
  const short = encodeMessage(answerOf([record('example.org', 'MX', '10 mail.example.org'), record('mail.example.org', 'A', '192.0.2.1')]));
  assert.equal(short.toString('latin1').split('example').length - 1, 1);
  const srv = encodeMessage(answerOf([record('example.org', 'SRV', '0 0 25 mail.example.org')]));
  assert.equal(srv.toString('latin1').split('example').length - 1, 2);
  assert.equal(canonicalData(data('MX', '10 a.example')).toString('hex'), '000a01610765 78616d706c6500'.replace(' ', ''));
});

test('hostile names end in a reason, never in a loop', () => {
  const cases: [string, string][] = [
    ['c000', 'itself'],
    ['c002c000', 'forwards'],
    ['0161', 'no end'],
    ['3f61', 'cut label'],
    ['4061', 'unknown label type'],
    ['c0', 'half a pointer'],
    ['', 'nothing'],
  ];
  for (const [hex, why] of cases) assert.equal(readName(Buffer.from(hex, 'hex'), 0).ok, false, why);
  // Many pointers, each a step back, and one label each: the size bound ends it.
  const ladder = Buffer.alloc(2000);
  let at = 0;
  ladder.write('\x01a\x00', at, 'latin1');
  for (let previous = 0, next = 3; next < 1990; previous = next, next += 4) {
    ladder.set([1, 0x62, 0xc0 | (previous >> 8), previous & 0xff], next);
    at = next;
  }
  assert.equal(readName(ladder, at).ok, false);
});

test('strange bytes in labels are escaped and come back', () => {
  const wire = Buffer.from('\x04a.b\\\x03\x00\xffC\x00', 'latin1');
  const read = readName(wire, 0);
  assert.ok(read.ok);
  assert.equal(read.value.name, 'a\\.b\\\\.\\000\\255c');
  assert.equal(new NameWriter().write(read.value.name, 0).toString('latin1'), '\x04a.b\\\x03\x00\xffc\x00');
  assert.ok(!isName('a..b') && !isName('a'.repeat(64)) && !isName('a.'.repeat(130)) && isName('') && isName('a.b.'));
  assert.equal(canonicalName('Example.ORG.'), 'example.org');
});

test('random bytes and cut messages never throw', () => {
  const whole = encodeMessage(answerOf(SAMPLES.map(([type, text]) => record('a.example.org', type, text))));
  for (let length = 0; length < whole.length; length++) assert.equal(decodeMessage(whole.subarray(0, length)).ok, false);
  let seed = 1;
  const next = (): number => (seed = (seed * 48_271) % 0x7fffffff);
  for (let round = 0; round < 3000; round++) {
    const bytes = Buffer.from(whole);
    for (let change = 0; change < 4; change++) bytes[next() % bytes.length] = next() & 0xff;
    decodeMessage(bytes);
  }
});

test('record data of the wrong size is refused', () => {
  const good = encodeMessage(answerOf([record('example.org', 'A', '192.0.2.1')]));
  const sized = Buffer.from(good);
  const at = sized.indexOf(Buffer.from([0, 4, 192, 0, 2, 1]));
  sized.writeUInt16BE(3, at);
  assert.equal(decodeMessage(sized).ok, false);
  const two = Buffer.from(encodeMessage(question(1, 'example.org', 'A')));
  two.writeUInt16BE(2, 4);
  assert.equal(decodeMessage(two).ok, false);
});

test('what does not fit is left out, and TC says so', () => {
  const many = Array.from({ length: 60 }, (_, index) => record('example.org', 'A', `192.0.2.${index}`));
  const small = decodeMessage(encodeMessage(answerOf(many), PLAIN_UDP_BYTES));
  assert.ok(small.ok && small.value.truncated && small.value.answers.length > 10 && small.value.answers.length < 60);
  assert.ok(small.value.edns !== null);
  const extra = decodeMessage(encodeMessage({ ...answerOf([]), additionals: many }, PLAIN_UDP_BYTES));
  assert.ok(extra.ok && !extra.value.truncated);
});

test('EDNS carries the extended code and the size', () => {
  const message: DnsMessage = { ...answerOf([]), rcode: RCODE.BADVERS, edns: { udpSize: 4096, dnssecOk: true, version: 0 } };
  assert.deepEqual(decodeMessage(encodeMessage(message)), { ok: true, value: message });
});

test('text that is no record data is refused', () => {
  const bad: [TypeName, string][] = [
    ['A', '::1'],
    ['A', '1.2.3.4 5'],
    ['AAAA', '1.2.3.4'],
    ['MX', 'mail'],
    ['MX', '70000 mail'],
    ['MX', '1 a..b'],
    ['TXT', ''],
    ['TXT', '"open'],
    ['TLSA', '3 1 1 abc'],
    ['TLSA', '3 1 999 ab'],
    ['CAA', '0 is-sue x'],
    ['SRV', '1 2 3'],
    ['SOA', 'a b 1 2 3 4'],
    ['DS', '1 2 3'],
    ['NS', 'a b'],
  ];
  for (const [type, text] of bad) assert.equal(parseRecordData(type, text).ok, false, `${type} ${text}`);
  assert.deepEqual(
    splitString('x'.repeat(600)).map((part) => part.length),
    [255, 255, 90],
  );
  const long = data('TXT', `"${'k'.repeat(400)}"`);
  assert.ok(long.type === 'TXT' && long.strings.length === 2);
});

const zones = new Zones()
  .addZone('example.test')
  .addZone('other.test')
  .put('example.test', data('MX', '10 mail.example.test'))
  .put('mail.example.test', data('A', '127.0.0.1'))
  .put('www.example.test', data('CNAME', 'web.other.test'))
  .put('web.other.test', data('A', '127.0.0.2'))
  .put('away.example.test', data('CNAME', 'somewhere.example.org'))
  .put('gone.example.test', data('CNAME', 'missing.other.test'))
  .put('loop.example.test', data('CNAME', 'pool.example.test'))
  .put('pool.example.test', data('CNAME', 'loop.example.test'))
  .put('*.wild.example.test', data('TXT', '"any"'))
  .put('deep.tree.example.test', data('A', '127.0.0.3'));
const ask = (name: string, type: TypeName): DnsMessage => zones.answer(question(9, name, type));

test('zones answer as a server does', () => {
  const cases: [string, TypeName, number, number, number][] = [
    ['example.test', 'MX', RCODE.NOERROR, 1, 0],
    ['EXAMPLE.test', 'MX', RCODE.NOERROR, 1, 0],
    ['example.test', 'A', RCODE.NOERROR, 0, 1],
    ['nothing.example.test', 'A', RCODE.NXDOMAIN, 0, 1],
    ['www.example.test', 'A', RCODE.NOERROR, 2, 0],
    ['www.example.test', 'CNAME', RCODE.NOERROR, 1, 0],
    ['www.example.test', 'MX', RCODE.NOERROR, 1, 1],
    ['away.example.test', 'A', RCODE.NOERROR, 1, 0],
    ['gone.example.test', 'A', RCODE.NXDOMAIN, 1, 1],
    ['loop.example.test', 'A', RCODE.SERVFAIL, 0, 0],
    ['a.b.wild.example.test', 'TXT', RCODE.NOERROR, 1, 0],
    ['a.wild.example.test', 'A', RCODE.NOERROR, 0, 1],
    ['tree.example.test', 'A', RCODE.NOERROR, 0, 1],
    ['a.tree.example.test', 'A', RCODE.NXDOMAIN, 0, 1],
    ['example.org', 'A', RCODE.REFUSED, 0, 0],
    ['test', 'A', RCODE.REFUSED, 0, 0],
  ];
  for (const [name, type, rcode, answers, authorities] of cases) {
    const reply = ask(name, type);
    assert.deepEqual(
      [reply.rcode, reply.answers.length, reply.authorities.length, reply.id, reply.isResponse],
      [rcode, answers, authorities, 9, true],
      `${name} ${type}`,
    );
    assert.ok(decodeMessage(encodeMessage(reply)).ok);
  }
  assert.equal(ask('a.b.wild.example.test', 'TXT').answers[0]?.name, 'a.b.wild.example.test');
  assert.equal(zones.answer({ ...question(1, 'example.test', 'A'), opcode: 5 }).rcode, RCODE.NOTIMP);
  assert.equal(zones.answer({ ...question(1, 'example.test', 'A'), questions: [] }).rcode, RCODE.FORMERR);
});

test('records come and go', () => {
  const own = new Zones().addZone('x.test').put('a.b.x.test', data('A', '127.0.0.1')).put('a.b.x.test', data('TXT', 't'));
  const rcode = (name: string): number => own.answer(question(1, name, 'A')).rcode;
  own.remove('a.b.x.test', 'A');
  assert.equal(rcode('a.b.x.test'), RCODE.NOERROR);
  own.remove('a.b.x.test');
  assert.equal(rcode('a.b.x.test'), RCODE.NXDOMAIN);
  assert.throws(() => own.put('y.test', data('A', '127.0.0.1')));
});
