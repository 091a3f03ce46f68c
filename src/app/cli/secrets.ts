/** Passwords come from a file or stdin, or are made by the server; never from the command line, where every user of the machine can read them. */
import { open, stat } from 'node:fs/promises';
import { type Call, EXIT, fail, fine, type Reply, textOption } from './command.ts';
import { size } from './output.ts';

/** Octets. */
const FILE_LIMIT = 4_096;
/** Octets of any file given: some times the largest message that a server takes. */
const GIVEN_LIMIT = 268_435_456;
/** Octets read at once. */
const CHUNK = 65_536;

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

/** A file, or stdin for `-`. Pipes too: a shell's `<(command)` is one. Devices have no end. */
export async function readGiven({ io }: Call, file: string, limit: number = GIVEN_LIMIT): Promise<Reply<Buffer>> {
  const name = file === '-' ? 'stdin' : file;
  try {
    if (file === '-') return fine(await io.stdin());
    const about = await stat(file);
    if (!about.isFile() && !about.isFIFO()) return fail(EXIT.failed, `${file} is not a file. Give a file, or - for stdin.`);
    const bytes = about.size > limit ? undefined : await readUpTo(file, limit);
    return bytes === undefined ? fail(EXIT.failed, `${file} has more than the ${size(limit)} that are read.`) : fine(bytes);
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return fail(
      EXIT.failed,
      why === 'E2BIG' ? `${name} has more than is read from there. Give it as a file.` : `${name} cannot be read (${why}).`,
    );
  }
}

/** Undefined when there is more: a file may grow, and files such as those of /proc do not tell their size. */
async function readUpTo(file: string, limit: number): Promise<Buffer | undefined> {
  const handle = await open(file);
  try {
    const chunks: Buffer[] = [];
    for (let total = 0; total <= limit; ) {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(CHUNK), 0, CHUNK, null);
      if (bytesRead === 0) return Buffer.concat(chunks);
      chunks.push(buffer.subarray(0, bytesRead));
      total += bytesRead;
    }
    return undefined;
  } finally {
    await handle.close();
  }
}
