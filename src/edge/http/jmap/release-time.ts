/** HOLDFOR and HOLDUNTIL (RFC 4865 §4): when a message is to leave. */
import { MAX_DELAYED_SEND_S } from './limits.ts';

type Parameters = Readonly<Record<string, string | null>>;

/** `releaseAt` (ms) is null where nothing was asked, undefined where it cannot be done; `others` are the parameters besides. */
export function releaseTime(parameters: Parameters, now: number): Readonly<{ releaseAt: number | null | undefined; others: Parameters }> {
  const isHold = (name: string): boolean => /^hold(?:for|until)$/i.test(name);
  const holds = Object.entries(parameters).filter(([name]) => isHold(name));
  const others = Object.fromEntries(Object.entries(parameters).filter(([name]) => !isHold(name)));
  const [[name, value] = ['', null], ...more] = holds;
  if (name === '') return { releaseAt: null, others };
  const at = value === null || more.length > 0 ? undefined : /for$/i.test(name) ? holdFor(value, now) : holdUntil(value);
  // What was to leave already leaves now.
  const isInTime = at !== undefined && at <= now + MAX_DELAYED_SEND_S * 1_000;
  return { releaseAt: isInTime ? at : undefined, others };
}

/** RFC 4865 §4.1: seconds. */
const holdFor = (value: string, now: number): number | undefined => (/^\d{1,9}$/.test(value) ? now + Number(value) * 1_000 : undefined);

/** RFC 3339 date and time. */
function holdUntil(value: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(value)) return undefined;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : at;
}
