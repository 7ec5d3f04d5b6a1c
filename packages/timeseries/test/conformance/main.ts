import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SUITE_FILES, WRITE_PATHS } from './engines.ts';
import { renderReport } from './render-report.ts';
import { ROOT, runSuite } from './run-suite.ts';
import { findVersions } from './versions.ts';

/** `npm run conformance`: runs the suite on every engine that is there, and writes docs/conformance.md. */
const versions = await findVersions();
const results = await runSuite([...SUITE_FILES, ...WRITE_PATHS.map(({ file }) => file)]);
const date = new Date().toISOString().slice(0, 10);
await writeFile(join(ROOT, 'docs/conformance.md'), renderReport(results, { date, versions }));
const count = (status: string) => results.filter((result) => result.status === status).length;
console.log(
  `docs/conformance.md: ${count('passed')} held, ${count('skipped')} not declared, ${count('failed')} failed`,
);
process.exitCode = count('failed') === 0 ? 0 : 1;
