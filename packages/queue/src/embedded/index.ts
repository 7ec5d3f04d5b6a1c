export {
  type EmbeddedClientConfig,
  type EmbeddedSqs,
  type EmbeddedSqsOptions,
  startEmbeddedSqs,
} from './start-embedded-sqs.ts';
