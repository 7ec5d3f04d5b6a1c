import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { costPage } from './cost-page.ts';

/** `npm run cost`: writes docs/cost.md. */
const page = resolve(import.meta.dirname, '../../../docs/cost.md');
writeFileSync(page, costPage());
console.log(`wrote ${page}`);
