import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A cable to a server, which a test can cut and mend. */
export interface Cable {
  readonly url: string;
  /** Ends every connection; none can be made. */
  cut(): Promise<void>;
  mend(): Promise<void>;
  /** Bytes go nowhere from now on, in both directions; nobody is told. */
  freeze(): void;
  /** Connections that were ever made through it. */
  readonly connections: number;
}

export async function layCable(target: string): Promise<Cable> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let server: Server;
  let ownPort = 0;
  let connections = 0;
  let frozen = false;
  const join = (socket: Socket): void => {
    connections++;
    const other = connect(Number(port), hostname);
    for (const [from, to] of [
      [socket, other],
      [other, socket],
    ] as const) {
      sockets.add(from);
      from.on('data', (chunk) => {
        if (!frozen) to.write(chunk);
      });
      from.on('error', () => {});
      from.once('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  };
  const mend = async (): Promise<void> => {
    frozen = false;
    server = createServer(join);
    await new Promise<void>((resolve) => {
      server.listen(ownPort, '127.0.0.1', resolve);
    });
    ownPort = (server.address() as AddressInfo).port;
  };
  const cut = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  await mend();
  return {
    url: `mqtt://127.0.0.1:${ownPort}`,
    cut,
    mend,
    freeze: () => {
      frozen = true;
    },
    get connections() {
      return connections;
    },
  };
}
