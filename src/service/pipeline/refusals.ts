/**
 * Saying no at the door, and telling those it concerns: the recipient
 * who was named, or the admins where nobody has that address. What is not told
 * one by one is counted, so that told and counted are all of them.
 */
import type { AccountId, OrganisationId, OwnerId } from '../../core/ids.ts';
import { Fault } from '../../core/fault.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Store } from '../../core/ports/store.ts';
import { type Refusal, refusalReply } from '../../core/refusal.ts';
import type { Peer, ReplyStage } from '../../core/step.ts';
import type { Resolution } from '../accounts/accounts.ts';
import { type Journal, TALLIED_PEOPLE } from '../journey/journey.ts';
import type { Letter, Refused } from './letter.ts';
import type { RefusalTally, Untold } from './refusal-tally.ts';
import { networkOfCaller, networkToTell, type ToldBudget } from './told-budget.ts';
import type { Caller } from './transaction.ts';

/** Places where refusals of one transaction are written down: a dictionary attack fills no disk. */
const TOLD_PER_TRANSACTION = 50;

type Facts = Readonly<{ refusal: Refusal; stage: ReplyStage; recipient: string; now: number }>;

function refusedStep(letter: Letter, facts: Facts, peer: Peer | undefined): Refused['step'] {
  const { code, enhanced, text } = refusalReply(facts.refusal, letter.journey);
  return {
    kind: 'refused',
    at: facts.now,
    recipient: facts.recipient,
    stage: facts.stage,
    refusal: facts.refusal.refusal,
    facts: facts.refusal.facts,
    reply: { code, enhanced, lines: [`${code} ${enhanced} ${text}`] },
    from: letter.envelope.from,
    ...(peer === undefined ? {} : { peer }),
  };
}

const isOurs = ({ origin }: Letter): boolean => origin === 'submission' || origin === 'jmap';

/** People here whom the mail was for. */
function peopleOf(resolution: Resolution): readonly AccountId[] {
  if (resolution.found !== 'local') return [];
  return resolution.targets.flatMap((target) => (target.to === 'account' ? [target.account] : []));
}

/** Whose story a refused recipient belongs in. */
function concerned(letter: Letter, resolution: Resolution): { owner: OwnerId; organisation: OrganisationId | null }[] {
  if (isOurs(letter)) return letter.owner === null ? [] : [{ owner: letter.owner, organisation: letter.organisation }];
  if (resolution.found === 'nobody') return [{ owner: resolution.organisation, organisation: null }];
  if (resolution.found !== 'local') return [];
  const { organisation } = resolution;
  return peopleOf(resolution).map((owner) => ({ owner, organisation }));
}

/** Whose totals it belongs in besides the server's. */
function organisationOf(letter: Letter, resolution: Resolution): OrganisationId | null {
  if (isOurs(letter)) return letter.organisation;
  return resolution.found === 'nobody' || resolution.found === 'local' ? resolution.organisation : null;
}

/** The same no to the same address again is told once: a story shows equal lines as one. */
const isRepeated = ({ refused }: Letter, step: Refused['step']): boolean =>
  refused.some(
    (one) =>
      one.places.length > 0 && one.step.recipient === step.recipient && one.step.refusal === step.refusal && one.step.stage === step.stage,
  );

export function noteRefusal(letter: Letter, resolution: Resolution, facts: Facts): void {
  const step = refusedStep(letter, facts, letter.caller?.peer);
  const room = TOLD_PER_TRANSACTION - letter.refused.reduce((sum, { places }) => sum + places.length, 0);
  letter.refused.push({
    places: room <= 0 || isRepeated(letter, step) ? [] : concerned(letter, resolution).slice(0, room),
    organisation: organisationOf(letter, resolution),
    people: isOurs(letter) ? [] : peopleOf(resolution).slice(0, TALLIED_PEOPLE + 1),
    step,
  });
}

/** SECURITY: admins learn a colleague's address, not their network. */
function causeOf(caller: Caller | null): Untold['cause'] {
  const sender = caller?.signedIn?.person.address;
  return sender === undefined ? { network: networkToTell(caller?.peer.ip ?? '') } : { sender };
}

/** A no at MAIL FROM is nobody's story: no message has begun. */
export function countRefusedSender(
  { tally, clock }: Readonly<{ tally: RefusalTally; clock: Clock }>,
  caller: Caller,
  refused: Refusal,
): void {
  const organisation = caller.signedIn?.person.organisation ?? null;
  tally.count({ at: clock.now(), refusal: refused.refusal, organisation, cause: causeOf(caller), to: [] });
}

type Parts = Readonly<{
  store: Store;
  journal: Journal;
  told: ToldBudget;
  tally: RefusalTally;
  addressOf(account: AccountId): string | null;
  onTrouble(error: unknown): void;
}>;

/** Writes down what was refused, or counts it. Called once, when the transaction is over; a failure here must not undo what was accepted. */
export async function tellRefused(parts: Parts, letter: Letter): Promise<void> {
  const { journal, store, told } = parts;
  const cause = letter.owner === null ? networkOfCaller(letter.caller?.peer.ip ?? '') : `owner ${letter.owner}`;
  const toTell: Refused[] = [];
  for (const refused of letter.refused.splice(0)) {
    const places = refused.places.filter(() => told.spend(cause, refused.step.at));
    if (places.length > 0) toTell.push({ ...refused, places });
    else count(parts, letter, refused);
  }
  try {
    const rows = toTell.flatMap(({ places, step }) =>
      places.flatMap(({ owner, organisation }) => journal.rows({ owner, organisation, journey: letter.journey, steps: [step] })),
    );
    await Promise.all(rows.map((row) => store.journeys(row.owner).add([row])));
  } catch (error) {
    // What may have been written all the same is not counted again.
    if (!(error instanceof Fault && error.outcome === 'unknown')) for (const refused of toTell) count(parts, letter, refused);
    parts.onTrouble(error);
  }
}

function count({ tally, addressOf }: Pick<Parts, 'tally' | 'addressOf'>, letter: Letter, { step, organisation, people }: Refused): void {
  tally.count({
    at: step.at,
    refusal: step.refusal,
    organisation,
    cause: causeOf(letter.caller),
    to: people.flatMap((account) => addressOf(account) ?? []),
  });
}
