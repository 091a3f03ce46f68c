/** What a test run says: each failure in full, each skip with its reason, what tests print, and one line of counts. */
import type { TestEvent } from 'node:test/reporters';
import { inspect } from 'node:util';

const isFileItself = (data: Readonly<{ details?: Readonly<{ type?: string }> }>): boolean => data.details?.type === 'suite';

function failure(data: Extract<TestEvent, { type: 'test:fail' }>['data']): string {
  const { error } = data.details;
  const cause = error.cause ?? error;
  const text = cause instanceof Error ? (cause.stack ?? cause.message) : inspect(cause);
  return `\n✖ ${data.name} (${data.file ?? ''}:${data.line ?? ''})\n  ${text.replaceAll('\n', '\n  ')}\n`;
}

export default async function* report(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for await (const event of source) {
    if (event.type === 'test:fail' && event.data.todo === undefined) {
      if (!isFileItself(event.data)) counts.failed++;
      yield failure(event.data);
    }
    if (event.type === 'test:pass' && event.data.skip !== undefined) {
      counts.skipped++;
      yield `– skipped: ${event.data.name}${typeof event.data.skip === 'string' ? ` (${event.data.skip})` : ''}\n`;
    } else if (event.type === 'test:pass' && !isFileItself(event.data)) counts.passed++;
    if (event.type === 'test:stdout' || event.type === 'test:stderr') yield event.data.message;
    if (event.type === 'test:diagnostic' && event.data.nesting > 0) yield `  ${event.data.message}\n`;
  }
  yield `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`;
}
