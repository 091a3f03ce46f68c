/** Message ids in Message-ID, In-Reply-To and References (RFC 5322 §3.6.4), obsolete words between them skipped. */

/** Characters in one id. A longer one is noise that would grow every thread. */
const ID_LIMIT = 998;

/** Every `<…>` in the text, brackets kept, white space inside removed, the first of equals kept. */
export function messageIds(text: string, limit: number): string[] {
  const ids = new Set<string>();
  let open = text.indexOf('<');
  while (open >= 0 && ids.size < limit) {
    const close = text.indexOf('>', open);
    if (close < 0) break;
    // QUIRK: an id that was never closed ends where the next begins.
    const last = text.lastIndexOf('<', close);
    const id = text.slice(last, close + 1).replace(/[ \t]+/g, '');
    if (id.length > 2 && id.length <= ID_LIMIT) ids.add(id);
    open = text.indexOf('<', close);
  }
  return [...ids];
}
