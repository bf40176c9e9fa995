import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseConfiguration } from "../../src/config/parse.ts";
import { configurationSchema } from "../../src/config/schema.ts";
import { ROOT, readPage, sectionOf, tableRows } from "./support/pages.ts";
import { settingsOf } from "./support/settings.ts";

const PAGE = "docs/configuration.md";

const documented = tableRows(readPage(PAGE))
  .map(([key = "", type = "", standard = "", meaning = ""]) => ({
    key: key.replaceAll("`", ""),
    type,
    standard: standard.replaceAll("`", ""),
    meaning,
  }))
  .filter(({ meaning }) => meaning !== "");

const settings = settingsOf(configurationSchema);

describe("docs/configuration.md", () => {
  test("has every key of the configuration, and no other", () => {
    expect(settings.length).toBeGreaterThan(25);
    expect(documented.map(({ key }) => key).sort()).toEqual(settings.map(({ key }) => key).sort());
  });

  test.for(documented)("gives the default of $key", ({ key, standard }) => {
    const value = key
      .split(".")
      .reduce<unknown>(
        (inner, name) => (inner as Record<string, unknown> | undefined)?.[name],
        parseConfiguration({}),
      );
    expect(standard).toBe(value === undefined ? "none" : JSON.stringify(value));
  });

  test.for(documented)("gives the type of $key, with its bounds and choices", ({ key, type }) => {
    for (const part of settings.find((setting) => setting.key === key)?.traits ?? [])
      expect(type).toContain(part);
  });

  test("names the environment variables that are read, all of them", () => {
    const named = tableRows(sectionOf(PAGE, "## Environment variables")).map(([name = ""]) =>
      name.replaceAll("`", ""),
    );
    expect(named.sort()).toEqual(variablesRead());
  });
});

/** The names that src/cli reads from an environment: as `environment.NAME`, or taken out of it as `{ NAME }`. */
function variablesRead(): string[] {
  const lines = readdirSync(join(ROOT, "src/cli"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .flatMap((name) => readFileSync(join(ROOT, "src/cli", name), "utf8").split("\n"))
    .filter((line) => !line.startsWith("import "));
  const names = lines.flatMap((line) =>
    [...line.matchAll(/\benv(?:ironment)?\.([A-Z][A-Z_]+)|\{ ([A-Z][A-Z_]+)[:, ]/g)].map(
      ([, member, taken]) => member ?? taken ?? "",
    ),
  );
  return [...new Set(names)].sort();
}
