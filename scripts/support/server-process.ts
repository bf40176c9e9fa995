import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { open, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { ConfigurationInput } from "../../src/config/schema.ts";

/** A server in a process of its own. */
export interface ServerProcess {
  /** `http://127.0.0.1:40123` */
  readonly origin: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** What is started, and how it says that it serves. */
export interface ServerCommand {
  readonly name: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Its output goes to a file here, as a service's does. */
  readonly directory: string;
  /** Matches what it writes when it serves; the first group is the port. */
  readonly ready: RegExp;
}

const COMMAND = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** Seconds that a server may take until it serves. */
const PATIENCE = 60;

/** Starts `authgraft serve` on a grafted database, on a free port; with a configuration of its own where one is given. */
export async function startAuthgraft(
  databaseUrl: string,
  directory: string,
  configuration: ConfigurationInput = {},
): Promise<ServerProcess> {
  await writeFile(join(directory, "authgraft.config.json"), JSON.stringify(configuration));
  return startServer({
    name: "authgraft",
    args: [COMMAND, "serve", "--port", "0"],
    environment: { DATABASE_URL: databaseUrl, AUTHGRAFT_SECRET: randomBytes(48).toString("base64") },
    directory,
    ready: /serves sign-in on http:\/\/localhost:(\d+)/,
  });
}

/** Starts a server with this Node.js and waits until it serves. */
export async function startServer(command: ServerCommand): Promise<ServerProcess> {
  const file = join(command.directory, `${command.name}.log`);
  const log = await open(file, "w");
  // Of this process's session: Linux shares processors out among sessions first, and only within one does a
  // priority count. Whoever sends the load stands for other machines, and is not to wait for the server's hashing.
  const child = spawn(process.execPath, command.args, {
    cwd: command.directory,
    env: { ...process.env, NODE_ENV: "production", ...command.environment },
    stdio: ["ignore", log.fd, log.fd],
  });
  const kill = () => void child.kill("SIGKILL");
  process.once("exit", kill);
  await log.close();
  const stop = async () => {
    process.removeListener("exit", kill);
    await end(child);
  };
  try {
    const port = await untilReady(child, file, command.ready);
    return { origin: `http://127.0.0.1:${port}`, pid: child.pid ?? 0, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function untilReady(child: ChildProcess, file: string, ready: RegExp): Promise<string> {
  const deadline = Date.now() + PATIENCE * 1_000;
  for (;;) {
    const text = await readFile(file, "utf8");
    const port = ready.exec(text)?.[1];
    if (port !== undefined) return port;
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`It does not serve:\n${text}`);
    await sleep(50);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const grace = setTimeout(() => child.kill("SIGKILL"), 15_000);
  await exited;
  clearTimeout(grace);
}
