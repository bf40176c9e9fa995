import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseConfiguration } from "../config/parse.ts";
import type { Configuration } from "../config/schema.ts";
import { ConfigurationError } from "../errors.ts";

const NAMES = ["authgraft.config.ts", "authgraft.config.js", "authgraft.config.json"] as const;

/** What flags and the environment put over the file. */
export interface Overrides {
  readonly table?: string;
  readonly schema?: string;
  readonly accept?: readonly string[];
  readonly lockBudgetMilliseconds?: number;
  readonly lockDeadlineSeconds?: number;
  readonly port?: number;
  readonly host?: string;
  readonly passwordPepper?: string;
  readonly firebaseSignerKey?: string;
}

/**
 * Reads `authgraft.config.{ts,js,json}` (or the file named), then puts the overrides over it.
 *
 * @throws ConfigurationError `configuration_invalid` naming the file and every mistake in it.
 */
export async function loadConfiguration(
  file: string | undefined,
  directory: string,
  overrides: Overrides,
): Promise<Configuration> {
  const path = file === undefined ? find(directory) : named(directory, file);
  const parsed = path === null ? parseConfiguration({}) : parseConfiguration(await read(path), path);
  return parseConfiguration(merge(parsed, overrides), "the options");
}

function find(directory: string): string | null {
  const found = NAMES.map((name) => resolve(directory, name)).filter((path) => existsSync(path));
  if (found.length < 2) return found[0] ?? null;
  throw new ConfigurationError(
    "configuration_invalid",
    `There are several configurations: ${found.join(", ")}.`,
    {
      fix: "Keep one, or name the one you mean with --config.",
    },
  );
}

function named(directory: string, file: string): string {
  const path = resolve(directory, file);
  if (existsSync(path)) return path;
  throw new ConfigurationError("configuration_invalid", `There is no file ${path}.`, {
    fix: "Check the path after --config.",
  });
}

async function read(path: string): Promise<unknown> {
  const input = await load(path).catch((cause: unknown) => {
    throw unreadable(path, reasonOf(cause), cause);
  });
  if (input === undefined) throw unreadable(path, "it exports no default");
  return input;
}

async function load(path: string): Promise<unknown> {
  if (path.endsWith(".json")) return JSON.parse(await readFile(path, "utf8"));
  const module: Record<string, unknown> = await import(pathToFileURL(path).href);
  return module.default ?? module.configuration;
}

/** JSON.parse quotes what stands around a mistake, which may be a part of a password. */
function reasonOf(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return error instanceof SyntaxError ? reason.replace(/, (\.\.\.)?".*(?= is not valid JSON)/s, ":") : reason;
}

function unreadable(path: string, reason: string, cause?: unknown): ConfigurationError {
  const fix = fixOf(path, reason);
  return new ConfigurationError("configuration_invalid", `${path} cannot be read: ${reason}`, { fix, cause });
}

function fixOf(path: string, reason: string): string {
  if (path.endsWith(".json")) {
    return "Put right the JSON: one object, keys in double quotes, no comma after the last.";
  }
  // Node.js takes the file for CommonJS where the package.json beside it says so, or npm init wrote it.
  if (/Unexpected token 'export'|Cannot use import statement/.test(reason)) {
    return "Say that the package is made of ES modules: npm pkg set type=module.";
  }
  return "Export the configuration as the default of the file: export default { … };";
}

/** A value that was not given leaves what the file says. */
function merge(configuration: Configuration, overrides: Overrides): unknown {
  const { lockBudgetMilliseconds, lockDeadlineSeconds, accept, passwordPepper, firebaseSignerKey, ...plain } =
    overrides;
  const { passwords } = configuration;
  const secrets = given({ pepper: passwordPepper, firebaseSignerKey });
  const lock = given({ budgetMilliseconds: lockBudgetMilliseconds, deadlineSeconds: lockDeadlineSeconds });
  return {
    ...configuration,
    ...given(plain),
    passwords: { ...passwords, legacy: { ...passwords.legacy, ...secrets } },
    accept: [...configuration.accept, ...(accept ?? [])],
    lock: { ...configuration.lock, ...lock },
  };
}

function given(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
