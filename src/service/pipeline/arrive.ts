/**
 * The end of the road for mail that was to wait (RFC 4865): its time has come,
 * and those it is for are in the house. Who that is is asked again, since
 * people come and go. A queue may ask twice; nobody gets it twice.
 */
import type { Returning, Arrived } from '../../core/ports/intake.ts';
import type { EnvelopeRecipient } from '../../core/envelope.ts';
import { Fault } from '../../core/fault.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import type { Resolution } from '../accounts/accounts.ts';
import { commit, effectOf } from './commit.ts';
import { ContentKeeper, type Kept } from './content.ts';
import { type Letter, type LetterRecipient, newLetter } from './letter.ts';
import type { PipelineParts } from './pipeline.ts';
import { lookedUp } from './recipient-address.ts';
import { inSendersWords, whyNoRoom } from './room.ts';
import { returnPath } from './stamp.ts';
import { walk } from './stages.ts';

export async function arrive(parts: PipelineParts, mail: Returning): Promise<readonly Arrived[]> {
  const found = await Promise.all(mail.envelope.recipients.map((given) => whoNow(parts, mail, given)));
  const here = found.filter((one) => !isRefusal(one) && !leadsOut(one.resolution)) as readonly LetterRecipient[];
  // One copy for each person, however many of their addresses are named, and in however many goes.
  const refused = here.length === 0 ? undefined : await bring(parts, mail, { recipients: here, effect: 'home' });
  const answers: Arrived[] = [];
  for (const one of found) {
    if (isRefusal(one)) answers.push(one);
    else if (!leadsOut(one.resolution)) answers.push(refused ?? 'filed');
    else answers.push((await bring(parts, mail, { recipients: [one], effect: `out ${one.given.address}` })) ?? 'sentOn');
  }
  return answers;
}

const leadsOut = (resolution: Resolution): boolean =>
  resolution.found !== 'local' || resolution.targets.some((target) => target.to === 'remote');

async function whoNow(parts: PipelineParts, { size }: Returning, given: EnvelopeRecipient): Promise<LetterRecipient | Refusal> {
  const address = lookedUp(given.address);
  const resolution = address === undefined ? refuse('badRecipientAddress') : parts.accounts.resolve(address);
  if (isRefusal(resolution)) return resolution;
  if (resolution.found === 'nobody') return refuse('noSuchUser');
  const isOpen =
    resolution.found !== 'local' ||
    resolution.targets.some((target) => target.to === 'remote' || parts.accounts.person(target.account)?.state !== 'closed');
  if (!isOpen) return refuse('accountClosed');
  return (await whyNoRoom(parts, resolution, size)) ?? { given, resolution };
}

type Group = Readonly<{ recipients: readonly LetterRecipient[]; effect: string }>;

async function bring(parts: PipelineParts, mail: Returning, { recipients, effect }: Group): Promise<Refusal | undefined> {
  const path = returnPath(mail.envelope.from);
  const kept = await keep(parts, mail, Buffer.from(path));
  const letter = letterOf(mail, recipients);
  const skip = Buffer.byteLength(path);
  return (
    (await walk(letter, { structure: kept.structure, size: kept.size, skip })) ??
    inSendersWords(await commit(parts, letter, { ...kept, skip }, effectOf(mail.journey, 'arrive', effect)))
  );
}

function letterOf(mail: Returning, recipients: readonly LetterRecipient[]): Letter {
  const { recipients: _, ...envelope } = mail.envelope;
  const { journey, owner, organisation } = mail;
  const letter = newLetter({ origin: 'jmap', journey, caller: null, owner: null, organisation, envelope, releaseAt: null });
  letter.recipients.push(...recipients);
  letter.hasArrived = true;
  if (recipients.some(({ resolution }) => leadsOut(resolution)))
    letter.sending = { owner, organisation, from: envelope.from, origin: 'submission' };
  return letter;
}

/** It was taken once already; nothing in it changes but the Return-Path in front. */
async function keep(parts: PipelineParts, mail: Returning, prefix: Buffer): Promise<Kept> {
  const { store, keyring, ids } = parts;
  const keeper = new ContentKeeper({ store, keyring, ids, sizeLimit: Number.POSITIVE_INFINITY, prefix, edit: null });
  try {
    for await (const piece of mail.content()) await keeper.write(piece);
  } catch (error) {
    keeper.abort();
    throw error;
  }
  const kept = await keeper.finish();
  if (isRefusal(kept)) throw new Fault('unavailable', `a message that waited cannot be kept: ${kept.refusal}`);
  return kept;
}
