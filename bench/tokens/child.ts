import { fork, type Serializable } from "node:child_process";
import { once } from "node:events";

/** A process of its own that does what it is asked for. */
export interface Child {
  /** Asks for it by name, with a value, and waits for the answer. */
  call<Result = void>(name: string, value?: unknown): Promise<Result>;
  stop(): Promise<void>;
}

/** What a child can be asked for. */
export type Handlers = Readonly<Record<string, (value: never) => unknown>>;

interface Question {
  readonly id: number;
  readonly name: string;
  readonly value: unknown;
}

type Answer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string };

const OPEN = "open";

/** In the parent: starts a module of `children` and waits until it is ready. The signal ends it at once. */
export async function startChild(module: URL, options: object, signal: AbortSignal): Promise<Child> {
  signal.throwIfAborted();
  const child = fork(module, { serialization: "advanced" });
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  const kill = () => void child.kill("SIGKILL");
  signal.addEventListener("abort", kill);
  child.on("message", (message: unknown) => {
    const answer = message as Answer;
    const asked = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ("error" in answer) asked?.reject(new Error(answer.error));
    else asked?.resolve(answer.result);
  });
  const exited = once(child, "exit").then(([code]) => {
    signal.removeEventListener("abort", kill);
    for (const { reject } of waiting.values()) reject(new Error(`${module.pathname} ended with ${code}`));
  });
  let next = 0;
  const call = <Result>(name: string, value?: unknown): Promise<Result> =>
    new Promise((resolve, reject) => {
      const question: Question = { id: next++, name, value };
      waiting.set(question.id, { resolve: (result) => resolve(result as Result), reject });
      child.send(question as unknown as Serializable, (error) => error && reject(error));
    });
  await call(OPEN, options);
  return {
    call,
    async stop() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}

/** In the child: opens what the parent asks about, and answers until the parent lets go of it. */
export function beChild<Options>(open: (options: Options) => Promise<Handlers>): void {
  let handlers: Handlers = {};
  process.once("disconnect", () => process.exit());
  const answer = async ({ name, value }: Question): Promise<unknown> => {
    if (name === OPEN) {
      handlers = await open(value as Options);
      return undefined;
    }
    const handler = handlers[name];
    if (handler === undefined) throw new Error(`nobody knows ${name}`);
    return handler(value as never);
  };
  process.on("message", async (message) => {
    const question = message as Question;
    try {
      process.send?.({ id: question.id, result: await answer(question) });
    } catch (error) {
      process.send?.({
        id: question.id,
        error: error instanceof Error ? (error.stack ?? "") : String(error),
      });
    }
  });
}
