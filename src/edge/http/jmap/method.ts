/** What a method is: a row of methods.ts. */
import type { JsonObject } from '../../../codec/jmap/json.ts';
import type { Call } from './call.ts';
import type { Capability } from './capabilities.ts';

/** Arguments of the response; several where one method answers with more than one response (RFC 8620 §3.4). */
export type MethodAnswer = JsonObject | readonly (readonly [name: string, args: JsonObject])[];

export type Method = Readonly<{
  name: string;
  /** Of these one must be in `using`. */
  capability: Capability;
  /** Throws a MethodError where the call cannot be done. */
  run(args: JsonObject, call: Call): MethodAnswer | Promise<MethodAnswer>;
}>;
