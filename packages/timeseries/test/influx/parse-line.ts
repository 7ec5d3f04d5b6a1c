/** One line of line protocol, taken apart. Fields keep their text: `1.5`, `3i`, `"text"`. */
export interface ParsedLine {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, string>>;
  readonly t: number;
}

/**
 * Reads one line by the grammar of docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol, letter by letter and independently of
 * the encoder: a backslash escapes a comma, a space (and in keys and tag values an equals sign) and stands for itself before anything
 * else; in a quoted text it escapes a quote and itself. Throws for what the grammar does not have.
 */
export function parseLine(line: string): ParsedLine {
  const reader = new Reader(line);
  const measurement = reader.until(', ', ', ');
  const tags: Record<string, string> = Object.create(null);
  while (reader.take(',')) {
    const key = reader.until('=', ',= ');
    reader.expect('=');
    tags[key] = reader.until(', ', ',= ');
    if (key === '' || tags[key] === '') throw new SyntaxError('an empty tag');
  }
  reader.expect(' ');
  const fields: Record<string, string> = Object.create(null);
  do {
    const key = reader.until('=', ',= ');
    reader.expect('=');
    fields[key] = reader.peek() === '"' ? reader.quoted() : reader.until(', ', '');
    if (key === '' || fields[key] === '') throw new SyntaxError('an empty field');
  } while (reader.take(','));
  reader.expect(' ');
  const t = reader.until('', '');
  if (measurement === '' || !/^-?\d+$/.test(t)) throw new SyntaxError(`no measurement or no time: ${line}`);
  return { measurement, tags, fields, t: Number(t) };
}

/** The number or text that a field's text stands for. */
export function fieldValue(text: string): number | string {
  if (text.startsWith('"')) return text.slice(1, -1).replace(/\\(["\\])/g, '$1');
  return Number(text.replace(/i$/, ''));
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  peek(): string {
    return this.#text[this.#at] ?? '';
  }

  take(character: string): boolean {
    if (this.peek() !== character) return false;
    this.#at += 1;
    return true;
  }

  expect(character: string): void {
    if (!this.take(character))
      throw new SyntaxError(`no ${JSON.stringify(character)} at ${this.#at}: ${this.#text}`);
  }

  /** Everything before the first of `ends` that no backslash escapes; a backslash escapes the letters of `escapable` only. */
  until(ends: string, escapable: string): string {
    let found = '';
    for (; this.#at < this.#text.length; this.#at += 1) {
      const next = this.#text[this.#at + 1];
      if (this.peek() === '\n') throw new SyntaxError('a line break ends the line');
      if (this.peek() === '\\' && next !== undefined && escapable.includes(next)) {
        found += next;
        this.#at += 1;
      } else if (ends.includes(this.peek())) {
        break;
      } else {
        found += this.peek();
      }
    }
    return found;
  }

  quoted(): string {
    const start = this.#at;
    this.expect('"');
    while (this.#at < this.#text.length && this.peek() !== '"') this.#at += this.peek() === '\\' ? 2 : 1;
    this.expect('"');
    return this.#text.slice(start, this.#at);
  }
}
