import { Validator } from "@seriousme/openapi-schema-validator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ApiDocument, ApiResponse } from "../../src/http/openapi/document.ts";
import { responseOf } from "../../src/http/openapi/document.ts";
import type { TestAuth } from "../support/auth.ts";
import { validatorOf } from "../support/contract.ts";
import { openEverything } from "../support/everything.ts";
import { createTestDatabase } from "../support/postgres.ts";

let auth: TestAuth;
let document: ApiDocument;

beforeAll(async () => {
  auth = await openEverything(await createTestDatabase({ sample: "b", grafted: {} }));
  document = (await auth.get("/openapi.json")).body;
});
afterAll(() => auth.close());

function operations() {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      operation,
    })),
  );
}

describe("/openapi.json", () => {
  test("is OpenAPI 3.1, by the schema that is published for it", async () => {
    const result = await new Validator().validate(structuredClone(document) as never);
    expect(result.errors ?? []).toEqual([]);
    expect(result.valid).toBe(true);
    const broken = { ...structuredClone(document), paths: { "/x": { get: { responses: [] } } } };
    expect((await new Validator().validate(broken as never)).valid).toBe(false);
  });

  test("names each operation once, says what it does and which chapter it is in", () => {
    const ids = operations().map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const chapters = document.tags?.map(({ name }) => name) ?? [];
    for (const { name, operation } of operations()) {
      expect(operation.operationId, name).toMatch(/^[a-z][A-Za-z0-9]+$/);
      expect(operation.summary?.length, name).toBeGreaterThan(5);
      expect(
        operation.tags?.every((tag) => chapters.includes(tag)),
        name,
      ).toBe(true);
    }
    expect(chapters.length).toBeGreaterThan(3);
  });

  test("has a problem with codes for every error, and says when to come back", () => {
    for (const { name, operation } of operations()) {
      for (const [status, response] of Object.entries(operation.responses)) {
        if (/^[23]/.test(status)) continue;
        const { content, headers, description } = responseOf(document, response);
        expect(Object.keys(content ?? {}), `${name} ${status}`).toEqual(["application/problem+json"]);
        expect(description.length).toBeGreaterThan(5);
        if (/^(429|503)$/.test(status)) expect(headers, `${name} ${status}`).toHaveProperty("Retry-After");
        if (status === "401") expect(headers).toHaveProperty("WWW-Authenticate");
      }
      expect(operation.responses).toHaveProperty("500");
      expect(operation.responses).toHaveProperty("default");
    }
    const { code } = document.components.schemas.Problem?.properties ?? {};
    expect(code?.enum).toEqual(expect.arrayContaining(["invalid_token", "internal", "too_many_requests"]));
  });

  test("knows every way of authenticating that an operation names", () => {
    const schemes = Object.keys(document.components.securitySchemes ?? {});
    const named = operations().flatMap(({ operation }) => (operation.security ?? []).flatMap(Object.keys));
    expect(schemes).toEqual(expect.arrayContaining([...new Set(named)]));
    expect(schemes).toEqual(expect.arrayContaining(["bearer", "refreshCookie"]));
  });

  test("gives examples that its own schemas take", () => {
    const validate = validatorOf(document);
    let examples = 0;
    const check = (where: string, content: ApiResponse["content"]) => {
      for (const { schema, example } of Object.values(content ?? {})) {
        if (schema === undefined || example === undefined) continue;
        examples += 1;
        expect(validate(schema, example), where).toEqual([]);
      }
    };
    for (const { name, operation } of operations()) {
      check(`${name} request`, operation.requestBody?.content);
      for (const [status, response] of Object.entries(operation.responses))
        check(`${name} ${status}`, responseOf(document, response).content);
    }
    expect(examples).toBeGreaterThan(operations().length);
  });
});
