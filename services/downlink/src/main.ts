import { runDownlink } from './run-downlink.ts';

try {
  await runDownlink(process.env);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
