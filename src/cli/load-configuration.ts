import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseConfiguration } from "../config/parse.ts";
import type { Configuration } from "../config/schema.ts";
import { AuthgraftError, ConfigurationError } from "../errors.ts";

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
}

/** A configuration, and the database URL where the file gives one. */
export interface LoadedConfiguration {
  readonly configuration: Configuration;
  readonly source: string;
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
): Promise<LoadedConfiguration> {
  const path = file === undefined ? find(directory) : named(directory, file);
  const source = path ?? "configuration";
  const input = path === null ? {} : await read(path);
  const parsed = parseConfiguration(input, source);
  return { configuration: parseConfiguration(merge(parsed, overrides), source), source };
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
  try {
    if (path.endsWith(".json")) return JSON.parse(await readFile(path, "utf8"));
    const module: Record<string, unknown> = await import(pathToFileURL(path).href);
    return module.default ?? module.configuration;
  } catch (error) {
    if (error instanceof AuthgraftError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigurationError("configuration_invalid", `${path} cannot be read: ${reason}`, {
      fix: "Export the configuration as the default of the file.",
      cause: error,
    });
  }
}

/** A value that was not given leaves what the file says. */
function merge(configuration: Configuration, overrides: Overrides): unknown {
  const { lockBudgetMilliseconds, lockDeadlineSeconds, accept, ...plain } = overrides;
  const lock = given({ budgetMilliseconds: lockBudgetMilliseconds, deadlineSeconds: lockDeadlineSeconds });
  return {
    ...configuration,
    ...given(plain),
    accept: [...configuration.accept, ...(accept ?? [])],
    lock: { ...configuration.lock, ...lock },
  };
}

function given(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
