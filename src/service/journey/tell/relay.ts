/**
 * Mail that leaves by our own relay (a smarthost): the recipient's server has
 * not seen it, so what goes wrong there is ours, and the words must not blame theirs.
 */
import type { Step } from '../../../core/step.ts';
import { type Explanation, saidAs } from '../explain.ts';
import type { Journey } from '../journey.ts';
import type { SayingName } from '../sayings.table.ts';

/** Which relay a Step speaks of. */
export type Relays = ReadonlyMap<Step, string>;

/** Only attempts and hand-overs bear their route: what came of an attempt went by the road of the one before it. */
export function relaysOf({ steps }: Journey): Relays {
  const relays = new Map<Step, string>();
  const road = new Map<string, string | undefined>();
  for (const step of steps) {
    // An attempt for nobody in particular is everybody's until they have one of their own.
    const whom = step.recipient?.toLowerCase() ?? '';
    if (step.kind === 'tried' || step.kind === 'sent') road.set(whom, step.route === 'smarthost' ? step.host : undefined);
    const relay = road.has(whom) ? road.get(whom) : road.get('');
    if (relay !== undefined && SPOKEN.has(step.kind)) relays.set(step, relay);
  }
  return relays;
}

const SPOKEN: ReadonlySet<Step['kind']> = new Set(['tried', 'deferred', 'sent', 'bounced', 'expired']);

/** What is said of their server, said of our relay. */
export const OF_RELAY: Readonly<Partial<Record<SayingName, SayingName>>> = {
  noAnswer: 'relaySilent',
  brokenOff: 'relaySilent',
  noWay: 'relaySilent',
  noServer: 'relaySilent',
  dnsTrouble: 'relaySilent',
  noTls: 'relayNoTls',
  notProven: 'relayNotProven',
  busy: 'relayBusy',
  comeBack: 'relayBusy',
  theirFault: 'relayBusy',
  theirSetup: 'relayBusy',
  notTaking: 'relayBusy',
  someWait: 'relayBusy',
  strangeAnswer: 'misunderstood',
  theirRules: 'relayRefuses',
  notTheirDomain: 'relayRefuses',
  senderRefused: 'relayRefuses',
  someNo: 'relayRefuses',
};
/** Without a reply, these are about the relay's own name; in a reply, about the recipient's. */
const UNFOUND: ReadonlySet<string> = new Set(['trouble:noSuchDomain', 'trouble:nullMx', 'trouble:loop']);

/** The same meaning, where it was our relay that answered or kept silent. */
export function viaRelay(found: Explanation): Explanation {
  const name = UNFOUND.has(found.key) ? 'relaySilent' : OF_RELAY[found.saying];
  return name === undefined ? found : saidAs(found, name);
}
