import { runApi } from './run-api.ts';

try {
  await runApi(process.env);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
