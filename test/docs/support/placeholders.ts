/** What the pages name for their readers, and what stands for it in a test. */
export interface Stand {
  /** The copy of the reader's database. */
  readonly copyUrl: string;
  /** Where the demo answers, and the server on a database of one's own. */
  readonly demoOrigin: string;
  readonly ownPort: number;
}

/** The largest there is: on a machine that runs other tests beside this one, queries wait for it and not for a lock. */
export const BUDGET = "--lock-budget 10000";

/** Puts a test's own names in the place of the pages'. */
export function fillIn(text: string, stand: Stand): string {
  return text
    .replaceAll("postgres://user:password@localhost/app_copy", stand.copyUrl)
    .replaceAll("http://localhost:8080", stand.demoOrigin)
    .replaceAll("http://localhost:9090", `http://localhost:${stand.ownPort}`)
    .replaceAll("--port 9090", `--port ${stand.ownPort}`)
    .replaceAll("npm run -s authgraft --", "node src/cli/main.ts")
    .replaceAll(/^authgraft (rehearse|up) /gm, `authgraft $1 ${BUDGET} `);
}
