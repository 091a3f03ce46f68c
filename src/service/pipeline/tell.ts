/** The Steps of a message on the road: what each owner's story says of it (R-50 decides who hears what). */
import { decodedHeader } from '../../codec/mime/encoded-word.ts';
import type { Address } from '../../codec/mime/structure.ts';
import type { Step } from '../../core/step.ts';
import type { Content, Letter, Outcome } from './letter.ts';

type Filing = Extract<Outcome, { do: 'file' }>;

function headerFrom(addresses: readonly Address[] | null): string | undefined {
  const first = addresses?.find(({ host }) => host !== null);
  if (first === undefined) return undefined;
  const address = `${first.mailbox ?? ''}@${first.host ?? ''}`;
  return first.name === null ? address : `${decodedHeader(first.name)} <${address}>`;
}

/** What the header tells of itself, for both sides. */
function headerFacts(content: Content): Partial<Extract<Step, { kind: 'received' }>> {
  const { envelope } = content.structure;
  const from = headerFrom(envelope.from);
  return {
    size: content.size,
    ...(envelope.subject === null ? {} : { subject: decodedHeader(envelope.subject) }),
    ...(from === undefined ? {} : { headerFrom: from }),
    ...(envelope.messageId === null ? {} : { messageId: envelope.messageId }),
  };
}

/** The recipient's story: their own line only; a colleague's address and device stay the colleague's. */
export function recipientSteps(letter: Letter, content: Content, filing: Filing, now: number): Step[] {
  const { caller } = letter;
  const outside = letter.origin === 'mx' && caller !== null ? { peer: caller.peer, tls: caller.tls } : {};
  const common = { at: now, recipient: filing.given };
  return [
    ...letter.began,
    {
      kind: 'received',
      at: now,
      origin: letter.origin,
      from: letter.envelope.from,
      to: [filing.given],
      ...outside,
      ...headerFacts(content),
    },
    ...letter.checked,
    ...(filing.through === 'direct' ? [] : [{ kind: 'expanded', ...common, through: filing.through, from: filing.given, to: [] } as const]),
    { kind: 'filed', ...common, folder: 'INBOX', role: 'inbox' },
  ];
}

/** The sender's story: everybody they named, where each stands; not which folder a colleague's rules chose. */
export function senderSteps(
  letter: Letter,
  content: Content,
  about: Readonly<{ now: number; giveUpAt: number; account: string | null }>,
): Step[] {
  const { now } = about;
  const steps = letter.hasArrived ? [] : beginning(letter, content, about);
  const told = new Set<string>();
  steps.push(...aliasSteps(letter, now));
  for (const outcome of letter.outcomes) {
    if (outcome.do === 'send')
      steps.push({
        kind: 'queued',
        at: now,
        recipient: outcome.recipient.address,
        domain: domainOf(outcome.recipient.address),
        nextAt: letter.releaseAt ?? now,
        giveUpAt: about.giveUpAt,
      });
    else if (!told.has(outcome.given) && !letter.hasArrived)
      steps.push({ kind: 'filed', at: now, recipient: outcome.given, folder: 'INBOX', role: 'inbox' });
    if (outcome.do === 'file') told.add(outcome.given);
  }
  return steps;
}

function beginning(letter: Letter, content: Content, { now, account: sender }: Readonly<{ now: number; account: string | null }>): Step[] {
  const peer = letter.caller === null ? {} : { peer: letter.caller.peer, tls: letter.caller.tls };
  const to = letter.recipients.map(({ given }) => given.address);
  const account = sender === null ? {} : { account: sender };
  const steps: Step[] = [
    ...letter.began,
    { kind: 'received', at: now, origin: letter.origin, from: letter.envelope.from, to, ...peer, ...account, ...headerFacts(content) },
    ...letter.checked,
  ];
  if (letter.origin === 'submission' || letter.origin === 'jmap') steps.push({ kind: 'accepted', at: now, copies: to.length });
  return steps;
}

/** An alias that leads outside: the sender hears where. Colleagues behind an alias stay behind it. */
function aliasSteps(letter: Letter, now: number): Step[] {
  const outside = new Map<string, string[]>();
  for (const outcome of letter.outcomes) {
    if (outcome.do === 'send' && outcome.recipient.address !== outcome.given)
      outside.set(outcome.given, [...(outside.get(outcome.given) ?? []), outcome.recipient.address]);
  }
  return [...outside].map(([given, to]) => ({ kind: 'expanded', at: now, recipient: given, through: 'alias', from: given, to }));
}

const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1);
