import type { TestAuth } from "../../support/auth.ts";

/** A browser's part of talking to a server that runs in this process: it keeps cookies, and says whose page it is. */
export interface TestBrowser {
  readonly fetch: typeof globalThis.fetch;
  /** The requests that were sent, as `POST /v1/auth/login`. */
  readonly sent: string[];
  readonly cookies: Map<string, string>;
}

/** Opens one on a page of `origin`. */
export function openBrowser(auth: Pick<TestAuth, "fetch">, origin = "http://localhost"): TestBrowser {
  const cookies = new Map<string, string>();
  const sent: string[] = [];
  const send: typeof globalThis.fetch = async (url, init = {}) => {
    init.signal?.throwIfAborted();
    const request = new Request(url, init);
    sent.push(`${request.method} ${new URL(request.url).pathname}`);
    const withCookies = init.credentials === "include";
    if (withCookies && cookies.size > 0) {
      request.headers.set("cookie", [...cookies].map(([name, value]) => `${name}=${value}`).join("; "));
    }
    if (request.method !== "GET") request.headers.set("origin", origin);
    const response = await auth.fetch(request);
    if (withCookies) for (const line of response.headers.getSetCookie()) keep(cookies, line);
    return response;
  };
  return { fetch: send, sent, cookies };
}

function keep(cookies: Map<string, string>, line: string): void {
  const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
  if (/max-age=0\b/i.test(line)) cookies.delete(name);
  else cookies.set(name, value);
}
