import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PING_LEAST_S, PING_MOST_S, QUERY_LIMIT, readEventAsk, TYPES_LIMIT } from './event-query.ts';

const read = (query: string, lastEventId: string | null = null) => readEventAsk(new URL(`http://x/jmap/events?${query}`), lastEventId);

test('what §7.3 allows is read, and the ping kept within bounds', () => {
  assert.deepEqual(read('types=*&closeafter=no&ping=0'), { types: null, closesAfterState: false, pingS: 0, lastSeen: null });
  assert.deepEqual(read('types=Email%2CMailbox&closeafter=state&ping=300', '1.42'), {
    types: new Set(['Email', 'Mailbox']),
    closesAfterState: true,
    pingS: 300,
    lastSeen: { epoch: 1, modseq: 42 },
  });
  const ping = (seconds: string): unknown => (read(`types=*&closeafter=no&ping=${seconds}`) as { pingS: number }).pingS;
  assert.deepEqual([ping('1'), ping('999999999')], [PING_LEAST_S, PING_MOST_S]);
  assert.ok(PING_LEAST_S <= 30 && PING_MOST_S >= 300);
});

test('hostile query strings are said no to', () => {
  const many = (count: number): string => Array.from({ length: count }, (_, at) => `T${at}`).join(',');
  assert.notEqual(typeof read(`types=${many(TYPES_LIMIT)}&closeafter=no&ping=0`), 'string');
  for (const query of [
    '',
    'types=&closeafter=no&ping=0',
    'types=*,Email&closeafter=no&ping=0',
    'types=Email,,Mailbox&closeafter=no&ping=0',
    'types=Email%0d%0aX&closeafter=no&ping=0',
    'types=__proto__&closeafter=no&ping=0',
    `types=${many(TYPES_LIMIT + 1)}&closeafter=no&ping=0`,
    `types=${'A'.repeat(65)}&closeafter=no&ping=0`,
    `types=*&closeafter=no&ping=0&x=${'y'.repeat(QUERY_LIMIT)}`,
    'types=*&types=Email&closeafter=no&ping=0',
    'types=*&closeafter=yes&ping=0',
    'types=*&closeafter=no&closeafter=state&ping=0',
    'types=*&closeafter=no',
    'types=*&closeafter=no&ping=',
    'types=*&closeafter=no&ping=-1',
    'types=*&closeafter=no&ping=1.5',
    'types=*&closeafter=no&ping=1e3',
    'types=*&closeafter=no&ping=9999999999',
    'types=*&closeafter=no&ping=NaN',
    'types=%ff%fe&closeafter=no&ping=0',
  ])
    assert.equal(typeof read(query), 'string', query);
});

test('a last event id that is none of ours tells nothing', () => {
  for (const id of ['', 'x', '1.', '1.2.3', '1.99999999999999999999', '\0', '1'.repeat(10_000)])
    assert.equal((read('types=*&closeafter=no&ping=0', id) as { lastSeen: unknown }).lastSeen, null, id);
});
