/** An authoritative DNS server on loopback for zones kept as data: the demo's whole internet asks it, and nothing else. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import { decodeMessage, EDNS_UDP_BYTES, encodeMessage, PLAIN_UDP_BYTES } from '../../../codec/dns/message.ts';
import type { Zones } from '../../../codec/dns/zone.ts';

const HOST = '127.0.0.1';
/** A client that says nothing for so long is let go. */
const IDLE_MS = 5_000;

export type DnsServer = Readonly<{ port: number; close(): Promise<void> }>;

function answerTo(zones: Zones, query: Buffer, limit: number | undefined): Buffer | undefined {
  const read = decodeMessage(query);
  if (!read.ok) return undefined;
  const size = limit ?? (read.value.edns === null ? PLAIN_UDP_BYTES : Math.min(read.value.edns.udpSize, EDNS_UDP_BYTES));
  return encodeMessage(zones.answer(read.value), size);
}

function serveTcp(zones: Zones, socket: Socket): void {
  let waiting = Buffer.alloc(0);
  socket.setTimeout(IDLE_MS, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes: Buffer) => {
    waiting = Buffer.concat([waiting, bytes]);
    while (waiting.length >= 2 && waiting.length >= 2 + waiting.readUInt16BE(0)) {
      const length = waiting.readUInt16BE(0);
      const answer = answerTo(zones, waiting.subarray(2, 2 + length), 65_535);
      waiting = waiting.subarray(2 + length);
      if (answer === undefined) return void socket.destroy();
      const prefix = Buffer.alloc(2);
      prefix.writeUInt16BE(answer.length);
      socket.write(Buffer.concat([prefix, answer]));
    }
  });
}

async function bound(udp: UdpSocket, tcp: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    udp.once('error', reject);
    udp.bind(port, HOST, resolve);
  });
  const chosen = udp.address().port;
  await new Promise<void>((resolve, reject) => {
    tcp.once('error', reject);
    tcp.listen(chosen, HOST, resolve);
  });
  return chosen;
}

/** Several tries: a port that UDP had free may be taken for TCP. */
const TRIES = 10;

export async function startDnsServer(zones: Zones, port = 0): Promise<DnsServer> {
  for (let tried = 1; ; tried++) {
    const udp = createSocket('udp4');
    const tcp = createServer((socket) => serveTcp(zones, socket));
    try {
      const chosen = await bound(udp, tcp, port);
      udp.on('message', (query, from) => {
        const answer = answerTo(zones, query, undefined);
        if (answer !== undefined) udp.send(answer, from.port, from.address);
      });
      return {
        port: chosen,
        async close() {
          await Promise.all([new Promise<void>((done) => udp.close(done)), new Promise((done) => tcp.close(done))]);
        },
      };
    } catch (error) {
      udp.close();
      if (port !== 0 || tried >= TRIES) throw error;
    }
  }
}
