import { createApp } from './create-app.ts';
import { createStage } from './create-stage.ts';
import { loadStage } from './load-stage.ts';

/** The app that the CDK command line runs: `cdk deploy --all -c stage=dev`. */
try {
  const app = createApp();
  const name: unknown = app.node.tryGetContext('stage');
  createStage(app, await loadStage(typeof name === 'string' ? name : 'dev'));
  app.synth();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
