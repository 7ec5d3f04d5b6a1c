export { type EmbeddedBroker, startEmbeddedBroker } from './embedded-broker.ts';
export {
  answerAsGateway,
  type GatewayAnswer,
  SimulatedGateway,
  type SimulatedGatewayOptions,
} from './simulated-gateway.ts';
