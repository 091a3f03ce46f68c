/** How HTTP says no: problem details (RFC 9457). The phrases of this edge. */
import { randomUUID } from 'node:crypto';
import { Fault } from '../../core/fault.ts';
import { type Refusal, type RefusalName, refusalRow } from '../../core/refusal.ts';

export type Problem = Readonly<{
  type: string;
  title: string;
  status: number;
  detail?: string;
  /** A name in core/refusal.table.ts. */
  refusal?: string;
  facts?: Readonly<Record<string, string>>;
  /** Names what went wrong on our side, in our log. */
  incident?: string;
}>;

/** What is not here is 422: understood, and not to be done. */
const STATUS: Partial<Readonly<Record<RefusalName, number>>> = {
  notFound: 404,
  noSuchUser: 404,
  noSuchDomain: 404,
  mailboxGone: 404,
  nameTaken: 409,
  mailboxExists: 409,
  notAllowed: 403,
  senderNotYours: 403,
  wrongPassword: 401,
  signInFirst: 401,
  notForThisProtocol: 403,
  accountClosed: 403,
  tooManyGuesses: 429,
  tooBig: 413,
  diskFull: 507,
  trouble: 503,
  closing: 503,
};

export function refusalProblem(refusal: Refusal): Problem {
  const { refusal: name, facts } = refusal;
  return { type: `urn:eigenpost:refusal:${name}`, title: refusalRow(refusal).words, status: STATUS[name] ?? 422, refusal: name, facts };
}

export function plainProblem(status: number, title: string, detail?: string): Problem {
  return { type: 'about:blank', title, status, ...(detail === undefined ? {} : { detail }) };
}

/** A Fault is the machinery's, everything else a bug; neither is described to the other side. */
export function faultProblem(error: unknown): Problem & Readonly<{ incident: string }> {
  const incident = randomUUID();
  const isFault = error instanceof Fault;
  return {
    ...plainProblem(
      isFault ? 503 : 500,
      isFault ? 'Something is not available just now; try again later' : 'Something went wrong on our side',
    ),
    incident,
  };
}

export function problemResponse(problem: Problem): Response {
  return new Response(JSON.stringify(problem), { status: problem.status, headers: { 'content-type': 'application/problem+json' } });
}
