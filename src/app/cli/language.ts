/** In which words and in whose time a command speaks, where it tells what happened to mail. */
import type { Language } from '../../service/journey/journey.ts';
import { type Call, EXIT, fail, fine, type Reply, textOption } from './command.ts';

/** By --lang, else by the locale. */
export function languageOf(call: Call): Reply<Language> {
  const given = textOption(call, 'lang');
  if (given === 'en' || given === 'nl') return fine(given);
  if (given !== undefined) return fail(EXIT.usage, `There are no words in "${given}". Write --lang en or --lang nl.`);
  const { env } = call.io;
  return fine((env['LC_ALL'] ?? env['LC_MESSAGES'] ?? env['LANG'] ?? '').startsWith('nl') ? 'nl' : 'en');
}

export const timeZone = (call: Call): string => call.io.env['TZ'] ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
