/**
 * One question to one DNS server: over UDP with a fresh socket each time, so
 * that the source port is as hard to guess as the id (RFC 5452 §9), and over TCP
 * when the answer did not fit (RFC 7766 §5).
 */
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { decodeMessage, type DnsMessage, encodeMessage } from '../../codec/dns/message.ts';
import { canonicalName } from '../../codec/dns/name.ts';
import type { Clock } from '../../core/ports/clock.ts';

export type DnsServer = Readonly<{ host: string; port: number }>;
export type Exchanged = Readonly<{ ok: true; answer: DnsMessage; octets: number }> | Readonly<{ ok: false; why: string }>;
export type Patience = Readonly<{ clock: Clock; timeoutMs: number }>;

/** Answers to other questions than ours taken before we stop listening: SECURITY: somebody is guessing ids. */
const STRAY_LIMIT = 50;

export async function exchange(server: DnsServer, query: DnsMessage, patience: Patience): Promise<Exchanged> {
  const first = await overUdp(server, query, patience);
  return first.ok && first.answer.truncated ? overTcp(server, query, patience) : first;
}

/** SECURITY: the id and the question must be ours, or it is not our answer (RFC 5452 §9.1). */
function isAnswerTo(query: DnsMessage, answer: DnsMessage): boolean {
  const [asked] = query.questions;
  const [echoed] = answer.questions;
  if (!answer.isResponse || answer.id !== query.id) return false;
  // A server that could not read the question need not repeat it.
  if (echoed === undefined) return answer.rcode !== 0;
  return asked !== undefined && echoed.type === asked.type && echoed.class === asked.class && echoed.name === canonicalName(asked.name);
}

function overUdp(server: DnsServer, query: DnsMessage, { clock, timeoutMs }: Patience): Promise<Exchanged> {
  return new Promise((resolve) => {
    const socket = createSocket(server.host.includes(':') ? 'udp6' : 'udp4');
    let strays = 0;
    const finish = (result: Exchanged): void => {
      stop();
      socket.removeAllListeners();
      socket.on('error', ignore);
      socket.close();
      resolve(result);
    };
    const stop = clock.after(timeoutMs, () => finish({ ok: false, why: 'timeout' }));
    socket.once('error', (trouble) => finish({ ok: false, why: trouble.message }));
    socket.on('message', (bytes) => {
      const read = decodeMessage(bytes);
      // What is no answer of ours is passed over, not believed and not an end: the real one may follow.
      if (read.ok && isAnswerTo(query, read.value)) finish({ ok: true, answer: read.value, octets: bytes.length });
      else if (isCutAnswer(query, bytes))
        finish({ ok: true, answer: { ...query, isResponse: true, truncated: true }, octets: bytes.length });
      else if (++strays > STRAY_LIMIT) finish({ ok: false, why: 'too many answers that are not ours' });
    });
    // Connected, the socket hears this server only.
    socket.connect(server.port, server.host, () => socket.send(encodeMessage(query)));
  });
}

const ignore = (): void => {};

/** QUIRK: some servers cut a truncated answer in the middle of a record; id and TC still say that TCP has the rest. */
const isCutAnswer = (query: DnsMessage, bytes: Buffer): boolean =>
  bytes.length >= 12 && bytes.readUInt16BE(0) === query.id && (bytes.readUInt16BE(2) & 0x8200) === 0x8200;

function overTcp(server: DnsServer, query: DnsMessage, { clock, timeoutMs }: Patience): Promise<Exchanged> {
  return new Promise((resolve) => {
    const socket = connect({ host: server.host, port: server.port, noDelay: true });
    let [received, wanted]: [Buffer, number] = [Buffer.alloc(0), Number.POSITIVE_INFINITY];
    const finish = (result: Exchanged): void => {
      stop();
      socket.removeAllListeners();
      socket.on('error', ignore);
      socket.destroy();
      resolve(result);
    };
    const stop = clock.after(timeoutMs, () => finish({ ok: false, why: 'timeout' }));
    socket.once('connect', () => {
      const message = encodeMessage(query);
      socket.write(Buffer.concat([Buffer.of(message.length >> 8, message.length & 0xff), message]));
    });
    socket.once('error', (trouble) => finish({ ok: false, why: trouble.message }));
    socket.once('close', () => finish({ ok: false, why: 'the server closed the connection' }));
    socket.on('data', (bytes: Buffer) => {
      // The length field bounds this: 65,535 octets and what one read brought more.
      received = Buffer.concat([received, bytes]);
      if (received.length >= 2) wanted = received.readUInt16BE(0);
      if (received.length < wanted + 2) return;
      const read = decodeMessage(received.subarray(2, wanted + 2));
      if (!read.ok) finish({ ok: false, why: `a malformed answer: ${read.why}` });
      else if (!isAnswerTo(query, read.value)) finish({ ok: false, why: 'an answer to another question' });
      else finish({ ok: true, answer: read.value, octets: wanted });
    });
  });
}
