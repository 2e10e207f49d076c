/** One event of a `text/event-stream` body. */
export interface StreamedEvent {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: string;
}

/**
 * Events of a stream by the rules of the HTML standard, section 9.2.6, except for `retry`. Comments keep the reading
 * alive and make no event. However the bytes are cut, the events are the same; one that was not finished is dropped.
 */
export async function* readEvents(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<StreamedEvent | 'comment'> {
  const decoder = new TextDecoder();
  let rest = '';
  let event = 'message';
  let id: string | undefined;
  let data: string[] = [];
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    // A carriage return at the end may be the first half of a line break.
    const complete = rest.endsWith('\r') ? rest.slice(0, -1) : rest;
    const lines = complete.split(/\r\n|\n|\r/);
    rest = (lines.pop() ?? '') + rest.slice(complete.length);
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) yield { event, id, data: data.join('\n') };
        [event, id, data] = ['message', undefined, []];
      } else if (line.startsWith(':')) {
        yield 'comment';
      } else {
        const [, name, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
        if (name === 'event') event = value;
        else if (name === 'id') id = value;
        else if (name === 'data') data.push(value);
      }
    }
  }
}
