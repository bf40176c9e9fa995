import { VerificationUnavailableError } from "../errors.ts";
import type { VerifierSettings } from "./options.ts";
import { refusal } from "./refusal.ts";

/** A request to Authgraft. */
export interface Question {
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: URLSearchParams;
  /** Milliseconds until there is no answer. */
  readonly patience: number;
}

/** Asks Authgraft, as the service. */
export interface AuthgraftClient {
  /**
   * The text that a path answers with status 200.
   *
   * @throws VerificationUnavailableError where it is another answer or none.
   */
  ask(path: string, question: Question): Promise<string>;
  /** The body of an answer with status 200, as it comes, until `ending`; patience is for its beginning. */
  stream(path: string, question: Question, ending: AbortController): Promise<ReadableStream<Uint8Array>>;
}

/** Bytes of an answer; the largest part of the feed has a third of it. */
const LARGEST = 2_000_000;

/** Makes the client. Redirects are not followed: the service's secret is for this address alone. */
export function createAuthgraftClient(
  { url, service, fetch }: Pick<VerifierSettings, "url" | "service" | "fetch">,
  closing: AbortSignal,
): AuthgraftClient {
  const authorization = `Basic ${credentials(service)}`;
  const send = async (path: string, question: Question, signal: AbortSignal) => {
    const { method = "GET", headers = {}, body } = question;
    const init: RequestInit = { method, headers: { authorization, ...headers }, redirect: "manual", signal };
    const response = await fetch(`${url}${path}`, { ...init, ...(body === undefined ? {} : { body }) });
    if (response.status === 200) return response;
    await response.body?.cancel();
    throw refusal(response, nameOf(path));
  };
  return {
    async ask(path, question) {
      const ending = new AbortController();
      const end = () => ending.abort();
      if (closing.aborted) end();
      closing.addEventListener("abort", end);
      try {
        return await inTime(path, question.patience, ending, async (signal) =>
          readText(await send(path, question, signal)),
        );
      } finally {
        closing.removeEventListener("abort", end);
      }
    },
    stream: (path, question, ending) =>
      inTime(path, question.patience, ending, async (signal) => {
        const { body } = await send(path, question, signal);
        if (body === null)
          throw new VerificationUnavailableError(`Authgraft answers nothing to ${nameOf(path)}.`);
        return body;
      }),
  };
}

/** RFC 6749, 2.3.1: form-encoded before they are joined. */
function credentials({ id, secret }: VerifierSettings["service"]): string {
  return Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString("base64");
}

/** Without its query, which no log needs. */
function nameOf(path: string): string {
  return path.replace(/\?.*/, "");
}

/** A `fetch` may not heed its signal, so nobody relies on it. */
async function inTime<Result>(
  path: string,
  patience: number,
  ending: AbortController,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const { signal } = ending;
  const timer = setTimeout(() => ending.abort(), patience);
  const ended = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  try {
    signal.throwIfAborted();
    return await Promise.race([work(signal), ended]);
  } catch (error) {
    if (error instanceof VerificationUnavailableError) throw error;
    const fix = "See that Authgraft runs, and that this service reaches it at `url`.";
    throw new VerificationUnavailableError(`Authgraft does not answer to ${nameOf(path)}.`, {
      cause: error,
      fix,
    });
  } finally {
    clearTimeout(timer);
  }
}

async function readText({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > LARGEST) throw new RangeError("the answer is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
