/**
 * Who may see what of a story, as pure functions from Steps to Steps.
 * Run before sealing (record.ts) and again on reading (read.ts): what has no
 * business in somebody's story is neither stored for them nor shown to them.
 */
import type { Peer, ReplyFacts, Step } from '../../core/step.ts';
import type { Seat } from './journey.ts';

type Of<Kind extends Step['kind']> = Extract<Step, { kind: Kind }>;

/** Addresses are compared caseless: a seat is ours, and our addresses have no case (core/address.ts). */
const same = (address: string): string => address.toLowerCase();

/** Kinds that are the sender's business alone: how their message left the house. */
const SENDER_ONLY: ReadonlySet<Step['kind']> = new Set([
  'accepted',
  'queued',
  'tried',
  'deferred',
  'sent',
  'bounced',
  'expired',
  'notified',
  'paused',
  'hurried',
  'cancelled',
]);
/** Kinds that are a recipient's business alone: what their filter and their rules made of it. */
const RECIPIENT_ONLY: ReadonlySet<Step['kind']> = new Set(['scored', 'ruled', 'redirected', 'answered', 'released']);

/** What the owner of this seat may see. */
export function seen(steps: readonly Step[], seat: Seat): readonly Step[] {
  return seat.as === 'sender' ? seenBySender(steps) : seenByRecipient(steps, seat);
}

/** A copy without these. Never `delete`: it makes objects slow, and this runs for every message. */
function without<T extends object, Key extends keyof T>(value: T, ...names: readonly Key[]): T {
  if (!names.some((name) => name in value)) return value;
  const copy: Partial<T> = {};
  for (const name in value) if (!(names as readonly string[]).includes(name)) copy[name] = value[name];
  return copy as T;
}

// The recipient's seat

function seenByRecipient(steps: readonly Step[], seat: Extract<Seat, { as: 'recipient' }>): readonly Step[] {
  const own = new Set(seat.own.map(same));
  const inside = seat.fromInside === true || steps.some((step) => step.kind === 'received' && step.origin !== 'mx');
  const kept: Step[] = [];
  for (const step of steps) {
    if (step.recipient !== undefined ? !own.has(same(step.recipient)) : SENDER_ONLY.has(step.kind)) continue;
    const shown = ownLine(step, own, inside);
    if (shown !== undefined) kept.push(shown);
  }
  return kept;
}

function ownLine(step: Step, own: ReadonlySet<string>, inside: boolean): Step | undefined {
  switch (step.kind) {
    case 'received': {
      const to = step.to.filter((address) => own.has(same(address)));
      const open = without({ ...step, to }, 'account');
      return inside ? without(open, 'peer', 'tls') : open;
    }
    case 'refused':
      return inside ? without(step, 'peer') : step;
    case 'expanded': {
      const to = step.to.filter((address) => own.has(same(address)));
      return to.length > 0 || own.has(same(step.from)) ? { ...step, to } : undefined;
    }
    // SECURITY: the conversation names everybody the message went to in one go.
    case 'tried':
      return { ...step, dialogue: [] };
    default:
      return step;
  }
}

// The sender's seat

function seenBySender(steps: readonly Step[]): readonly Step[] {
  const members = listMembers(steps);
  const self = new Set(steps.flatMap((step) => (step.kind === 'received' ? [same(step.from)] : [])));
  const paused = new Set<string>();
  const kept: Step[] = [];
  for (const step of steps) {
    const recipient = step.recipient === undefined ? undefined : same(step.recipient);
    if (recipient !== undefined && members.has(recipient)) continue;
    if (step.kind === 'paused' && recipient !== undefined) paused.add(recipient);
    // What was held back on its way out is let go by its sender; what lies in quarantine, by its recipient.
    const isTheirs = step.kind !== 'released' || recipient === undefined || !paused.has(recipient);
    if (recipient !== undefined && !self.has(recipient) && RECIPIENT_ONLY.has(step.kind) && isTheirs) continue;
    kept.push(namedLine(step, { members, self }));
  }
  return kept;
}

/** Who is reached through a list only: the sender named the list, not them. */
function listMembers(steps: readonly Step[]): ReadonlySet<string> {
  const members = new Set<string>();
  for (const step of steps)
    if (step.kind === 'expanded' && step.through === 'list') for (const address of step.to) members.add(same(address));
  if (members.size > 0)
    for (const step of steps) if (step.kind === 'received') for (const address of step.to) members.delete(same(address));
  return members;
}

type SenderSight = Readonly<{ members: ReadonlySet<string>; self: ReadonlySet<string> }>;

