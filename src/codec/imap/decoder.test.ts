import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type DecoderEvent, ImapDecoder, MEMBER_LIMITS } from './decoder.ts';

type Way = Readonly<{ member?: boolean; refuse?: boolean; lineAfter?: string }>;

/** Runs chunks through a decoder, and tells the events as short strings; contents that follow one another are joined. */
function run(chunks: readonly Buffer[], way: Way = {}): string[] {
  const decoder = new ImapDecoder();
  if (way.member !== false) decoder.trust();
  const told: string[] = [];
  let content: Buffer[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let event = decoder.next(); event !== undefined; event = decoder.next()) {
      if (event.do === 'content') content.push(event.bytes);
      else {
        if (content.length > 0) told.push(`content ${Buffer.concat(content).toString('latin1')}`);
        content = [];
        told.push(tell(event));
      }
      if (event.do === 'message' && way.refuse === true) decoder.refuse();
      else if (event.do === 'message') decoder.accept();
      if (event.do === 'command' && way.lineAfter !== undefined) decoder.expect(event.bytes.includes(way.lineAfter) ? 'line' : 'command');
      if (event.do === 'line') decoder.expect('command');
    }
  }
  return told;
}

function tell(event: DecoderEvent): string {
  switch (event.do) {
    case 'command':
    case 'line':
    case 'messagesEnd':
      return `${event.do} ${event.bytes.toString('latin1')}`;
    case 'message':
      return `message${event.isFirst ? '' : ' next'} ${event.bytes.toString('latin1')} ${event.literal.size}${event.literal.waits ? '' : '+'}${event.literal.isBinary ? ' binary' : ''}`;
    case 'complain':
      return `complain ${event.bytes.subarray(0, 2).toString('latin1')} ${event.why}`;
    case 'hangUp':
      return `hangUp ${event.why}`;
    default:
      return event.do;
  }
}

/** Whole, octet by octet and in random cuts, the events must be the same. */
function always(input: string | Buffer, way: Way = {}): string[] {
  const bytes = Buffer.from(input);
  const whole = run([bytes], way);
  assert.deepEqual(
    run(
      Array.from(bytes, (byte) => Buffer.of(byte)),
      way,
    ),
    whole,
    'octet by octet',
  );
  let seed = 5;
  for (let round = 0; round < 30; round++) {
    const chunks: Buffer[] = [];
    for (let at = 0; at < bytes.length; ) {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      const length = 1 + (seed % 17);
      chunks.push(bytes.subarray(at, at + length));
      at += length;
    }
    assert.deepEqual(run(chunks, way), whole, 'random cuts');
  }
  return whole;
}

