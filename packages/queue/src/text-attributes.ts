import type { MessageAttributeValue } from '@aws-sdk/client-sqs';

/** Texts as message attributes, by name. */
export function textAttributes(
  texts: Readonly<Record<string, string>>,
): Record<string, MessageAttributeValue> {
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, { DataType: 'String', StringValue: text }]),
  );
}
