import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { test } from 'node:test';
import { seededDice } from '../../adapter/memory/dice.ts';
import { newAppPassword, readAppPassword } from './app-passwords.ts';
import { argon2Hasher, scramKeys } from './password-hasher.ts';
import { prepared, whyNotPassword, whyWeak } from './password-rules.ts';

const about = { address: 'noor.bakker@regenboog.example', name: 'Noor Bakker' };

test('which passwords are too weak, and why', () => {
  const cases: [string, number, string | undefined][] = [
    ['short but fine', 15, 'tooShort'],
    ['purple tractor sings', 15, undefined],
    ['\u{1F600}'.repeat(7), 8, 'tooShort'],
    ['noor.bakker@regenboog.example', 15, 'aboutYou'],
    ['NoorBakker1987', 8, 'aboutYou'],
    ['regenboog2026!', 8, 'aboutYou'],
    ['noorbakkerregenboog', 15, undefined],
    ['bakkersbrood op dinsdag', 15, undefined],
    ['Password123!', 8, 'tooCommon'],
    ['!!wachtwoord!!', 8, 'tooCommon'],
    ['passwordpassword', 15, 'tooCommon'],
    ['PasswordPasswordPass', 15, 'tooCommon'],
    ['correcthorsebatterystaple', 15, 'tooCommon'],
    ['123456789012345', 15, 'pattern'],
    ['abcdefghijklmnop', 15, 'pattern'],
    ['ponmlkjihgfedcba', 15, 'pattern'],
    ['aaaaaaaaaaaaaaaaaa', 15, 'pattern'],
    ['xyzxyzxyzxyzxyz', 15, 'pattern'],
    ['qwertyuiopqwerty', 15, 'pattern'],
    ['welkom839275610482', 15, undefined],
    ['8f2kd93jx7', 8, undefined],
  ];
  for (const [password, minimum, why] of cases) {
    assert.equal(whyWeak(password, about, minimum)?.facts['why'], why, password);
  }
});

test('some things are no passwords at all', () => {
  assert.equal(whyNotPassword('')?.refusal, 'badValue');
  assert.equal(whyNotPassword('a\u0000b')?.facts['why'], 'controlCharacter');
  assert.equal(whyNotPassword('x'.repeat(1025))?.facts['why'], 'tooLong');
  assert.equal(whyNotPassword('x'), undefined);
  // What no mail app could ever send (RFC 4013), so that nobody is locked out by setting it.
  for (const [password, why] of [
    ['private use \ue000 letter', 'cannotBeSent'],
    ['not assigned \u{e0fff}', 'cannotBeSent'],
    ['\u05d0 alef among latin letters', 'cannotBeSent'],
    ['\u00ad\u200d', 'empty'],
    ['\ufdfa'.repeat(300), 'tooLong'],
  ] as const)
    assert.equal(whyNotPassword(password)?.facts['why'], why, password);
  assert.equal(whyNotPassword('\u05d0\u05d1\u05d2\u05d3'), undefined);
});

test('one password, however the keyboard spelt it', () => {
  assert.equal(prepared('e\u0301te\u00a0\u00adx'), '\u00e9te x');
  assert.equal(prepared('\uff21\u2168'), 'AIX');
  assert.equal(prepared('plain ASCII ~'), 'plain ASCII ~');
  assert.equal(prepared('a\u{e0100}'), 'a\u{e0100}', 'as a SCRAM client does, RFC 3454 table B.1');
  assert.equal(prepared('\ue000'), undefined);
});

test('SCRAM keys are those of RFC 5802 §3, by the example of RFC 7677 §3', async () => {
  const keys = await scramKeys('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'), 4096);
  const nonce = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
  const said = `n=user,r=rOprNGfwEbeRWgbNEkqO,r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=${nonce}`;
  const sign = (key: string): Buffer => createHmac('sha256', Buffer.from(key, 'hex')).update(said).digest();
  assert.equal(sign(keys.server).toString('base64'), '6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=');
  const proof = Buffer.from('dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=', 'base64');
  const clientKey = sign(keys.stored).map((byte, at) => byte ^ (proof[at] ?? 0));
  assert.equal(createHash('sha256').update(clientKey).digest('hex'), keys.stored);
});

test('argon2id: right, wrong, salted anew each time, and a decoy nobody fits', async () => {
  const [a, b] = await Promise.all([argon2Hasher.hash('secret'), argon2Hasher.hash('secret')]);
  assert.notEqual(a, b);
  assert.match(a, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  assert.match(argon2Hasher.decoy, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  assert.equal(argon2Hasher.decoy.length, a.length);
  assert.equal(await argon2Hasher.verify(a, 'secret'), true);
  assert.equal(await argon2Hasher.verify(a, 'Secret'), false);
  assert.equal(await argon2Hasher.verify(argon2Hasher.decoy, ''), false);
});

test('app passwords read back however they were typed', () => {
  const dice = seededDice('app');
  const shown = newAppPassword(dice);
  const letters = shown.replaceAll('-', '');
  assert.equal(letters.length, 20);
  for (const typed of [
    shown,
    letters,
    shown.toUpperCase(),
    shown.replaceAll('-', ' '),
    ` ${shown} `,
    shown.replaceAll('0', 'O').replaceAll('1', 'l'),
  ]) {
    assert.equal(readAppPassword(typed), letters, typed);
  }
  for (const other of ['', 'secret', `${shown}x`, letters.slice(1), '!'.repeat(20), 'u'.repeat(20), 'x'.repeat(10_000)]) {
    assert.equal(readAppPassword(other), undefined, other.slice(0, 30));
  }
  assert.notEqual(newAppPassword(dice), shown);
});
