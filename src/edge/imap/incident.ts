/** Incident numbers: what a client is told and the log knows, so that an owner can ask about it. */
import type { Dice } from '../../core/ports/dice.ts';

/** Random octets in one: short enough to read out, long enough to be the only one in a log. */
const OCTETS = 6;

export const newIncident = (dice: Dice): string => Buffer.from(dice.bytes(OCTETS)).toString('hex');
