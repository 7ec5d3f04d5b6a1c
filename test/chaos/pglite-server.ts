import { type AddressInfo, createServer, type Socket } from 'node:net';
import { PGlite } from '@electric-sql/pglite';

/**
 * PGlite on a socket, for the processes of a chaos run when there is no PostgreSQL: a process of its own that prints its port and ends
 * with its input. PGlite is one session, so connections take turns: each batch of messages up to its Sync runs without another between
 * (unnamed statements of two connections must not mix), and a connection inside a transaction keeps its turn to the end of it.
 * What belongs to a session (advisory locks, settings) is shared by all.
 */
const db = await PGlite.create('memory://');

const SSL_REQUEST = 80_877_103;
const CANCEL_REQUEST = 80_877_102;
/** Frontend messages after which an answer is due: Query and Sync. */
const ENDS_BATCH = new Set(['Q', 'S']);
const READY_FOR_QUERY = 'Z'.charCodeAt(0);
const IDLE = 'I'.charCodeAt(0);

let owner: Socket | undefined;
let turn: Promise<void> = Promise.resolve();
let freed = Promise.withResolvers<void>();

/** Runs one batch when no other connection is inside a transaction; batches of all connections one after another. */
async function run(socket: Socket, batch: Uint8Array): Promise<void> {
  while (owner !== undefined && owner !== socket) await freed.promise;
  const mine = turn.then(async () => {
    if (owner !== undefined && owner !== socket) return false;
    const answer = Buffer.from(await db.execProtocolRaw(batch));
    if (socket.writable) socket.write(answer);
    const inTransaction = answer.at(-6) === READY_FOR_QUERY && answer.at(-1) !== IDLE;
    if (inTransaction && socket.destroyed) await rollBack();
    else setOwner(inTransaction ? socket : undefined);
    return true;
  });
  turn = mine.then(
    () => undefined,
    () => undefined,
  );
  if (!(await mine)) await run(socket, batch);
}

async function rollBack(): Promise<void> {
  await db.exec('rollback');
  setOwner(undefined);
}

function setOwner(socket: Socket | undefined): void {
  owner = socket;
  if (socket !== undefined) return;
  freed.resolve();
  freed = Promise.withResolvers();
}

function serve(socket: Socket): void {
  let waiting = Buffer.alloc(0);
  let batch: Buffer[] = [];
  let started = false;
  let work: Promise<void> = Promise.resolve();
  const enqueue = (bytes: Uint8Array): void => {
    work = work.then(() => run(socket, bytes)).catch(() => void socket.destroy());
  };
  const takeStartup = (): boolean => {
    if (waiting.length < 8 || waiting.length < waiting.readInt32BE(0)) return false;
    const message = waiting.subarray(0, waiting.readInt32BE(0));
    waiting = waiting.subarray(message.length);
    const code = message.readInt32BE(4);
    if (code === SSL_REQUEST) socket.write('N');
    else if (code !== CANCEL_REQUEST) {
      started = true;
      enqueue(message);
    }
    return true;
  };
  const takeMessage = (): boolean => {
    if (waiting.length < 5 || waiting.length < 1 + waiting.readInt32BE(1)) return false;
    const message = waiting.subarray(0, 1 + waiting.readInt32BE(1));
    waiting = waiting.subarray(message.length);
    const type = String.fromCharCode(message[0] ?? 0);
    if (type === 'X') socket.end();
    else batch.push(message);
    if (ENDS_BATCH.has(type)) enqueue(Buffer.concat(batch.splice(0)));
    return true;
  };
  socket.setNoDelay(true);
  socket.on('data', (chunk: Buffer) => {
    waiting = Buffer.concat([waiting, chunk]);
    while (started ? takeMessage() : takeStartup());
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    batch = [];
    turn = turn.then(() => (owner === socket ? rollBack() : undefined)).catch(() => undefined);
  });
}

const server = createServer(serve);
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
process.stdin.on('end', () => process.exit(0)).resume();