describe('the IMAP decoder', () => {
  it('cuts pipelined commands', () =>
    assert.deepEqual(always('a NOOP\r\nb NOOP\r\n\r\nc X'), ['command a NOOP', 'command b NOOP', 'command ']));

  it('keeps small literals inside, and asks for those that wait', () => {
    assert.deepEqual(always('a LOGIN {3}\r\nbob {6+}\r\nsec\r\nt\r\nb NOOP\r\n'), [
      'continue',
      'command a LOGIN {3}\r\nbob {6+}\r\nsec\r\nt',
      'command b NOOP',
    ]);
  });

  it('is not fooled by an announcement inside a literal', () => {
    assert.deepEqual(always('a SEARCH TEXT {4+}\r\n{99}\r\nb NOOP\r\n'), ['command a SEARCH TEXT {4+}\r\n{99}', 'command b NOOP']);
    assert.deepEqual(always('a SEARCH TEXT {1+}\r\n\r\nb NOOP\r\n').slice(0, 1), ['complain a  Lines end in CRLF']);
  });

  it('hands the messages of APPEND over as they come', () => {
    assert.deepEqual(always('a APPEND Sent (\\Seen) {5}\r\nhello\r\nb NOOP\r\n'), [
      'message a APPEND Sent (\\Seen)  5',
      'content hello',
      'contentEnd',
      'messagesEnd ',
      'command b NOOP',
    ]);
    assert.deepEqual(always('a append {4+}\r\nSent ~{2+}\r\n\0x (\\Seen) {1}\r\ny)\r\nb NOOP\r\n'), [
      'message a append {4+}\r\nSent  2+ binary',
      'content \0x',
      'contentEnd',
      'message next  (\\Seen)  1',
      'content y',
      'contentEnd',
      'messagesEnd )',
      'command b NOOP',
    ]);
    assert.deepEqual(always('a APPEND x {0}\r\n\r\n'), ['message a APPEND x  0', 'contentEnd', 'messagesEnd ']);
  });

  it('lets a refused message be, or passes over one sent without waiting', () => {
    assert.deepEqual(always('a APPEND x {99999999}\r\nb NOOP\r\n', { refuse: true }), ['message a APPEND x  99999999', 'command b NOOP']);
    assert.deepEqual(always('a APPEND x {5+}\r\nhello {3+}\r\nyou\r\nb NOOP\r\n', { refuse: true }), [
      'message a APPEND x  5+',
      'command b NOOP',
    ]);
    assert.deepEqual(always(`a APPEND x {${MEMBER_LIMITS.discard + 1}+}\r\nhello`, { refuse: true }), [
      `message a APPEND x  ${MEMBER_LIMITS.discard + 1}+`,
      'hangUp Too much was sent in vain',
    ]);
  });

  it('stops in the middle of a message', () => {
    const decoder = new ImapDecoder();
    decoder.trust();
    decoder.push(Buffer.from('a APPEND x {6+}\r\nabc'));
    assert.equal(decoder.next()?.do, 'message');
    assert.equal(decoder.next(), undefined);
    decoder.accept();
    assert.equal(decoder.next()?.do, 'content');
    decoder.refuse();
    decoder.push(Buffer.from('def\r\nb NOOP\r\n'));
    assert.deepEqual(decoder.next(), { do: 'command', bytes: Buffer.from('b NOOP') });
  });

  it('takes lines that answer', () => {
    assert.deepEqual(always('a IDLE\r\nDONE\r\nb NOOP\r\n', { lineAfter: 'IDLE' }), ['command a IDLE', 'line DONE', 'command b NOOP']);
    assert.deepEqual(always('a AUTHENTICATE X\r\nabc{5}\r\nb NOOP\r\n', { lineAfter: 'AUTH' }), [
      'command a AUTHENTICATE X',
      'line abc{5}',
      'command b NOOP',
    ]);
  });

  it('refuses lines that do not end in CRLF', () =>
    assert.deepEqual(always('a NOOP\nb NOOP\r\n'), ['complain a  Lines end in CRLF', 'command b NOOP']));

  it('gives strangers little room', () => {
    assert.deepEqual(always('a APPEND x {5000}\r\nb NOOP\r\n', { member: false }), [
      'complain a  That literal is too large',
      'command b NOOP',
    ]);
    assert.deepEqual(run([Buffer.from(`a LOGIN {5000+}\r\n${'x'.repeat(5000)} y\r\nb NOOP\r\n`)], { member: false }), [
      'complain a  That literal is too large',
      'command b NOOP',
    ]);
    assert.deepEqual(run([Buffer.from(`a LOGIN {99999+}\r\n${'x'.repeat(5000)}`)], { member: false }), [
      'complain a  That literal is too large',
      'hangUp Too much was sent in vain',
    ]);
  });

  it('bounds literals, their number and the whole command', () => {
    assert.deepEqual(always('a SEARCH TEXT {99999999999}\r\nb NOOP\r\n'), ['complain a  That literal is too large', 'command b NOOP']);
    const many = 'a SEARCH'.concat(' TEXT {1+}\r\nx'.repeat(70), '\r\nb NOOP\r\n');
    assert.deepEqual(always(many), ['complain a  Too many literals in one command', 'command b NOOP']);
    const large = 'a SEARCH'.concat(` TEXT {60000+}\r\n${'x'.repeat(60_000)}`.repeat(10), '\r\nb NOOP\r\n');
    assert.deepEqual(run([Buffer.from(large)]), ['complain a  The command is too long', 'command b NOOP']);
  });

  it('bounds the line, and goes on after it', () => {
    const long = Buffer.from(`a SEARCH TEXT {2+}\r\n\r\n ${'x'.repeat(100_000)} {3+}\r\nabc y\r\nb NOOP\r\n`);
    const chunks = Array.from({ length: Math.ceil(long.length / 999) }, (_, index) => long.subarray(index * 999, index * 999 + 999));
    const expected = ['complain a  The command is too long', 'command b NOOP'];
    assert.deepEqual(run([long]), expected);
    assert.deepEqual(run(chunks), expected);
    assert.deepEqual(
      run(
        Array.from({ length: 400 }, () => Buffer.alloc(1000, 0x78)),
        { member: false },
      ).at(-1),
      'hangUp Too much was sent in vain',
    );
  });

  it('costs little when fed octet by octet', () => {
    const started = performance.now();
    run(Array.from({ length: 60_000 }, () => Buffer.of(0x78)));
    assert.ok(performance.now() - started < 1000);
  });

  it('survives noise', () => {
    let seed = 3;
    const alphabet = 'a APPEND x {5+}\r\n~{3}\r\n"\\()[]*%\0\n';
    for (let round = 0; round < 300; round++) {
      const noise = Array.from({ length: 120 }, () => {
        seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
        return alphabet[(seed >> 8) % alphabet.length];
      }).join('');
      always(noise, { refuse: round % 2 === 0 });
    }
  });
});
