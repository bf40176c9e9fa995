/** Connections that each send the same request again as soon as it is answered, for as long as they are told. */
import { beChild } from "../child.ts";
import { openConnection } from "../connection.ts";
import { type Spread, spreadOf } from "../percentiles.ts";

/** What is asked for, and how a right answer is known. */
export interface LoadOptions {
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
  /** Stands in the body of every right answer. */
  readonly contains: string;
}

/** What came back. */
export interface LoadResult {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly spread: Spread;
  readonly failed: number;
}

/** Seconds before what counts: connections are made, code is compiled. */
const WARM_UP = 1;

beChild<LoadOptions>(async (options) => ({
  run: (seconds: number) => run(options, seconds),
}));

async function run(options: LoadOptions, seconds: number): Promise<LoadResult> {
  const from = performance.now() + WARM_UP * 1_000;
  const to = from + seconds * 1_000;
  const taken: number[] = [];
  let failed = 0;
  const request = { method: "GET", path: options.path, headers: options.headers };
  const one = async () => {
    const connection = await openConnection(`http://127.0.0.1:${options.port}`);
    while (performance.now() < to) {
      const begun = performance.now();
      const { status, body } = await connection.ask(request);
      const now = performance.now();
      if (status !== 200 || !body.includes(options.contains)) failed += 1;
      else if (now >= from && now < to) taken.push(now - begun);
    }
    connection.end();
  };
  await Promise.all(Array.from({ length: options.connections }, one));
  return { perSecond: taken.length / seconds, spread: spreadOf(taken), failed };
}
