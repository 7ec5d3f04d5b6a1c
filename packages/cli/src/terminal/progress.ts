import { Presets, SingleBar } from 'cli-progress';

/** Shows how far a piece of work has come. */
export interface Progress {
  update(done: number): void;
  stop(): void;
}

/** Share of the work between two lines where there is no terminal. */
const LINE_STEP = 0.25;

/** A progress bar on a terminal, a line at every quarter elsewhere. `total` is at least 1. */
export function startProgress(
  what: string,
  total: number,
  output: NodeJS.WriteStream = process.stdout,
): Progress {
  return output.isTTY ? startBar(what, total, output) : startLines(what, total, output);
}

function startBar(what: string, total: number, stream: NodeJS.WriteStream): Progress {
  const format = `  {bar} {percentage} % · {value} of {total} ${what} · {duration_formatted}`;
  const bar = new SingleBar(
    { format, stream, hideCursor: true, formatValue: (n) => n.toLocaleString('en-US') },
    Presets.shades_classic,
  );
  bar.start(total, 0);
  return { update: (done) => bar.update(Math.min(done, total)), stop: () => bar.stop() };
}

function startLines(what: string, total: number, stream: NodeJS.WriteStream): Progress {
  let next = LINE_STEP;
  return {
    update: (done) => {
      if (done / total < next) return;
      next = (Math.floor(done / total / LINE_STEP) + 1) * LINE_STEP;
      stream.write(
        `  ${Math.min(done, total).toLocaleString('en-US')} of ${total.toLocaleString('en-US')} ${what}\n`,
      );
    },
    stop: () => {},
  };
}
