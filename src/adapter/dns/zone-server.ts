/**
 * A small DNS server over zones kept as data, on UDP and TCP of one port: the
 * demo's and the tests' internet. It knows its zones and nothing else, so no
 * question can leave the machine.
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import { decodeMessage, encodeMessage, MESSAGE_BYTES_LIMIT, PLAIN_UDP_BYTES } from '../../codec/dns/message.ts';
import type { Zones } from '../../codec/dns/zone.ts';

/** Callers over TCP at once, and how long one may think. */
const CALLER_LIMIT = 100;
const CALLER_MS = 10_000;
/** A port free for TCP may be taken for UDP; another one is tried. */
const BIND_TRIES = 10;

export type ZoneServer = Readonly<{
  host: string;
  port: number /** Questions answered so far. */;
  questions(): number;
  close(): Promise<void>;
}>;

export async function serveZones(
  zones: Zones,
  { host = '127.0.0.1', port = 0 }: { host?: string; port?: number } = {},
): Promise<ZoneServer> {
  let questions = 0;
  const answer = (bytes: Buffer, limit: 'udp' | 'tcp'): Buffer | undefined => {
    const query = decodeMessage(bytes);
    // SECURITY: what is no question gets no answer, least of all another answer: two servers would talk for ever.
    if (!query.ok || query.value.isResponse) return undefined;
    questions++;
    const room = limit === 'tcp' ? MESSAGE_BYTES_LIMIT : (query.value.edns?.udpSize ?? PLAIN_UDP_BYTES);
    return encodeMessage(zones.answer(query.value), room);
  };
  const { tcp, udp, bound } = await bindBoth(host, port);
  tcp.on('connection', (caller: Socket) => serveCaller(caller, (bytes) => answer(bytes, 'tcp')));
  udp.on('message', (bytes, from) => {
    const reply = answer(bytes, 'udp');
    if (reply !== undefined) udp.send(reply, from.port, from.address);
  });
  const close = async (): Promise<void> => {
    await Promise.all([new Promise<void>((resolve) => udp.close(resolve)), new Promise((resolve) => tcp.close(resolve))]);
  };
  return { host, port: bound, questions: () => questions, close };
}

async function bindBoth(host: string, port: number): Promise<{ tcp: Server; udp: UdpSocket; bound: number }> {
  for (let tries = 1; ; tries++) {
    const tcp = createServer({ noDelay: true });
    tcp.maxConnections = CALLER_LIMIT;
    await new Promise<void>((resolve, reject) => tcp.once('error', reject).listen(port, host, resolve));
    const address = tcp.address();
    const bound = typeof address === 'object' && address !== null ? address.port : port;
    const udp = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    try {
      await new Promise<void>((resolve, reject) => udp.once('error', reject).bind(bound, host, resolve));
      udp.removeAllListeners('error').on('error', () => {});
      return { tcp, udp, bound };
    } catch (trouble) {
      tcp.close();
      udp.close();
      if (port !== 0 || tries === BIND_TRIES) throw trouble;
    }
  }
}

/** RFC 1035 §4.2.2: two octets of length before each message. One caller may ask many times. */
function serveCaller(caller: Socket, answer: (bytes: Buffer) => Buffer | undefined): void {
  let received = Buffer.alloc(0);
  caller.on('error', () => {});
  caller.setTimeout(CALLER_MS, () => caller.destroy());
  caller.on('data', (bytes: Buffer) => {
    received = Buffer.concat([received, bytes]);
    while (received.length >= 2 && received.length >= received.readUInt16BE(0) + 2) {
      const end = received.readUInt16BE(0) + 2;
      const reply = answer(received.subarray(2, end));
      received = received.subarray(end);
      if (reply === undefined) return void caller.destroy();
      caller.write(Buffer.concat([Buffer.of(reply.length >> 8, reply.length & 0xff), reply]));
    }
    return undefined;
  });
}
