/**
 * Never a relay: whatever form a stranger writes an address in, on port
 * 25 nothing leaves for a domain that is not ours. Also not for our own people's
 * addresses, and not for literals of our own machine.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Smtp } from '../world/smtp.ts';
import { DOMAIN, given, openWorld, type World } from '../world/world.ts';

let world: World;
before(async () => {
  world = await openWorld();
});
after(() => world.close());

/** RCPT TO as written, and whether it may be taken for one of ours (never as something to send on). */
const FORMS: readonly (readonly [string, 'refused' | 'ours'])[] = [
  ['<victim@elsewhere.test>', 'refused'],
  ['<"victim@elsewhere.test">', 'refused'],
  ['<victim%elsewhere.test@delinde.test>', 'refused'],
  ['<"victim%elsewhere.test"@delinde.test>', 'refused'],
  ['<victim%elsewhere.test@[127.0.0.1]>', 'refused'],
  ['<victim%elsewhere.test@mail.delinde.test>', 'refused'],
  ['<victim%elsewhere.test>', 'refused'],
  ['<@delinde.test:victim@elsewhere.test>', 'refused'],
  ['<@mail.delinde.test,@delinde.test:victim@elsewhere.test>', 'refused'],
  ['<@[127.0.0.1]:victim@elsewhere.test>', 'refused'],
  ['<elsewhere.test!victim@delinde.test>', 'refused'],
  ['<elsewhere.test!victim>', 'refused'],
  ['<delinde.test!elsewhere.test!victim@delinde.test>', 'refused'],
  ['<"victim@elsewhere.test"@delinde.test>', 'refused'],
  ['<"victim@elsewhere.test"@[127.0.0.1]>', 'refused'],
  ['<victim@elsewhere.test@delinde.test>', 'refused'],
  ['<victim@delinde.test@elsewhere.test>', 'refused'],
  ['<victim@[127.0.0.2]>', 'refused'],
  ['<victim@[IPv6:::1]>', 'refused'],
  ['<victim@[IPv6:::ffff:127.0.0.2]>', 'refused'],
  ['<noor@[127.0.0.1]>', 'refused'],
  ['<victim@127.0.0.2>', 'refused'],
  ['<victim@2130706434>', 'refused'],
  ['<victim@elsewhere.test.>', 'refused'],
  ['<victim@ELSEWHERE.TEST>', 'refused'],
  ['<noor@delinde.test.elsewhere.test>', 'refused'],
  ['<noor@xdelinde.test>', 'refused'],
  ['<noor@sub.delinde.test>', 'refused'],
  ['<noor@delinde.test\\0.elsewhere.test>', 'refused'],
  ['<noor@delinde.test> <victim@elsewhere.test>', 'refused'],
  ['<noor@delinde.test>,<victim@elsewhere.test>', 'refused'],
  ['<noor@delinde.test,victim@elsewhere.test>', 'refused'],
  ['<victim@elsewhere.test>(comment)', 'refused'],
  ['victim@elsewhere.test', 'refused'],
  ['<>', 'refused'],
  ['<postmaster@elsewhere.test>', 'refused'],
  ['<postmaster>', 'ours'],
  ['<NOOR@DELINDE.TEST>', 'ours'],
  ['<"noor"@delinde.test>', 'ours'],
  ['<@elsewhere.test:noor@delinde.test>', 'ours'],
];
/** Senders that have opened relays elsewhere. */
const SENDERS = ['kees@stranger.test', '', 'noor@delinde.test', 'postmaster@delinde.test', 'root@mail.delinde.test', 'x@[127.0.0.1]'];

test('forms of addresses, from every sort of sender', async () => {
  const wrong: string[] = [];
  for (const sender of SENDERS) {
    let smtp: Smtp | undefined;
    for (const [form, wanted] of FORMS) {
      smtp ??= await Smtp.dial({ ...world.place('smtp'), from: '127.0.0.9' });
      const begun = await smtp.ask(`MAIL FROM:<${sender}>`);
      const { code, text } = begun.code === 250 ? await smtp.ask(`RCPT TO:${form.replace('\\0', '\0')}`) : begun;
      if (code < 200 || (wanted === 'refused') !== code >= 400) wrong.push(`${sender} ${form} → ${text}`);
      const reset = await smtp.ask('RSET');
      if (reset.code === 250) continue;
      // Too many errors ends a conversation; the next one starts afresh.
      smtp.talk.hangUp();
      smtp = undefined;
    }
    smtp?.talk.hangUp();
  }
  assert.deepEqual(wrong, []);
  await world.quiet();
  assert.deepEqual(world.elsewhere.said, [], 'nobody was knocked at');
});

