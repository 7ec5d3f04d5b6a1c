import { type AddressInfo, createServer, type Socket } from 'node:net';
import { Aedes } from 'aedes';

export interface EmbeddedBroker {
  readonly url: string;
  /** Ends every connection and the server. Safe to call again. */
  close(): Promise<void>;
}

/** Starts an MQTT 3.1.1 broker (aedes) on loopback in this process, for development and tests: nobody is asked who he is. */
export async function startEmbeddedBroker(port = 0): Promise<EmbeddedBroker> {
  const broker = await Aedes.createBroker();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    broker.handle(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: listening } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    for (const socket of sockets) socket.destroy();
    await closed;
    await new Promise<void>((resolve) => {
      broker.close(resolve);
    });
  };
  return {
    url: `mqtt://127.0.0.1:${listening}`,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
