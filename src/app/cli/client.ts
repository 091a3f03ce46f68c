/** Talks to the admin API over the server's local socket. */
import { type IncomingMessage, request } from 'node:http';
import type { Problem } from '../../edge/http/problem.ts';
import { EXIT, type ExitCode, fail, fine, type Reply } from './command.ts';
import { sayProblem } from './say-problem.ts';

const BASE = '/api/v1';
/** Longest answer taken, octets. */
const ANSWER_LIMIT = 64 * 1_048_576;
/** Silence after which the server is given up; an import speaks every few passwords. */
const SILENCE_MS = 120_000;

type Ask = Readonly<{ method: string; path: string; body?: unknown; onLine?: (line: unknown) => void }>;
type Answered = Readonly<{ status: number; text: string }>;

/** A problem that can be looked into, beside the sentence. */
export type ApiReply<T> = Reply<T> & Readonly<{ problem?: Problem }>;

export class AdminClient {
  readonly #socket: string;

  constructor(socket: string) {
    this.#socket = socket;
  }

  /** The answer has the shape of our own API's route: both come from one source tree. */
  async get<T>(path: string): Promise<ApiReply<T>> {
    return this.#ask({ method: 'GET', path });
  }

  async send<T>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<ApiReply<T>> {
    return this.#ask({ method, path, ...(body === undefined ? {} : { body }) });
  }

  /** For long work: `onProgress` hears how far it is. */
  async sendLong<T>(path: string, body: unknown, onProgress: (done: number) => void): Promise<ApiReply<T>> {
    let last: Readonly<{ value?: T; problem?: Problem }> = {};
    const onLine = (line: unknown): void => {
      if (isProgress(line)) onProgress(line.done);
      else last = line as typeof last;
    };
    const answered = await this.#exchange({ method: 'POST', path, body, onLine });
    if (!answered.ok) return answered;
    if (answered.value.status >= 400) return problemReply(parse(answered.value.text), answered.value.status);
    if (last.problem !== undefined) return problemReply(last.problem, last.problem.status);
    return last.value === undefined ? fail(EXIT.failed, 'The server stopped in the middle of its answer.') : fine(last.value);
  }

  async #ask<T>(ask: Ask): Promise<ApiReply<T>> {
    const answered = await this.#exchange(ask);
    if (!answered.ok) return answered;
    const { status, text } = answered.value;
    const value = text === '' ? undefined : parse(text);
    return status >= 400 ? problemReply(value, status) : fine(value as T);
  }

  #exchange(ask: Ask): Promise<Reply<Answered>> {
    return new Promise((resolve) => {
      const headers = {
        host: 'localhost',
        ...(ask.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(ask.onLine === undefined ? {} : { accept: 'application/x-ndjson' }),
      };
      const call = request(
        { socketPath: this.#socket, method: ask.method, path: `${BASE}${ask.path}`, headers, agent: false },
        (response) => {
          read(response, ask.onLine).then(
            (text) => resolve(fine({ status: response.statusCode ?? 500, text })),
            (error: unknown) => resolve(fail(EXIT.failed, `The server’s answer broke off (${reason(error)}).`)),
          );
        },
      );
      call.setTimeout(SILENCE_MS, () => call.destroy(new Error('no answer')));
      call.on('error', (error) => resolve(fail(EXIT.unreachable, unreachable(this.#socket, reason(error)))));
      call.end(ask.body === undefined ? undefined : JSON.stringify(ask.body));
    });
  }
}

function unreachable(socket: string, why: string): string {
  const hint =
    why === 'EACCES'
      ? 'Run this as the user the server runs as.'
      : 'Is it running on that data folder? Say which one with --data DIR or --config FILE.';
  return `The server does not answer at ${socket} (${why}). ${hint}`;
}

const reason = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : error instanceof Error ? error.message : String(error);

async function read(response: IncomingMessage, onLine: Ask['onLine']): Promise<string> {
  response.setEncoding('utf8');
  const isLines = onLine !== undefined && response.headers['content-type'] === 'application/x-ndjson';
  let text = '';
  let size = 0;
  for await (const chunk of response as AsyncIterable<string>) {
    size += chunk.length;
    if (size > ANSWER_LIMIT) throw new Error('too long');
    text += chunk;
    if (!isLines) continue;
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) onLine(parse(line));
  }
  return text;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isProgress(line: unknown): line is { done: number } {
  return typeof line === 'object' && line !== null && 'done' in line;
}

function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'title' in value && 'status' in value;
}

function problemReply(value: unknown, status: number): ApiReply<never> {
  const problem: Problem = isProblem(value) ? value : { type: 'about:blank', title: `The server answered ${status}`, status };
  return { ok: false, exit: exitOf(status), sentence: sayProblem(problem), problem };
}

function exitOf(status: number): ExitCode {
  if (status === 404) return EXIT.notFound;
  if (status === 400 || status === 413) return EXIT.usage;
  return status >= 500 ? EXIT.failed : EXIT.refused;
}
