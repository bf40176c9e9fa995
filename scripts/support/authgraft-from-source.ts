/**
 * Lets a program of the checkout import `authgraft` as one that has installed it does, with nothing built: what
 * package.json exports is taken from the sources that it is built from. For `node --import`.
 */
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";

const ROOT = new URL("../../", import.meta.url);

const { exports }: { exports: Record<string, string | { default: string }> } = JSON.parse(
  readFileSync(new URL("package.json", ROOT), "utf8"),
);

/** The source of an import of this package; undefined for every other import. */
function sourceOf(specifier: string): string | undefined {
  const [, path] = /^authgraft(\/.+)?$/.exec(specifier) ?? [];
  const exported = /^authgraft(\/|$)/.test(specifier) ? exports[`.${path ?? ""}`] : undefined;
  if (typeof exported !== "object") return undefined;
  return new URL(exported.default.replace("./dist/", "./src/").replace(/\.js$/, ".ts"), ROOT).href;
}

registerHooks({
  resolve: (specifier, context, next) => next(sourceOf(specifier) ?? specifier, context),
});
