/** The shapes of request bodies, checked before a service sees them. */
import type { Static, TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import { type Problem, plainProblem } from '../problem.ts';

export type Checked<T> = Readonly<{ ok: true; value: T }> | Readonly<{ ok: false; problem: Problem }>;

/** A check for bodies of one shape, compiled once. */
export function bodyOf<Schema extends TSchema>(schema: Schema): (body: unknown) => Checked<Static<Schema>> {
  const validator: Validator = Compile(schema);
  return (body) => {
    // Checked against `schema`, so it is one of these.
    if (validator.Check(body)) return { ok: true, value: body as Static<Schema> };
    const first = validator.Errors(body)[0];
    const where = first === undefined || first.instancePath === '' ? 'The body' : first.instancePath.slice(1).replaceAll('/', '.');
    return {
      ok: false,
      problem: plainProblem(400, 'The request does not have the right shape', `${where} ${first?.message ?? 'is wrong'}`),
    };
  };
}

/** A whole number from the query within bounds, or what is taken when it is absent or none. */
export function numberIn(
  query: URLSearchParams,
  name: string,
  { low, high, otherwise }: Readonly<{ low: number; high: number; otherwise: number }>,
): number {
  const text = query.get(name);
  const value = text !== null && /^\d{1,15}$/.test(text) ? Number(text) : otherwise;
  return Math.min(high, Math.max(low, value));
}
