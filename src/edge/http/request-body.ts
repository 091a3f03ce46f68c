/** Reads a request's body up to a bound. */

/** Undefined when there is more than `limit` octets. QUIRK: hono's own bodyLimit rebuilds the request, which node-server's cannot bear. */
export async function readBody(request: Request, limit: number): Promise<string | undefined> {
  return (await readOctets(request, limit))?.toString('utf8');
}

export async function readOctets(request: Request, limit: number): Promise<Buffer | undefined> {
  if (Number(request.headers.get('content-length') ?? 0) > limit) return undefined;
  if (request.body === null) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
