import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { OPERATIONS } from "../../src/client/operations.ts";
import { ROOT } from "../docs/support/pages.ts";
import { describeWholeApi } from "./support/described-api.ts";
import { writeOperations } from "./support/write-operations.ts";

const document = describeWholeApi();

describe("src/client/operations.ts", () => {
  test("says what the routes say", async () => {
    await expect(writeOperations(document)).toMatchFileSnapshot(join(ROOT, "src/client/operations.ts"));
  });

  test("has every operation of /openapi.json by its name, with its method and path, and no other", () => {
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => [
        operationId,
        `${method.toUpperCase()} ${path}`,
      ]),
    );
    const there = Object.entries(OPERATIONS).map(([name, { method, path }]) => [name, `${method} ${path}`]);
    expect(Object.fromEntries(there)).toEqual(Object.fromEntries(described));
    expect(there.length).toBe(described.length);
  });
});
