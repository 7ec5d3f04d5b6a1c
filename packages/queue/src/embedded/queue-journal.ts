import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { EmbeddedSqsError } from '../errors.ts';
import type { FauxqsMessage, FauxqsPersistence, FauxqsQueue, FauxqsStore } from './fauxqs.ts';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS queues (
  name TEXT PRIMARY KEY,
  url TEXT NOT NULL,
  arn TEXT NOT NULL,
  attributes TEXT NOT NULL,
  tags TEXT NOT NULL,
  sequence_counter INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS messages (
  position INTEGER PRIMARY KEY,
  message_id TEXT NOT NULL UNIQUE,
  queue TEXT NOT NULL,
  facts TEXT NOT NULL,
  body TEXT NOT NULL,
  receive_count INTEGER NOT NULL,
  first_received_at INTEGER
) STRICT;
`;

/**
 * Keeps the queues and messages of a fauxqs store in one SQLite file. Changes gather in a transaction until `commit`, which the server
 * calls before it answers a request: what was acknowledged survives the death of the process. (After a power failure the last
 * moments may be missing: commits are not forced to the disk one by one.) One process at a time owns the file.
 */
export class QueueJournal implements FauxqsPersistence {
  readonly #database: DatabaseSync;
  readonly #statements: ReturnType<typeof prepareStatements>;
  #closed = false;

  /** Opens the journal in `dataDir`, which is made when missing. Throws EmbeddedSqsError when another process has it. */
  constructor(dataDir: string) {
    this.#database = openDatabase(dataDir);
    this.#statements = prepareStatements(this.#database);
  }

  /**
   * Fills an empty store and attaches the journal to it. A message that somebody had in hand is on its queue again, its receive
   * count kept: whoever had it has most likely died with the server.
   */
  restore(store: FauxqsStore): void {
    for (const row of this.#statements.queues.iterate()) {
      const attributes = textRecord(row['attributes']);
      const tags = textRecord(row['tags']);
      const queue = store.createQueue(
        text(row, 'name'),
        text(row, 'url'),
        text(row, 'arn'),
        attributes,
        tags,
      );
      queue.sequenceCounter = Number(row['sequence_counter']);
      for (const message of this.#statements.messages.iterate(queue.name))
        queue.enqueue(readMessage(message));
      queue.persistence = this;
    }
    store.persistence = this;
  }

  /** Makes everything durable that was changed since the last commit. */
  commit(): void {
    if (!this.#database.isTransaction) return;
    try {
      this.#database.exec('COMMIT');
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    if (this.#closed) return;
    this.commit();
    this.#closed = true;
    this.#database.close();
  }

  insertQueue(queue: FauxqsQueue): void {
    const attributes = JSON.stringify(queue.attributes);
    const tags = JSON.stringify(Object.fromEntries(queue.tags));
    this.#write('insertQueue', queue.name, queue.url, queue.arn, attributes, tags, queue.sequenceCounter);
  }

  deleteQueue(name: string): void {
    this.deleteQueueMessages(name);
    this.#write('deleteQueue', name);
  }

  updateQueueAttributes(name: string, attributes: Readonly<Record<string, string>>): void {
    this.#write('updateAttributes', JSON.stringify(attributes), name);
  }

  updateQueueSequenceCounter(name: string, counter: number): void {
    this.#write('updateSequence', counter, name);
  }

  insertMessage(queueName: string, message: FauxqsMessage): void {
    const { body, approximateReceiveCount, approximateFirstReceiveTimestamp, ...facts } = message;
    const firstReceivedAt = approximateFirstReceiveTimestamp ?? null;
    const json = JSON.stringify(facts);
    const { messageId } = message;
    this.#write('insertMessage', messageId, queueName, json, body, approximateReceiveCount, firstReceivedAt);
  }

  deleteMessage(messageId: string): void {
    this.#write('deleteMessage', messageId);
  }

  /** Receipt handles and deadlines are not kept: after a restart nobody holds a message. */
  updateMessageInflight(
    messageId: string,
    _receiptHandle: string,
    _visibilityDeadline: number,
    receiveCount: number,
    firstReceivedAt: number | undefined,
  ): void {
    this.#write('updateReceived', receiveCount, firstReceivedAt ?? null, messageId);
  }

  updateMessageReady(_messageId: string): void {}

  deleteQueueMessages(queueName: string): void {
    this.#write('deleteMessages', queueName);
  }

  #write(statement: WriteStatement, ...values: (string | number | null)[]): void {
    if (this.#closed) return;
    if (!this.#database.isTransaction) this.#database.exec('BEGIN IMMEDIATE');
    this.#statements[statement].run(...values);
  }
}

type WriteStatement = Exclude<keyof ReturnType<typeof prepareStatements>, 'queues' | 'messages'>;

function openDatabase(dataDir: string): DatabaseSync {
  try {
    mkdirSync(dataDir, { recursive: true });
    const database = new DatabaseSync(join(dataDir, 'queues.sqlite'));
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    database.exec('PRAGMA journal_mode = WAL');
    database.exec('PRAGMA synchronous = NORMAL');
    database.exec(`BEGIN IMMEDIATE; ${SCHEMA} COMMIT`);
    return database;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const locked = reason.includes('locked');
    throw new EmbeddedSqsError(
      locked
        ? `another process uses the queues in ${dataDir}`
        : `the queues in ${dataDir} cannot be opened: ${reason}`,
      { cause: error },
    );
  }
}

function prepareStatements(database: DatabaseSync) {
  return {
    queues: database.prepare('SELECT * FROM queues'),
    messages: database.prepare('SELECT * FROM messages WHERE queue = ? ORDER BY position'),
    insertQueue: database.prepare('INSERT OR REPLACE INTO queues VALUES (?, ?, ?, ?, ?, ?)'),
    deleteQueue: database.prepare('DELETE FROM queues WHERE name = ?'),
    updateAttributes: database.prepare('UPDATE queues SET attributes = ? WHERE name = ?'),
    updateSequence: database.prepare('UPDATE queues SET sequence_counter = ? WHERE name = ?'),
    insertMessage: database.prepare('INSERT OR REPLACE INTO messages VALUES (NULL, ?, ?, ?, ?, ?, ?)'),
    deleteMessage: database.prepare('DELETE FROM messages WHERE message_id = ?'),
    deleteMessages: database.prepare('DELETE FROM messages WHERE queue = ?'),
    updateReceived: database.prepare(
      'UPDATE messages SET receive_count = ?, first_received_at = ? WHERE message_id = ?',
    ),
  } satisfies Record<string, StatementSync>;
}

type Row = Record<string, SQLOutputValue>;

function readMessage(row: Row): FauxqsMessage {
  const facts: Record<string, unknown> = JSON.parse(text(row, 'facts'));
  const firstReceivedAt = row['first_received_at'];
  return {
    ...facts,
    messageId: text(row, 'message_id'),
    body: text(row, 'body'),
    approximateReceiveCount: Number(row['receive_count']),
    ...(typeof firstReceivedAt === 'number' ? { approximateFirstReceiveTimestamp: firstReceivedAt } : {}),
  };
}

function text(row: Row, column: string): string {
  return String(row[column]);
}

function textRecord(json: SQLOutputValue | undefined): Record<string, string> {
  return JSON.parse(String(json));
}
