/** Saying no at the door, and telling those it concerns: the recipient who was named, or the admins where nobody has that address. */
import type { OwnerId, OrganisationId } from '../../core/ids.ts';
import type { Journal } from '../journey/journey.ts';
import type { Store } from '../../core/ports/store.ts';
import { type Refusal, refusalReply } from '../../core/refusal.ts';
import type { Peer, ReplyStage, Step } from '../../core/step.ts';
import type { Resolution } from '../accounts/accounts.ts';
import type { Letter } from './letter.ts';
import { networkOfCaller, type ToldBudget } from './told-budget.ts';

/** Refusals of one transaction that are written down: a dictionary attack fills no disk. */
const TOLD_PER_TRANSACTION = 50;

type Facts = Readonly<{ refusal: Refusal; stage: ReplyStage; recipient: string; now: number }>;

function refusedStep(letter: Letter, facts: Facts, peer: Peer | undefined): Step {
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

/** Whose story a refused recipient belongs in. */
function concerned(letter: Letter, resolution: Resolution): { owner: OwnerId; organisation: OrganisationId | null }[] {
  if (letter.origin === 'submission' || letter.origin === 'jmap')
    return letter.owner === null ? [] : [{ owner: letter.owner, organisation: letter.organisation }];
  if (resolution.found === 'nobody') return [{ owner: resolution.organisation, organisation: null }];
  if (resolution.found !== 'local') return [];
  const { organisation, targets } = resolution;
  return targets.flatMap((target) => (target.to === 'account' ? [{ owner: target.account, organisation }] : []));
}

export function noteRefusal(letter: Letter, resolution: Resolution, facts: Facts): void {
  const step = refusedStep(letter, facts, letter.caller?.peer);
  for (const place of concerned(letter, resolution)) {
    if (letter.refused.length < TOLD_PER_TRANSACTION) letter.refused.push({ ...place, step });
  }
}

/** Writes down what was refused. Called once, when the transaction is over; a failure here must not undo what was accepted. */
export async function tellRefused(
  parts: Readonly<{ store: Store; journal: Journal; told: ToldBudget; onTrouble(error: unknown): void }>,
  letter: Letter,
): Promise<void> {
  const cause = letter.owner === null ? networkOfCaller(letter.caller?.peer.ip ?? '') : `owner ${letter.owner}`;
  const refused = letter.refused.splice(0).filter(({ step }) => parts.told.spend(cause, step.at));
  try {
    const rows = refused.flatMap(({ owner, organisation, step }) =>
      parts.journal.rows({ owner, organisation, journey: letter.journey, steps: [step] }),
    );
    await Promise.all(rows.map((row) => parts.store.journeys(row.owner).add([row])));
  } catch (error) {
    parts.onTrouble(error);
  }
}
