/** What waited in the queue for people of the house goes back to the one road, which files it. */
import type { Fate, Route } from '../../core/ports/courier.ts';
import type { Arrived, Returning } from '../../core/ports/intake.ts';
import type { QueueStore } from '../../core/ports/store.ts';
import { isRefusal, type Refusal, refusalReply } from '../../core/refusal.ts';
import { first, type Job, pieces } from './job.ts';
import { type Circumstances, type Verdict, verdicts } from './settle.ts';

/** `arrive` gives an answer for each recipient; the same again changes nothing. */
export type HereRoute = Readonly<{ via: 'here'; arrive(mail: Returning): Promise<readonly Arrived[]> }>;

type Ground = Readonly<{ store: QueueStore; job: Job; route: HereRoute; circumstances(route: Route): Circumstances }>;

export async function bringHome({ store, job, route, circumstances }: Ground): Promise<readonly Verdict[]> {
  const { journey, organisation, envelope } = job.outgoing;
  const recipients = job.items.map(({ known }) => known.recipient);
  const arrived = await route.arrive({
    journey,
    owner: first(job).item.owner,
    organisation,
    envelope: { ...envelope, recipients },
    size: first(job).item.size - job.outgoing.skip,
    content: () => pieces(store, job),
  });
  const about = circumstances({ via: 'mx', domain: job.domain });
  const fates = arrived.map((one): Fate => (isRefusal(one) ? refused(one, job) : SETTLED));
  const found = verdicts({ attempts: [], fates }, about);
  return found.map((verdict, at) => {
    const one = arrived[at];
    return one === 'filed' || one === 'sentOn' ? arrival(one, verdict, about.now) : verdict;
  });
}

/** Stands for what is known already. */
const SETTLED: Fate = { fate: 'sent', host: '', reply: { code: 250, enhanced: null, lines: [] }, tls: null };

/** Where it was sent on, the pipeline told so itself. */
function arrival(how: 'filed' | 'sentOn', { item }: Verdict, at: number): Verdict {
  const recipient = item.known.recipient.address;
  const steps = how === 'filed' ? [{ kind: 'filed', at, recipient, folder: 'INBOX', role: 'inbox' } as const] : [];
  return { item, settlement: { to: 'done' }, steps, report: null, reply: null, host: '', trouble: null };
}

function refused(refusal: Refusal, { domain }: Job): Fate {
  const { code, enhanced, text } = refusalReply(refusal, null);
  const reply = { code, enhanced, lines: [`${code} ${enhanced} ${text}`] };
  return { fate: code < 500 ? 'later' : 'never', stage: 'rcpt', host: domain, reply };
}
