/** The tables of one section of docs/benchmarks.md, read back from its Markdown. Asking for a cell that is not there throws. */
export class SectionTables {
  readonly #section: string;
  /** By the first cell of the head. */
  readonly #tables = new Map<string, readonly (readonly string[])[]>();

  private constructor(section: string, markdown: string) {
    this.#section = section;
    for (const [block] of markdown.matchAll(/(?:^\|.*\|\n?)+/gm)) {
      const [head = [], , ...rows] = block.trim().split('\n').map(cellsOf);
      this.#tables.set(head[0] ?? '', [head, ...rows]);
    }
  }

  /** The tables between a section's marks; undefined when the page has no such section. */
  static of(page: string, section: string): SectionTables | undefined {
    const [begin, end] = [`<!-- ${section} -->`, `<!-- /${section} -->`];
    const [from, to] = [page.indexOf(begin), page.indexOf(end)];
    return from < 0 || to < from ? undefined : new SectionTables(section, page.slice(from, to));
  }

  /** The names of the rows of a table, which is named by the first cell of its head or how that begins. */
  rows(table: string): readonly string[] {
    return this.#find(table)
      .slice(1)
      .map(([name = '']) => name);
  }

  /** A cell as it stands there. The row is named by its first cell, or by its first ones with ` | ` between them. */
  text(table: string, row: string, column: string): string {
    const [head = [], ...rows] = this.#find(table);
    const cell = rows.find((cells) => `${cells.join(' | ')} |`.startsWith(`${row} |`))?.[
      head.indexOf(column)
    ];
    if (cell === undefined) throw this.#missing(`${table} | ${row} | ${column}`);
    return cell;
  }

  /** A cell that is a number. */
  number(table: string, row: string, column: string): number {
    const text = this.text(table, row, column);
    const number = Number(text.replaceAll(',', ''));
    if (text === '' || Number.isNaN(number))
      throw this.#missing(`a number at ${table} | ${row} | ${column}: ${text}`);
    return number;
  }

  #find(table: string): readonly (readonly string[])[] {
    const name = [...this.#tables.keys()].find((head) => head === table || (table && head.startsWith(table)));
    const found = name === undefined ? undefined : this.#tables.get(name);
    if (found === undefined) throw this.#missing(`a table "${table}"`);
    return found;
  }

  #missing(what: string): Error {
    return new Error(`docs/benchmarks.md, section ${this.#section}, lacks ${what}`);
  }
}

function cellsOf(line: string): string[] {
  return line
    .trim()
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim());
}
