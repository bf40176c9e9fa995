/** How long `npm start` takes until both samples are served: the first time and the times after. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { head, line, measure } from "./report.ts";

const RUNS = 5;
const PORT = 18_480;

const directory = await mkdtemp(join(tmpdir(), "authgraft-bench-"));

/** Starts the demo, waits until it says that it can be stopped, and stops it. */
async function untilServing(): Promise<number> {
  const begun = performance.now();
  const child = spawn("npm", ["start", "--silent", "--", "--directory", directory, "--port", String(PORT)], {
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  for await (const chunk of child.stdout) {
    text += chunk;
    if (text.includes("Ctrl-C")) break;
  }
  const taken = performance.now() - begun;
  if (child.pid !== undefined) process.kill(-child.pid, "SIGINT");
  if (child.exitCode === null) await once(child, "exit");
  return taken;
}

try {
  const first = await untilServing();
  const again: number[] = [];
  await measure(RUNS, async () => void again.push(await untilServing()));
  console.log(head("18"));
  console.log(line("npm start, the first time (installed already)", [first]));
  console.log(line("npm start, again", again));
} finally {
  await rm(directory, { recursive: true, force: true });
}
