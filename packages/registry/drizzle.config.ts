import { defineConfig } from 'drizzle-kit';

/** `drizzle-kit generate` writes what changed in the schema as a new migration; both are committed. */
export default defineConfig({
  dialect: 'postgresql',
  schema: './src/schema/index.ts',
  out: './migrations',
});
