import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The programs that the pages use and a machine may lack: each a few lines of Node.js, so the tests need none. */
const PROGRAMS = {
  curl: new URL("./programs/curl.ts", import.meta.url),
  createdb: new URL("./programs/createdb.ts", import.meta.url),
  openssl: new URL("./programs/openssl.ts", import.meta.url),
};

/** A directory of programs, and a PATH on which they come first. */
export interface Programs {
  readonly path: string;
  /** Where curl writes the statuses of answers; hand it on as AUTHGRAFT_TEST_STATUSES. */
  readonly statuses: string;
  remove(): Promise<void>;
}

/** Makes the programs, and this test's own Node.js under the name `node`. */
export async function makePrograms(): Promise<Programs> {
  const directory = await mkdtemp(join(tmpdir(), "authgraft-docs-"));
  const write = async (name: string, command: string) => {
    await writeFile(join(directory, name), `#!/bin/sh\nexec ${command} "$@"\n`);
    await chmod(join(directory, name), 0o755);
  };
  const node = `"${process.execPath}"`;
  await write("node", node);
  for (const [name, url] of Object.entries(PROGRAMS)) await write(name, `${node} "${fileURLToPath(url)}"`);
  return {
    path: [directory, dirname(process.execPath), process.env.PATH].join(":"),
    statuses: join(directory, "statuses"),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}
