import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPeople } from './people-file.ts';

function rows(text: string): readonly unknown[] {
  const read = readPeople(text);
  assert.ok(read.ok, read.ok ? '' : read.sentence);
  return read.value.map(({ line, address, name, password }) => [line, address, name, password]);
}

test('lists of people in the forms that schools have them', () => {
  const noor = [1, 'noor@a.example', 'Noor', 'secret'];
  assert.deepEqual(rows('noor@a.example,Noor,secret\n'), [noor]);
  assert.deepEqual(rows('\ufeffnoor@a.example;Noor;secret'), [noor]);
  assert.deepEqual(rows('noor@a.example\tNoor\tsecret\r\n'), [noor]);
  assert.deepEqual(rows('{"address":"noor@a.example","name":"Noor","password":"secret"}\n\n{"address":"sam@a.example"}'), [
    noor,
    [3, 'sam@a.example', '', undefined],
  ]);
  assert.deepEqual(rows('Naam,E-mail\nNoor,noor@a.example\n'), [[2, 'noor@a.example', 'Noor', undefined]]);
  assert.deepEqual(rows('password;address\n"a;b""c";noor@a.example\n'), [[2, 'noor@a.example', '', 'a;b"c']]);
  assert.deepEqual(rows('# a remark\n\nnoor@a.example,"Bakker,\nNoor", spaced \nsam@a.example\n'), [
    [3, 'noor@a.example', 'Bakker,\nNoor', ' spaced '],
    [5, 'sam@a.example', '', undefined],
  ]);
});

test('what is no list of people is said with its line', () => {
  for (const [text, sentence] of [
    ['', /nobody/],
    ['address,name\n', /nobody/],
    ['a@b.example,"open\nx', /Line 1 has a quote that does not end/],
    ['a@b.example,"x"y\n', /Line 1 goes on behind/],
    ['{"address":"a@b.example"}\n{"name":"x"}\n', /Line 2 is not a JSON object with an address/],
    ['{"address":\n', /Line 1/],
    ['a@b.example\n'.repeat(20_001), /more than 20000/],
  ] as const) {
    const read = readPeople(text);
    assert.ok(!read.ok && sentence.test(read.sentence), JSON.stringify(text.slice(0, 40)));
  }
});

test('a long file is read in a moment', () => {
  const started = performance.now();
  assert.equal(rows('someone@a.example,"Some One",some password\n'.repeat(20_000)).length, 20_000);
  assert.ok(performance.now() - started < 2_000);
});
