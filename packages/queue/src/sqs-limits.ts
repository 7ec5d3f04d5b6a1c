/** Most bytes of one message: its body in UTF-8 plus name, type and value of each message attribute (SQS quotas, 2025). */
export const MAX_MESSAGE_BYTES = 1_048_576;

/** Most bytes of all messages of one SendMessageBatch together, attributes included. */
export const MAX_BATCH_BYTES = 1_048_576;

/** Most entries of one batch request, and most messages of one receive. */
export const MAX_BATCH_ENTRIES = 10;

/** SQS bills a request by chunks of this many bytes. */
export const BILLED_CHUNK_BYTES = 65_536;

/** Room kept free beside a body for message attributes (`device_agri_id`, `traceparent`, `tracestate`). */
export const ATTRIBUTE_RESERVE_BYTES = 1024;

/** Longest invisibility of a message, in seconds. SQS counts it from the receive, over all extensions. */
export const MAX_VISIBILITY_SECONDS = 43_200;

/** Longest wait of one receive, in seconds. */
export const MAX_LONG_POLL_SECONDS = 20;

/** The message attribute that names the sending device. */
export const DEVICE_ATTRIBUTE = 'device_agri_id';

/** What SQS takes as MessageGroupId. */
export const GROUP_ID = /^[\x21-\x7e]{1,128}$/;

/** Most message attributes of one message. */
export const MAX_MESSAGE_ATTRIBUTES = 10;