test('what is taken for postmaster or a literal-looking local part stays in the house', async () => {
  const { bram, noor } = world.people;
  for (const to of ['<postmaster>', '<@elsewhere.test:noor@delinde.test>']) {
    const sent = await world.stranger({ from: 'kees@stranger.test', to: [to], content: `Subject: to ${to}\r\n\r\nx\r\n` });
    assert.equal(sent.last.code, 250, sent.last.text);
  }
  await bram.receives('Subject: to <postmaster>');
  await noor.receives('Subject: to <@elsewhere');
  assert.deepEqual(world.elsewhere.said, []);
});

test('a domain once relayed for is open for that domain only', async () => {
  given(await world.house.accounts.addRelay({ name: 'branch.test', route: { to: 'discard' } }));
  const smtp = await Smtp.dial({ ...world.place('smtp'), from: '127.0.0.9' });
  await smtp.ask('MAIL FROM:<kees@stranger.test>');
  assert.equal((await smtp.ask('RCPT TO:<anybody@branch.test>')).code, 250);
  for (const form of ['<a@sub.branch.test>', '<a%elsewhere.test@branch.test.evil.test>', '<@branch.test:a@elsewhere.test>'])
    assert.ok((await smtp.ask(`RCPT TO:${form}`)).code >= 500, form);
  smtp.talk.hangUp();
});

test('signed in is not trusted with everything: no mail in others’ names (R-44)', async () => {
  const { noor, emma, bram, olga } = world.people;
  const alias = `samen@${DOMAIN}`;
  given(
    await world.house.accounts.addAlias({
      organisation: world.organisations.school,
      address: alias,
      targets: [noor.address, emma.address],
    }),
  );
  const own = `alleen@${DOMAIN}`;
  given(await world.house.accounts.addAlias({ organisation: world.organisations.school, address: own, targets: [noor.address] }));
  const cases: readonly (readonly [string, string, boolean])[] = [
    [noor.address, noor.address, true],
    [noor.address.toUpperCase(), noor.address, true],
    ['noor+tag@delinde.test', 'noor+tag@delinde.test', true],
    [own, own, true],
    ['', noor.address, true],
    [emma.address, noor.address, false],
    [noor.address, emma.address, false],
    [olga.address, olga.address, false],
    [noor.address, 'president@elsewhere.test', false],
    [alias, alias, false],
    [`postmaster@${DOMAIN}`, `postmaster@${DOMAIN}`, false],
    [noor.address, `${noor.address}, ${emma.address}`, false],
    [noor.address, `"${noor.address}" <${emma.address}>`, false],
    ['noor@delinde.test@elsewhere.test', noor.address, false],
  ];
  for (const [from, headerFrom, isAllowed] of cases) {
    const { last } = await noor.tries({ to: bram.address, from, headerFrom, subject: `as ${from} / ${headerFrom}` });
    assert.equal(last.code === 250, isAllowed, `${from} / ${headerFrom} → ${last.text}`);
    if (!isAllowed) assert.match(last.text, /^(550 5\.7\.1|501 5\.1\.7|553 5\.1\.7) /);
  }
  for (const field of [`Sender: ${emma.address}`, `Resent-From: ${emma.address}`]) {
    const { last } = await noor.tries({ to: bram.address, fields: [field] });
    if (field.startsWith('Sender')) assert.match(last.text, /^550 5\.7\.1 /);
  }
  // Admins answer for the roles of their house.
  assert.equal((await bram.tries({ to: noor.address, from: `postmaster@${DOMAIN}`, headerFrom: `postmaster@${DOMAIN}` })).last.code, 250);
});

test('a password made for one program is good for that program only', async () => {
  const { noor, emma } = world.people;
  const reading = given(await world.house.accounts.addAppPassword({ account: noor.account, label: 'tablet', scopes: ['imap'] }));
  const sending = given(
    await world.house.accounts.addAppPassword({
      account: noor.account,
      label: 'scanner',
      scopes: ['smtp'],
      senders: ['noor+scan@delinde.test'],
    }),
  );
  const smtp = await Smtp.dial(world.place('submissions'));
  assert.match((await smtp.signIn(noor.address, reading.password)).text, /^535 5\.7\.8 /);
  assert.equal((await smtp.signIn(noor.address, sending.password)).code, 235);
  assert.match((await smtp.ask(`MAIL FROM:<${noor.address}>`)).text, /^550 5\.7\.1 /);
  const sent = await smtp.send({
    from: 'noor+scan@delinde.test',
    to: [emma.address],
    content: 'From: noor+scan@delinde.test\r\nSubject: Scan\r\n\r\nx\r\n',
  });
  assert.equal(sent.last.code, 250, sent.last.text);
  const forged = await smtp.send({
    from: 'noor+scan@delinde.test',
    to: [emma.address],
    content: `From: ${noor.address}\r\nSubject: Scan\r\n\r\nx\r\n`,
  });
  assert.match(forged.last.text, /^550 5\.7\.1 /);
  await smtp.quit();
});
