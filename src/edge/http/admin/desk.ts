/** What the admin API works with, and what one of its routes is. */
import type { Clock } from '../../../core/ports/clock.ts';
import type { Refusal } from '../../../core/refusal.ts';
import type { LiveAccounts } from '../../../service/accounts/accounts.ts';
import type { JourneyReader } from '../../../service/journey/journey.ts';
import type { Problem } from '../problem.ts';
import type { QueueDesk } from './route/queue.ts';

export type ListenerFacts = Readonly<{ protocol: string; host: string; port: number }>;

export type Desk = Readonly<{
  accounts: LiveAccounts;
  queue: QueueDesk;
  journeys: JourneyReader;
  clock: Clock;
  minimumPassword: number;
  about: Readonly<{ version: string; hostName: string; startedAt: number; data: string }>;
  /** As they are now: with the ports the kernel chose. */
  listeners: () => readonly ListenerFacts[];
  /** For the log: what went wrong behind an incident id. */
  onTrouble: (incident: string, error: unknown) => void;
}>;

export type Ask = Readonly<{
  /** Parts of the path, decoded. */
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  /** JSON, or undefined where there is none; the route checks its shape. */
  body: unknown;
  /** The caller reads lines of progress before the answer (application/x-ndjson). */
  wantsProgress: boolean;
}>;

/** `progress` sends lines as they come; the last one is the answer or a problem. */
export type Answer =
  | Readonly<{ status?: 200 | 201; value: unknown }>
  | Readonly<{ status: 204 }>
  | Readonly<{ problem: Problem }>
  | Readonly<{ progress: (tell: (line: unknown) => void) => Promise<Answer> }>
  | Refusal;

export type Route = Readonly<{
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Under /api/v1. */
  path: string;
  summary: string;
  run: (ask: Ask, desk: Desk) => Answer | Promise<Answer>;
}>;
