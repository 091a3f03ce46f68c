/** Passwords come from a file or stdin, or are made by the server; never from the command line, where every user of the machine can read them. */
import { readFileSync } from 'node:fs';
import { type Call, EXIT, fail, fine, type Reply, textOption } from './command.ts';

/** Octets. */
const FILE_LIMIT = 4_096;

/** The first line of --password-file (`-` is stdin); undefined when the option is not there. */
export async function passwordOption(call: Call): Promise<Reply<string | undefined>> {
  const file = textOption(call, 'password-file');
  if (file === undefined) return fine(undefined);
  const bytes = await readGiven(call, file);
  if (!bytes.ok) return bytes;
  const line = bytes.value.toString('utf8').split(/\r?\n/, 1)[0] ?? '';
  if (line === '' || bytes.value.length > FILE_LIMIT)
    return fail(EXIT.usage, `${file === '-' ? 'stdin' : file} should have the password, and nothing else, on its first line.`);
  return fine(line);
}

/** A file, or stdin for `-`. */
export async function readGiven({ io }: Call, file: string): Promise<Reply<Buffer>> {
  try {
    return fine(file === '-' ? await io.stdin() : readFileSync(file));
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return fail(EXIT.failed, `${file === '-' ? 'stdin' : file} cannot be read (${why}).`);
  }
}
