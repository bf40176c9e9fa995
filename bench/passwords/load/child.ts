import { fork, type Serializable } from "node:child_process";
import { once } from "node:events";
import { setPriority } from "node:os";

/** When a run is measured, in milliseconds since 1970: the load begins at `start`, what ends in `from` to `to` counts. */
export interface Window {
  readonly start: number;
  readonly from: number;
  readonly to: number;
}

/** A process that is ready to begin. */
export interface Child<Result> {
  /** Lets it begin, and waits for what it has measured. */
  run(window: Window): Promise<Result>;
  kill(): void;
}

/** In the parent: starts a module of this folder in a process of its own and waits until it is ready. */
export async function startChild<Options, Result>(module: URL, options: Options): Promise<Child<Result>> {
  const child = fork(module);
  const next = async (): Promise<unknown> => {
    const gone = once(child, "exit").then(([code]) => {
      throw new Error(`${module.pathname} ended with ${code}`);
    });
    const [message] = await Promise.race([once(child, "message"), gone]);
    return message;
  };
  const ready = next();
  // Not on its command line, which has no room for thousands of names.
  child.send(options as Serializable);
  await ready;
  return {
    async run(window) {
      const answer = next();
      child.send(window);
      const result = (await answer) as Result;
      child.disconnect();
      return result;
    },
    kill: () => void child.kill("SIGKILL"),
  };
}

/** What the load's priority is where it may be raised: it stands for other machines, and these have processors of their own. */
const LOAD_PRIORITY = -10;

/** In the child: raises its priority, where it may, for what it sends to be sent when it is due. */
export function hurry(): void {
  try {
    setPriority(LOAD_PRIORITY);
  } catch {
    // Only an administrator may: it is then late at times, and says how late.
  }
}

/** In the child: makes ready, says so, waits for its window, measures, and sends what it has measured. */
export async function beChild<Options>(
  makeReady: (options: Options) => Promise<(window: Window) => Promise<object>>,
): Promise<void> {
  // The parent lets go of it when it has the result, and when it is stopped.
  process.once("disconnect", () => process.exit());
  const [options] = (await once(process, "message")) as [Options];
  const measure = await makeReady(options);
  const begin = once(process, "message");
  process.send?.("ready");
  const [window] = (await begin) as [Window];
  process.send?.(await measure(window));
}
