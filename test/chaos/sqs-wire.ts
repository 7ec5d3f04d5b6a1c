/** A message as a ReceiveMessage answer has it. */
export interface WireMessage {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly Attributes?: Readonly<Record<string, string>>;
}

/** Makes one SQS call in the AWS JSON protocol, unsigned: the embedded server asks for no signature. Throws on any other status than 200. */
export async function callSqs(
  endpoint: string,
  operation: string,
  input: object,
): Promise<Record<string, unknown>> {
  return await postSqs(endpoint, operation, Buffer.from(JSON.stringify(input)));
}

/** The same with a body of the caller's own bytes. */
export async function postSqs(
  endpoint: string,
  operation: string,
  body: Uint8Array<ArrayBuffer>,
): Promise<Record<string, unknown>> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${operation}` },
    body,
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${operation} answered ${response.status}: ${text}`);
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

/** Takes every message off a queue, deleting each; for the end of a run, when nobody else receives. */
export async function emptyQueue(endpoint: string, QueueUrl: string): Promise<WireMessage[]> {
  const taken: WireMessage[] = [];
  for (;;) {
    const input = { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0, AttributeNames: ['All'] };
    const { Messages } = await callSqs(endpoint, 'ReceiveMessage', input);
    const messages = (Messages ?? []) as WireMessage[];
    if (messages.length === 0) return taken;
    const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await callSqs(endpoint, 'DeleteMessageBatch', { QueueUrl, Entries });
    taken.push(...messages);
  }
}
