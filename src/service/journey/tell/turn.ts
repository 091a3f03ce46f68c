/** Whose turn it is, and what they can do: for one recipient, and for the message as a whole. */
import { refusalWords } from '../refusal-words.table.ts';
import type { ActionOwner } from '../sayings.table.ts';
import { domainOf, explanationOf, last, type Part, relayOf, type Scene, type Words } from './scene.ts';

/** `name`: their domain, or our administrator where we are the ones to act. */
export type Turn = Readonly<{ who: 'you' | 'us' | 'them' | 'nobody'; name: string | null }>;

/** `weight`: the heaviest recipient decides for the message. */
export type Duty = Readonly<{ turn: Turn; next: string | null; weight: number }>;

const NOBODY: Turn = { who: 'nobody', name: null };
const US: Turn = { who: 'us', name: null };
const YOU: Turn = { who: 'you', name: null };

const FAILED = 30;
const BEFORE: Readonly<Record<ActionOwner, number>> = { you: 3, admin: 2, them: 1, nobody: 0 };

export function dutyOf(part: Part, scene: Scene, words: Words): Duty {
  const { phrases } = words;
  const them: Turn = { who: 'them', name: relayOf(part, scene) ?? domainOf(part.line.address) };
  switch (part.line.state) {
    case 'queued':
    case 'sending':
      return { turn: US, next: phrases.nothingToDo, weight: 10 };
    case 'deferred':
      return deferredDuty(part, scene, words);
    case 'acceptedByRemote':
      return { turn: them, next: phrases.askThemToLook, weight: 5 };
    case 'refused':
      return refusedDuty(part, scene, words);
    case 'bounced':
    case 'expired':
      return failedDuty(part, scene, words);
    case 'quarantined':
      return scene.seat === 'recipient' ? { turn: YOU, next: phrases.releaseOrDelete, weight: 25 } : { turn: them, next: null, weight: 8 };
    case 'held':
      return { turn: { who: 'us', name: phrases.administrator }, next: null, weight: 20 };
    case 'unknown':
      return { turn: US, next: null, weight: 9 };
    case 'deliveredHere':
    case 'filed':
    case 'forwarded':
    case 'expanded':
    case 'cancelled':
      return { turn: NOBODY, next: null, weight: 0 };
  }
}

/** An admin looks over somebody's shoulder: the writer is somebody else, and "our administrator" is who reads. */
export function asSeen(duty: Duty, { seat, journey }: Scene): Duty {
  if (seat !== 'admin') return duty;
  const { who, name } = duty.turn;
  if (who === 'us' && name !== null) return { ...duty, turn: YOU };
  if (who !== 'you') return duty;
  const writer = journey.from === '' ? null : journey.from;
  return { ...duty, turn: { who: 'them', name: writer }, next: duty.next === null ? null : `${writer ?? '<>'}: ${duty.next}` };
}

/** While we still try, it is our turn, whoever may help along; trouble with our own relay is our administrator's. */
function deferredDuty(part: Part, scene: Scene, { phrases }: Words): Duty {
  if (part.line.nextAt === null) {
    return { turn: { who: 'them', name: domainOf(scene.journey.from) || null }, next: phrases.nothingToDo, weight: 9 };
  }
  const found = explanationOf(part, scene);
  const isRelays = found?.owner === 'admin' && relayOf(part, scene) !== undefined;
  const turn: Turn = isRelays ? { who: 'us', name: phrases.administrator } : US;
  return { turn, next: found?.next[scene.language] ?? phrases.nothingToDo, weight: isRelays ? 13 : 12 };
}

function failedDuty(part: Part, scene: Scene, { phrases }: Words): Duty {
  const found = explanationOf(part, scene);
  const owner = found?.owner ?? 'them';
  const next = found?.next[scene.language] ?? null;
  return { turn: ownerTurn(owner, domainOf(part.line.address), phrases.administrator), next, weight: FAILED + BEFORE[owner] };
}

function refusedDuty(part: Part, scene: Scene, { phrases }: Words): Duty {
  const step = last(part, 'refused');
  const name = step?.refusal ?? '';
  const { owner } = refusalWords(name);
  if (scene.seat === 'sender') {
    const mine = owner === 'them' ? 'you' : owner;
    const next = mine === 'admin' ? phrases.askAdmin : phrases.correctAndSend;
    return { turn: ownerTurn(mine, '', phrases.administrator), next, weight: FAILED + BEFORE[mine] };
  }
  const full = name === 'mailboxFull' || name === 'overQuota';
  if (full && scene.seat === 'recipient') return { turn: YOU, next: phrases.freeRoom, weight: FAILED + BEFORE.you };
  const sender = domainOf(step?.from ?? scene.journey.from);
  const turn = owner === 'admin' ? ownerTurn('admin', '', phrases.administrator) : ownerTurn('them', sender, '');
  return { turn, next: scene.seat === 'recipient' ? phrases.askSender : null, weight: FAILED };
}

function ownerTurn(owner: ActionOwner, domain: string, administrator: string): Turn {
  switch (owner) {
    case 'you':
      return YOU;
    case 'admin':
      return { who: 'us', name: administrator };
    case 'them':
      return { who: 'them', name: domain === '' ? null : domain };
    case 'nobody':
      return NOBODY;
  }
}
