/** Servers that say anything at any time: the machine never throws, tells each message's outcome exactly once, and calls nothing taken that was not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ClientAction, SmtpClientMachine } from './client-machine.ts';
import type { ClientMessage } from './client-message.ts';

const WORDS = [
  '220 x\r\n',
  '250 ok\r\n',
  '250 2.1.0 ok\r\n',
  '250-x\r\n250-PIPELINING\r\n250-CHUNKING\r\n250-BINARYMIME\r\n250 STARTTLS\r\n',
  '250-x\r\n250 PIPELINING\r\n',
  '250-half\r\n',
  '354 go\r\n',
  '354 go\r\n',
  '421 bye\r\n',
  '450 busy\r\n',
  '550 5.1.1 no\r\n',
  '503 order\r\n',
  '334 \r\n',
  'nonsense\r\n',
  '\r\n',
  '25',
  '250 ok\n',
  '\x00',
  '221 bye\r\n',
];
const ROUNDS = 3_000;
const STEPS = 40;

/** A small generator of numbers, the same for the same seed (mulberry32). */
function numbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

type State = {
  machine: SmtpClientMachine;
  sent: number;
  done: number;
  isOver: boolean;
  ended: boolean;
  recipients: number;
  seen: Set<string>;
};

function obey(state: State, actions: readonly ClientAction[], pick: (limit: number) => number): void {
  for (const action of actions) {
    assert.ok(!state.isOver, 'an action after hangUp');
    if (action.do === 'startTls') obey(state, state.machine.tlsStarted(), pick);
    if (action.do === 'sendContent') feed(state, pick);
    if (action.do === 'hangUp') state.isOver = true;
    if (action.do !== 'done') continue;
    state.done++;
    assert.equal(action.outcomes.length, state.recipients);
    for (const { outcome, ...facts } of action.outcomes) {
      state.seen.add('stage' in facts ? `${outcome} ${facts.stage}` : outcome);
      if (outcome === 'taken') assert.ok(state.ended && 'reply' in facts && facts.reply.code >= 200 && facts.reply.code < 300);
      if (outcome === 'broken' && 'mayBeTaken' in facts && facts.mayBeTaken) assert.ok(state.ended);
    }
    assert.equal(state.done, state.sent);
  }
}

function feed(state: State, pick: (limit: number) => number): void {
  const { machine } = state;
  machine.content(Buffer.from('Subject: x\r\n\r\nhi\r\n'));
  if (pick(6) === 0) machine.content(Buffer.from('bare\n'));
  obey(state, machine.pending(), pick);
  if (pick(4) === 0) return;
  state.ended = machine.contentEnd().length > 0;
  obey(state, machine.pending(), pick);
}

function message(pick: (limit: number) => number): ClientMessage {
  const recipients = Array.from({ length: 1 + pick(4) }, (_, at) => ({ address: pick(9) === 0 ? 'bé@x' : `r${at}@x` }));
  return { sender: 'a@x', recipients, body: pick(3) === 0 ? 'binarymime' : '7bit', smtpUtf8: pick(9) === 0, size: 20 };
}

test('whatever a server says, each message has one outcome', () => {
  const seen = new Set<string>();
  for (let seed = 1; seed <= ROUNDS; seed++) {
    const pick = numbers(seed);
    const startTls = (['never', 'offered', 'required'] as const)[pick(3)] ?? 'never';
    const machine = new SmtpClientMachine({ name: 'us', startTls, ...(pick(5) === 0 ? { auth: { user: 'u', password: 'p' } } : {}) });
    const state: State = { machine, sent: 0, done: 0, isOver: false, ended: false, recipients: 0, seen };
    for (let step = 0; step < STEPS && !state.isOver; step++) {
      // Mostly what is fitting, or no round would come far.
      const word = step < 2 && pick(8) > 0 ? WORDS[step === 0 ? 0 : 3 + pick(2)] : WORDS[pick(WORDS.length)];
      obey(state, machine.receive(Buffer.from(word ?? '', 'latin1')), pick);
      if (machine.isReady && !state.isOver) {
        const next = message(pick);
        state.sent++;
        state.ended = false;
        state.recipients = next.recipients.length;
        obey(state, machine.send(next), pick);
      }
      if (pick(40) === 0) obey(state, machine.lost('connectionLost'), pick);
    }
    obey(state, machine.lost('timeout'), pick);
    assert.ok(state.isOver && state.done === state.sent, `seed ${seed}`);
    assert.deepEqual(machine.receive(Buffer.from('250 ok\r\n')), []);
  }
  // The rounds came far enough to mean something.
  for (const what of [
    'taken',
    'unfit',
    'refused mail',
    'refused rcpt',
    'refused data',
    'refused content',
    'broken mail',
    'broken rcpt',
    'broken data',
    'broken content',
  ])
    assert.ok(seen.has(what), what);
});
