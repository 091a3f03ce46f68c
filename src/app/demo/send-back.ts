/** How the people elsewhere write back: by SMTP to our own door, like anybody. */
import { connect } from 'node:net';
import type { SendBack } from './internet/elsewhere.ts';

/** A moment passes before somebody answers. */
const PAUSE_MS = 300;
const TIMEOUT_MS = 10_000;
/** Answers under way at once; a loop of answers must not grow. */
const AT_ONCE = 50;

/** Speaks one transaction, command by command. */
function speak(place: Readonly<{ host: string; port: number }>, lines: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(place.port, place.host);
    const rest = [...lines];
    let reply = '';
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve());
    socket.on('data', (bytes: Buffer) => {
      reply += bytes.toString('latin1');
      if (!/^\d{3} .*\r\n$/m.test(reply.slice(reply.lastIndexOf('\n', reply.length - 2) + 1))) return;
      reply = '';
      const next = rest.shift();
      if (next === undefined) socket.end();
      else socket.write(next);
    });
  });
}

export function sendBackTo(host: string): Readonly<{ send: SendBack; to(port: number): void; stop(): void }> {
  let port = 0;
  let isStopped = false;
  let underWay = 0;
  const send: SendBack = ({ from, to, content }) => {
    if (underWay >= AT_ONCE) return;
    underWay++;
    setTimeout(() => {
      if (isStopped) return;
      const stuffed = content.replace(/\r\n\./g, '\r\n..');
      void speak({ host, port }, [
        'EHLO mx.elsewhere.test\r\n',
        `MAIL FROM:<${from}> BODY=8BITMIME\r\n`,
        `RCPT TO:<${to}>\r\n`,
        'DATA\r\n',
        `${stuffed}\r\n.\r\n`,
        'QUIT\r\n',
      ]).then(() => underWay--);
    }, PAUSE_MS).unref();
  };
  return {
    send,
    to: (given) => {
      port = given;
    },
    stop: () => {
      isStopped = true;
    },
  };
}
