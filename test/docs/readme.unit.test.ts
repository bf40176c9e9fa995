import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { guide } from "../../src/cli/demo/guide.ts";
import type { RunningServer } from "../../src/cli/serve.ts";
import { createTerminal } from "../../src/cli/terminal.ts";
import { OWNER } from "../support/owner.ts";
import { isByHand } from "./support/by-hand.ts";
import { startDemoServer } from "./support/demo-server.ts";
import { freePort } from "./support/free-port.ts";
import { type OwnPostgres, startOwnPostgres } from "./support/own-postgres.ts";
import { blocksOf } from "./support/pages.ts";
import { fillIn, type Stand } from "./support/placeholders.ts";
import { makePrograms, type Programs } from "./support/programs.ts";
import { Shell } from "./support/shell.ts";

/** What a block of README.md must print, by how it begins. */
const PRINTS: Readonly<Record<string, RegExp>> = {
  "# register": /"token":"[^"]+","user":\{.*"username":"newcomer".*"code":"invalid_token"/s,
  createdb: /^$/,
  "authgraft() {": /Which column of public\.users.*14 steps to do/s,
  "authgraft rehearse": /✓ Up again comes to the same[\s\S]*go/i,
  "authgraft up": /Done: 14 steps.*The graft is whole/s,
  "export AUTHGRAFT_SECRET": /serves sign-in on http/,
  curl: /"user":\{.*"email":"grace@example\.com"/,
  "authgraft down --yes": /data_would_be_lost.*users with a password: 1.*nothing was changed/is,
  "authgraft down --archive":
    /Kept aside in the schema authgraft_archive.*Restored: 1 users?.*The graft is whole/s,
  "authgraft down --step": /Done: 1 steps? taken back.*Done: 1 step/s,
};

let postgres: OwnPostgres;
let programs: Programs;
let demo: RunningServer;
let shell: Shell;
let stand: Stand;

beforeAll(async () => {
  [programs, postgres] = await Promise.all([makePrograms(), startOwnPostgres()]);
  demo = await startDemoServer(await postgres.makeSample("sample_b", "b"));
  await postgres.makeSample("app", "b");
  stand = { copyUrl: postgres.urlOf("app_copy"), demoOrigin: demo.url, ownPort: await freePort() };
  const { DATABASE_URL: _, AUTHGRAFT_SECRET: __, PORT: ___, ...environment } = process.env;
  shell = new Shell({
    ...environment,
    PATH: programs.path,
    AUTHGRAFT_TEST_SUPERUSER_URL: postgres.url,
    AUTHGRAFT_TEST_OWNER: OWNER.name,
  });
});

afterAll(async () => {
  await shell?.end();
  await demo?.close();
  await postgres?.remove();
  await programs?.remove();
});

describe("README.md, from the top", () => {
  const blocks = blocksOf("README.md").filter(({ language }) => language === "sh");

  test.for(
    blocks
      .filter((block) => !isByHand(block))
      .map((block) => [`line ${block.line}: ${block.text.split("\n")[0]?.slice(0, 60)}`, block] as const),
  )("%s", { timeout: 120_000 }, async ([, block]) => {
    const printed = await shell.run(block, fillIn(block.text, stand));
    const start = Object.keys(PRINTS).find((text) => block.text.startsWith(text));
    expect(start, "what the block must print").toBeDefined();
    expect(printed).toMatch(PRINTS[start ?? ""] ?? /^$/);
  });

  test("shows the requests that the demo prints", () => {
    const user = { username: "ada", password: "…" };
    const printed = guide(
      [
        { sample: "b", origin: "http://localhost:8080", user },
        { sample: "a", origin: "http://localhost:8081", user },
      ],
      createTerminal(),
    );
    const block = blocks.find(({ text }) => text.startsWith("# register"));
    expect(stripVTControlCharacters(printed)).toContain(block?.text.trimEnd() ?? "a block of requests");
  });
});
