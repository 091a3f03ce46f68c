import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatDate, parseDate } from './date.ts';

const CASES: readonly (readonly [string, string | undefined])[] = [
  ['Fri, 21 Nov 1997 09:55:06 -0600', '1997-11-21T15:55:06.000Z'],
  ['21 Nov 1997 09:55:06 -0600', '1997-11-21T15:55:06.000Z'],
  ['Fri,21 Nov 1997 09:55 +0000', '1997-11-21T09:55:00.000Z'],
  ['Thu, 13 Feb 1969 23:32:00 -0330 (Newfoundland Time)', '1969-02-14T03:02:00.000Z'],
  ['Thu,      13        Feb          1969      23:32               -0330 (Newfoundland Time)', '1969-02-14T03:02:00.000Z'],
  ['21 Nov 97 09:55:06 GMT', '1997-11-21T09:55:06.000Z'],
  ['21 Nov 49 09:55:06 GMT', '2049-11-21T09:55:06.000Z'],
  ['21 Nov 107 09:55:06 GMT', '2007-11-21T09:55:06.000Z'],
  ['Fri, 21 Nov 1997 09(comment):   55  :  06 -0600', '1997-11-21T15:55:06.000Z'],
  ['Fri, 21 Nov 1997 09:55:06 EST', '1997-11-21T14:55:06.000Z'],
  ['Fri, 21 Nov 1997 09:55:06 PDT', '1997-11-21T16:55:06.000Z'],
  ['Fri, 21 Nov 1997 09:55:06 Z', '1997-11-21T09:55:06.000Z'],
  ['Fri, 21 Nov 1997 09:55:06 A', '1997-11-21T09:55:06.000Z'],
  ['Fri, 21 Nov 1997 09:55:06 CEST', '1997-11-21T07:55:06.000Z'],
  ['Fri, 21 Nov 1997 09:55:06 JST', '1997-11-21T00:55:06.000Z'],
  ['Fri, 21 Nov 1997 09:55:06 GMT+0100', '1997-11-21T08:55:06.000Z'],
  ['Fri, 21 Nov 1997 09:55:06 +01:00', '1997-11-21T08:55:06.000Z'],
  ['Fri, 21 Nov 1997 09:55:06 0100', '1997-11-21T08:55:06.000Z'],
  ['Fri, 21 Nov 1997 09:55:06 +9999', '1997-11-21T09:55:06.000Z'],
  ['Fri, 21 Nov 1997 09:55:06', '1997-11-21T09:55:06.000Z'],
  ['Fri, 21 Nov 1997 09.55.06 +0000', '1997-11-21T09:55:06.000Z'],
  ['Fri Nov 21 09:55:06 1997', '1997-11-21T09:55:06.000Z'],
  ['Fri Nov 21 09:55:06 1997 +0100', '1997-11-21T08:55:06.000Z'],
  ['Fri Nov 21 09:55:06 EST 1997', '1997-11-21T14:55:06.000Z'],
  ['Friday, 21-Nov-97 09:55:06 GMT', '1997-11-21T09:55:06.000Z'],
  ['Fri, 21 November 1997 09:55:06 -0600', '1997-11-21T15:55:06.000Z'],
  ['Tue, 029 Apr 2019 23:34:45 -0800 (PST)', '2019-04-30T07:34:45.000Z'],
  ['1997-11-21T09:55:06Z', '1997-11-21T09:55:06.000Z'],
  ['1997-11-21T09:55:06.123+01:00', '1997-11-21T08:55:06.000Z'],
  ['1997-11-21 09:55:06', '1997-11-21T09:55:06.000Z'],
  ['Sat, 31 Dec 2016 23:59:60 +0000', '2017-01-01T00:00:00.000Z'],
  ['29 Feb 2024 00:00 +0000', '2024-02-29T00:00:00.000Z'],
  ['1 Jan 1970', '1970-01-01T00:00:00.000Z'],
  ['29 Feb 2023 00:00 +0000', undefined],
  ['32 Jan 2023 00:00 +0000', undefined],
  ['0 Jan 2023 00:00 +0000', undefined],
  ['1 Jan 2023 24:00 +0000', undefined],
  ['1 Jan 2023 00:60 +0000', undefined],
  ['1997-13-21T09:55:06Z', undefined],
  ['yesterday', undefined],
  ['Jan', undefined],
  ['', undefined],
];

test('dates as standards and mailers write them', () => {
  for (const [text, iso] of CASES) {
    const ms = parseDate(text);
    assert.equal(ms === undefined ? undefined : new Date(ms).toISOString(), iso, text);
  }
});

test('dates are written as RFC 5322 wants them', () => {
  const ms = Date.UTC(2024, 10, 15, 8, 2, 1);
  assert.equal(formatDate(ms), 'Fri, 15 Nov 2024 08:02:01 +0000');
  assert.equal(formatDate(ms, 60), 'Fri, 15 Nov 2024 09:02:01 +0100');
  assert.equal(formatDate(ms, -210), 'Fri, 15 Nov 2024 04:32:01 -0330');
  assert.equal(formatDate(0, 0), 'Thu, 1 Jan 1970 00:00:00 +0000');
});

test('what is written is read back', () => {
  const seconds = fc.integer({ min: Date.UTC(1000, 0) / 1_000, max: Date.UTC(9998, 0) / 1_000 });
  fc.assert(
    fc.property(seconds, fc.integer({ min: -720, max: 840 }), (second, zone) =>
      assert.equal(parseDate(formatDate(second * 1_000, zone)), second * 1_000),
    ),
  );
});

test('any text is read', () => {
  const text = fc.string({ unit: fc.constantFrom(...'0123456789 :,+-()TZjanfebgmt.'), maxLength: 40 });
  fc.assert(
    fc.property(text, (text) => Number.isSafeInteger(parseDate(text) ?? 0)),
    { numRuns: 500 },
  );
});