function namedLine(step: Step, { members, self }: SenderSight): Step {
  switch (step.kind) {
    case 'expanded':
      return step.through === 'list' && step.to.length > 0 ? { ...step, to: [] } : step;
    case 'filed':
      // Which folder a colleague's filter or rules chose is the colleague's business.
      return step.recipient === undefined || self.has(same(step.recipient)) ? step : hideFolder(step);
    case 'tried':
      return members.size === 0 ? step : { ...step, dialogue: veil(step.dialogue, members) };
    case 'deferred':
    case 'bounced':
      return members.size === 0 || step.reply === null ? step : { ...step, reply: veilReply(step.reply, members) };
    case 'sent':
      return members.size === 0 ? step : { ...step, reply: veilReply(step.reply, members) };
    default:
      return step;
  }
}

const hideFolder = (step: Of<'filed'>): Of<'filed'> => without({ ...step, folder: '', role: null }, 'uid');
const veilReply = (reply: ReplyFacts, members: ReadonlySet<string>): ReplyFacts => ({ ...reply, lines: veil(reply.lines, members) });

/** Leaves hidden addresses out of verbatim lines. */
function veil(lines: readonly string[], hidden: ReadonlySet<string>): readonly string[] {
  return lines.map((line) => {
    let shown = line;
    for (const address of hidden) {
      for (let at = same(shown).indexOf(address); at >= 0; at = same(shown).indexOf(address, at + 1)) {
        shown = `${shown.slice(0, at)}…${shown.slice(at + address.length)}`;
      }
    }
    return shown;
  });
}

// The organisation's projection

/** Checks whose facts are domains, addresses and selectors only. What other checks found may quote the message. */
const ADDRESS_CHECKS: ReadonlySet<string> = new Set(['spf', 'dkim', 'dmarc', 'arc', 'iprev', 'reverseDns', 'helo', 'blocklist', 'dnsbl']);
/** Facts of a refusal an admin may see: addresses, names of hosts, numbers. */
const FACT_LIMIT = 254;

/** What an organisation's admins see: addresses and codes, no subject, no names, no content, no folders, no colleague's IP or device. */
export function projected(steps: readonly Step[]): readonly Step[] {
  return steps.map(projectedStep);
}

/** The very same object where nothing had to be left out. */
export function projectedStep(step: Step): Step {
  switch (step.kind) {
    case 'received': {
      const bare = without(step, 'subject', 'headerFrom');
      const from = step.headerFrom === undefined ? undefined : addressOnly(step.headerFrom);
      const shown = from === undefined ? bare : { ...bare, headerFrom: from };
      return step.origin === 'submission' || step.origin === 'jmap' ? without(shown, 'peer', 'tls') : shown;
    }
    case 'checked':
      return ADDRESS_CHECKS.has(step.check) ? step : without(step, 'facts');
    case 'scored':
      return { ...step, reasons: step.reasons.map((reason) => without(reason, 'facts')) };
    case 'refused':
      return { ...step, facts: plainFacts(step.facts) };
    case 'ruled':
      return { ...step, rule: '', folder: '' };
    case 'filed':
      return hideFolderName(step);
    default:
      return step;
  }
}

/** The role stays (an admin must see that it went to Spam), the name somebody gave a folder does not. */
const hideFolderName = (step: Of<'filed'>): Of<'filed'> => without({ ...step, folder: '' }, 'uid');

function plainFacts(facts: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const names = Object.keys(facts);
  if (names.length === 0) return facts;
  const plain: Record<string, string> = {};
  for (const name of names) {
    const value = facts[name] ?? '';
    if (name === 'subject' || value.length > FACT_LIMIT) continue;
    plain[name] = value.includes('@') ? (addressOnly(value) ?? '') : value;
  }
  return plain;
}

/** `"Noor" <noor@example.org>` → `noor@example.org`; undefined when there is no address to be seen. */
export function addressOnly(text: string): string | undefined {
  const open = text.lastIndexOf('<');
  const close = text.indexOf('>', open);
  const inner = (open >= 0 && close > open ? text.slice(open + 1, close) : text).trim();
  const at = inner.lastIndexOf('@');
  return at <= 0 || at === inner.length - 1 || inner.includes(' ') ? undefined : inner;
}

// Time

/** an IP address is shown whole for a week, then as its network. */
export const IP_WHOLE_MS = 7 * 24 * 3_600_000;

/** `192.0.2.17` → `192.0.2.0`, `2001:db8:1:2::3` → `2001:db8:1::`. */
export function networkOf(ip: string): string {
  if (!ip.includes(':')) return `${ip.slice(0, ip.lastIndexOf('.'))}.0`;
  const groups = (ip.split('::')[0] ?? '').split(':').filter((group) => group !== '');
  return `${groups.slice(0, 3).join(':')}::`;
}

const blurPeer = (peer: Peer): Peer => ({ ...peer, ip: networkOf(peer.ip) });

/** Client addresses older than a week, shortened. Servers we spoke to are no persons and stay. */
export function aged(steps: readonly Step[], now: number): readonly Step[] {
  return steps.map((step) => {
    if (now - step.at <= IP_WHOLE_MS || (step.kind !== 'received' && step.kind !== 'refused') || step.peer === undefined) return step;
    return { ...step, peer: blurPeer(step.peer) };
  });
}
