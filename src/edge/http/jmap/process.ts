/** Answers a Request (RFC 8620 §3.4): its calls one after another, each with what those before it answered. */
import { randomUUID } from 'node:crypto';
import { MethodError } from '../../../codec/jmap/error.ts';
import type { JsonObject } from '../../../codec/jmap/json.ts';
import { resolved, type Response } from '../../../codec/jmap/reference.ts';
import type { Invocation, JmapRequest } from '../../../codec/jmap/request.ts';
import { Fault } from '../../../core/fault.ts';
import { type Asking, Call, type Perform } from './call.ts';
import type { JmapHost } from './host.ts';
import type { Method, MethodAnswer } from './method.ts';
import { findMethod, METHODS } from './methods.ts';

export type Answered = Readonly<{ methodResponses: readonly Response[]; createdIds?: Readonly<Record<string, string>> }>;

export async function process(request: JmapRequest, asking: Asking): Promise<Answered> {
  const call = new Call({ ...asking, perform }, request);
  const responses: Response[] = [];
  try {
    for (const invocation of request.methodCalls) responses.push(...(await answer(invocation, { request, responses, call })));
  } finally {
    await call.close();
  }
  return { methodResponses: responses, ...(request.createdIds === undefined ? {} : { createdIds: Object.fromEntries(call.createdIds) }) };
}

type Ground = Readonly<{ request: Pick<JmapRequest, 'using'>; responses: readonly Response[]; call: Call }>;

async function answer([name, args, callId]: Invocation, { request, responses, call }: Ground): Promise<readonly Response[]> {
  const method = findMethod(name, request.using);
  if (method === undefined) return [['error', { type: 'unknownMethod' }, callId]];
  try {
    return responsesOf(name, await method.run(resolved(args, responses), call), callId);
  } catch (error) {
    return [['error', errorArgs(error, call.host), callId]];
  }
}

/** Whatever capabilities the request uses: nobody asked for this call by name. */
const perform: Perform = async (name, args, call) => {
  const method = METHODS.find((each) => each.name === name);
  const [first] = method === undefined ? [] : await answer([name, args, ''], { request: usingOf(method), responses: [], call });
  const [answered, answerArgs] = first ?? ['error', { type: 'unknownMethod' }];
  return [answered, answerArgs];
};

const usingOf = ({ capability }: Method): Pick<JmapRequest, 'using'> => ({ using: [capability] });

function responsesOf(name: string, answered: MethodAnswer, callId: string): readonly Response[] {
  return isSeveral(answered) ? answered.map(([own, args]) => [own, args, callId] as const) : [[name, answered, callId]];
}

const isSeveral = (answered: MethodAnswer): answered is Extract<MethodAnswer, readonly unknown[]> => Array.isArray(answered);

/** A Fault is the machinery's, everything else unforeseen a bug; neither is described to the other side. */
function errorArgs(error: unknown, host: JmapHost): JsonObject {
  if (error instanceof MethodError) return error.args;
  const incident = randomUUID();
  host.onTrouble(incident, error);
  const isFault = error instanceof Fault;
  return {
    type: isFault ? 'serverUnavailable' : 'serverFail',
    description: `${isFault ? 'Something is not available just now; try again later' : 'Something went wrong on our side'} (${incident})`,
  };
}
