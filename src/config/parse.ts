import type { z } from "zod";
import { ConfigurationError } from "../errors.ts";
import { nearMatches } from "./near-match.ts";
import { type Configuration, type ConfigurationInput, configurationSchema } from "./schema.ts";

/**
 * Reads a configuration once: fills in the defaults, collects every mistake, freezes the result.
 *
 * @throws ConfigurationError `configuration_invalid` naming every mistake, one a line, with the nearest
 *   known key where a key is not known.
 */
export function parseConfiguration(
  input: ConfigurationInput | unknown,
  source = "configuration",
): Configuration {
  const result = configurationSchema.safeParse(input ?? {});
  if (result.success) return deepFreeze(result.data);
  const mistakes = result.error.issues.flatMap((issue) => describeIssue(issue));
  throw new ConfigurationError("configuration_invalid", `${source}: ${mistakes.join("; ")}.`, {
    fix: "The keys and their values are listed in docs/configuration.md.",
  });
}

function describeIssue(issue: z.core.$ZodIssue): string[] {
  const where = issue.path.map(String).join(".");
  if (issue.code === "unrecognized_keys") {
    const known = keysAt(issue.path.map(String));
    return issue.keys.map((key) => {
      const [nearest] = nearMatches(key, known);
      const place = where === "" ? "" : ` in "${where}"`;
      return `unknown key "${key}"${place}${nearest === undefined ? "" : ` (did you mean "${nearest}"?)`}`;
    });
  }
  if (issue.code === "invalid_union") {
    const branch = issue.errors.find((issues) =>
      issues.some(
        (inner) =>
          (inner.code !== "invalid_value" && inner.path.length > 0) || inner.code === "unrecognized_keys",
      ),
    );
    if (branch !== undefined) {
      return branch.flatMap((inner) => describeIssue({ ...inner, path: [...issue.path, ...inner.path] }));
    }
  }
  return [`${where === "" ? "the whole" : `"${where}"`}: ${issue.message}`];
}

/** The keys that may stand at a place of the configuration. */
function keysAt(path: readonly string[]): string[] {
  let schema: unknown = configurationSchema;
  for (const key of path) schema = shapeOf(schema)[key];
  return Object.keys(shapeOf(schema));
}

/** The object shape under the wrappers (default, optional, union …) of a schema. */
function shapeOf(schema: unknown): Record<string, unknown> {
  if (typeof schema !== "object" || schema === null) return {};
  if ("shape" in schema) return schema.shape as Record<string, unknown>;
  if ("def" in schema) {
    const def = schema.def as { innerType?: unknown; options?: readonly unknown[]; in?: unknown };
    const inner = [def.innerType, def.in, ...(def.options ?? [])];
    for (const candidate of inner) {
      const shape = shapeOf(candidate);
      if (Object.keys(shape).length > 0) return shape;
    }
  }
  return {};
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
