/**
 * The address of an engine that a test can only talk to where somebody has started it, out of the environment. Without it the suite is
 * left out, and `notTested` says so loudly. With FURROW_TEST_ENGINES=required that is a failure, unless the engine is one that comes from
 * a place which CI may not reach (`mayBeAbsent`).
 */
export function optionalEngine(
  variable: string,
  notTested: string,
  mode: 'required' | 'mayBeAbsent' = 'required',
): string | undefined {
  const address = process.env[variable];
  if (address) return address;
  const missing = `${variable} is not set: ${notTested}`;
  if (mode === 'required' && process.env['FURROW_TEST_ENGINES'] === 'required') throw new Error(missing);
  process.stderr.write(`\n*** ${missing} ***\n\n`);
  return undefined;
}
