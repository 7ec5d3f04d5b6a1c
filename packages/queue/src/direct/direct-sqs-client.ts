import { isAscii } from 'node:buffer';
import { SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';
import { HttpRequest } from '@smithy/core/transport';
import { ChecksumError, type DirectOperation, directOperation } from './direct-operations.ts';
import { RequestSigner } from './sign-request.ts';

/** Where the SDK sends a request, and what it signs it for: seen in a request of its own. */
interface Destination {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly host: string;
  readonly userAgent: string;
  readonly region: string;
  readonly service: string;
}

/** Paths that need no encoding to be signed. */
const PLAIN_PATH = /^[\w.~/-]+$/;
const CREDENTIAL = /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/([^/]+)\/([^/]+)\//;

/**
 * The SDK's client, with a short way for the batch operations that carry readings: one signature and one POST each, where the SDK's layers take
 * several times the CPU. Where requests go and for which region they are signed is learned from the SDK's first request, and whatever the
 * short way is not answered with 200 is sent once more by the SDK, with its retries, clock correction and errors. So it changes what a
 * request costs and nothing else.
 */
export class DirectSqsClient extends SQSClient {
  readonly #signer = new RequestSigner();
  #destination: Destination | undefined;

  constructor(config: SQSClientConfig) {
    super(config);
    const viaSdk = this.send.bind(this);
    const send = async (command: SdkCommand, options?: SendOptions): Promise<unknown> => {
      const operation = directOperation(command);
      if (this.#destination !== undefined && operation?.takes(command.input)) {
        const output = await this.#direct(this.#destination, operation, command.input, options);
        if (output !== undefined) return output;
      }
      return viaSdk(command as never, options);
    };
    // One of the overloads of the SDK's `send`; nobody gives it a callback here.
    this.send = send as SQSClient['send'];
    this.middlewareStack.add(
      (next) => (args) => {
        this.#destination ??= destinationOf(args.request);
        return next(args);
      },
      { step: 'deserialize', name: 'learnDestination', priority: 'low' },
    );
  }

  /** What the queue answers; undefined when the SDK is to ask. Rejects when aborted, or when a checksum is wrong. */
  async #direct(
    to: Destination,
    operation: DirectOperation,
    input: object,
    options: SendOptions = {},
  ): Promise<object | undefined> {
    try {
      const request = await this.#signed(to, operation.name, JSON.stringify(input));
      const { response } = await this.config.requestHandler.handle(request, options);
      const text = await readText(response.body as AsyncIterable<Uint8Array>);
      if (response.statusCode !== 200) return undefined;
      const output = operation.read(JSON.parse(text), input);
      return { ...output, $metadata: { httpStatusCode: 200 } };
    } catch (error) {
      if (error instanceof ChecksumError || options.abortSignal?.aborted) throw error;
      return undefined;
    }
  }

  async #signed(to: Destination, operation: string, body: string): Promise<HttpRequest> {
    const { region, service, protocol, hostname, port, path } = to;
    const { accessKeyId, secretAccessKey, sessionToken } = await this.config.credentials();
    const token = sessionToken === undefined ? {} : { sessionToken };
    const signed = this.#signer.sign(
      {
        path,
        headers: {
          host: to.host,
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': `AmazonSQS.${operation}`,
        },
        body,
      },
      { accessKeyId, secretAccessKey, ...token, region, service },
      new Date(Date.now() + this.config.systemClockOffset),
    );
    const headers = {
      ...signed,
      'content-length': String(Buffer.byteLength(body)),
      'user-agent': to.userAgent,
    };
    const place = { protocol, hostname, path, ...(port === undefined ? {} : { port }) };
    return new HttpRequest({ ...place, method: 'POST', headers, body });
  }
}

/** What `send` of the SDK takes, as far as it matters here. */
interface SdkCommand {
  readonly input: object;
}

interface SendOptions {
  readonly abortSignal?: AbortSignal;
}

/** Undefined for a request that is not signed by Signature Version 4, or not for one region. */
function destinationOf(request: unknown): Destination | undefined {
  if (!HttpRequest.isInstance(request)) return undefined;
  const { protocol, hostname, port, path, headers } = request;
  const { authorization = '', host, 'user-agent': userAgent = '' } = headers;
  const [, region, service] = CREDENTIAL.exec(authorization) ?? [];
  if (region === undefined || service === undefined || host === undefined || !PLAIN_PATH.test(path)) {
    return undefined;
  }
  const place = { protocol, hostname, path, host, ...(port === undefined ? {} : { port }) };
  return { ...place, userAgent, region, service };
}

/** Text of nothing but ASCII is the rule, and read faster as what it is. */
async function readText(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  return bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8');
}
