// Is the program of this container well? Asks the path given, at the port of FURROW_HTTP; exits 0 or 1.
const port = /:(\d+)$/.exec(process.env.FURROW_HTTP ?? '')?.[1];
const signal = AbortSignal.timeout(2_000);
const well = await fetch(`http://127.0.0.1:${port}${process.argv[2]}`, { signal }).then(
  (answer) => answer.ok,
  () => false,
);
process.exitCode = well ? 0 : 1;
