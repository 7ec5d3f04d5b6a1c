import { sql } from 'drizzle-orm';
import type { Engine } from '../../src/engine/engine.ts';
import type { Registry, RegistryOptions } from '../../src/index.ts';
import { registryOn } from '../../src/registry.ts';
import type { TestEngine } from '../engines.ts';

/** What a suite works with: one database, empty at the start of each case. */
export class SuiteContext {
  /** The tests' clock, for plans and tokens, in milliseconds; starts at the real time. */
  now = Date.now();
  #opened: Awaited<ReturnType<TestEngine['open']>> | undefined;

  async open(testEngine: TestEngine): Promise<void> {
    this.#opened = await testEngine.open();
  }

  async dispose(): Promise<void> {
    await this.#opened?.dispose();
  }

  get engine(): Engine {
    if (!this.#opened) throw new Error('the database is not open');
    return this.#opened.engine;
  }

  get url(): string {
    return this.#opened?.url ?? '';
  }

  /** A registry on the database, with caches of its own, by the tests' clock. */
  registry(options: RegistryOptions = {}): Registry {
    const now = () => this.now;
    return registryOn(this.engine, {
      plans: { now, ...options.plans },
      tokens: { now, ...options.tokens },
      contacts: { now, ...options.contacts },
    });
  }

  async empty(): Promise<void> {
    this.now = Date.now();
    await this.run(
      'truncate orgs, projects, devices, factors, tokens, token_projects restart identity cascade',
    );
    await this.run('alter sequence device_numbers restart');
  }

  /** Runs one statement behind the registry's back. */
  async run(statement: string): Promise<Record<string, unknown>[]> {
    const result = (await this.engine.db.execute(sql.raw(statement))) as unknown as {
      rows: Record<string, unknown>[];
    };
    return result.rows;
  }
}
