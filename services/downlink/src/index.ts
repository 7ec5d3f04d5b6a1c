export { brokerVariables } from './config.ts';
export type { DeviceTopics } from './deliver-command.ts';
export { DownlinkWorker, type DownlinkWorkerOptions } from './downlink-worker.ts';
export { BrokerLink, type BrokerLinkOptions } from './mqtt/broker-link.ts';
export { BrokerError } from './mqtt/errors.ts';
export { forgetOldCommands } from './retention.ts';
export { runDownlink } from './run-downlink.ts';
