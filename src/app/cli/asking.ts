/** The two things most commands do: ask the server and show its answer, or have something added. */
import { type Call, fine, type Reply, type Shown } from './command.ts';

/** Asks, and shows what came. */
export async function ask<T>(call: Call, path: string, show: (value: T) => string): Promise<Reply<Shown>> {
  const client = call.client();
  if (!client.ok) return client;
  const answer = await client.value.get<T>(path);
  return answer.ok ? fine({ json: answer.value, text: show(answer.value) }) : answer;
}

export async function add<T>(
  call: Call,
  { path, body, show }: Readonly<{ path: string; body: unknown; show: (value: T) => string }>,
): Promise<Reply<Shown>> {
  const client = call.client();
  if (!client.ok) return client;
  const answer = await client.value.send<T>('POST', path, body);
  return answer.ok ? fine({ json: answer.value, text: show(answer.value) }) : answer;
}

/** The part of a path that somebody named. */
export const part = (text: string | undefined): string => encodeURIComponent(text ?? '');
