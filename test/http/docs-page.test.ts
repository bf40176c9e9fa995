import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ApiDocument } from "../../src/http/openapi/document.ts";
import type { Answer, TestAuth } from "../support/auth.ts";
import { openEverything } from "../support/everything.ts";
import { createTestDatabase } from "../support/postgres.ts";

let auth: TestAuth;
let page: Answer;
let document: ApiDocument;

beforeAll(async () => {
  auth = await openEverything(await createTestDatabase({ sample: "b", grafted: {} }));
  page = await auth.get("/docs");
  document = (await auth.get("/openapi.json")).body;
});
afterAll(() => auth.close());

const contents = (tag: string) =>
  [...page.text.matchAll(new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`, "g"))].map(([, text = ""]) => text);

describe("GET /docs", () => {
  test("has every operation of /openapi.json, with every status that it answers", () => {
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, { operationId, responses }] of Object.entries(methods)) {
        const start = page.text.indexOf(`<article id="${operationId}">`);
        const article = page.text.slice(start, page.text.indexOf("</article>", start));
        expect(start, `${method} ${path}`).toBeGreaterThan(0);
        for (const status of Object.keys(responses)) expect(article).toContain(`>${status}</span>`);
      }
    }
  });

  test("loads nothing, and runs nothing but what its policy has the hash of", () => {
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(page.headers.get("content-type")).toMatch(/^text\/html; charset=utf-8$/i);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    for (const text of [...contents("style"), ...contents("script")])
      expect(policy).toContain(`sha256-${createHash("sha256").update(text).digest("base64")}`);
    expect([contents("style").length, contents("script").length]).toEqual([1, 1]);
    expect(page.text).not.toMatch(/<(?:script|link|img|iframe)[^>]+(?:src|href)="(?!data:)/);
    expect(page.text).not.toMatch(/\s(?:on\w+|style)="/);
  });

  test("says its language and its parts, and every link within it leads somewhere", () => {
    expect(page.text).toContain('<html lang="en">');
    for (const part of ["<main", "<nav", "<h1>", "<title>", 'name="viewport"'])
      expect(page.text).toContain(part);
    const ids = new Set([...page.text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    const targets = [...page.text.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    expect(targets.length).toBeGreaterThan(20);
    expect(targets.filter((target) => !ids.has(target))).toEqual([]);
  });
});
