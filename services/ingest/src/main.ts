import { runIngest } from './run-ingest.ts';

try {
  await runIngest(process.env);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
