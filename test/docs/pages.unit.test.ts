import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { VERSION } from "../../src/migration/version.ts";
import { BY_HAND, isByHand, reasonOf } from "./support/by-hand.ts";
import { blocksOf, pageNames, proseOf, ROOT, readPage } from "./support/pages.ts";

const RUN_PAGES: readonly string[] = ["README.md", "docs/http.md", "docs/import.md", "docs/rehearsal.md"];

describe.for(pageNames())("%s", (page) => {
  test("links to pages and headings that there are", () => {
    const broken = linksOf(page).filter((link) => !leadsSomewhere(page, link));
    expect(broken).toEqual([]);
  });

  test("names files that there are", () => {
    const named = [...proseOf(page).matchAll(/`((?:src|test|scripts|docs|tools)\/[^`\s*{}<>…]+)`/g)];
    const missing = named.map(([, path = ""]) => path).filter((path) => !existsSync(join(ROOT, path)));
    expect(missing).toEqual([]);
  });

  test("has no command that nobody runs", () => {
    const commands = blocksOf(page).filter(({ language }) => language === "sh");
    const left = commands.filter((block) => !RUN_PAGES.includes(page) && !isByHand(block));
    expect(left.map(({ line }) => line)).toEqual([]);
    const unexplained = blocksOf(page).filter((block) => isByHand(block) && reasonOf(block) === undefined);
    expect(unexplained.map(({ line }) => line)).toEqual([]);
  });
});

test("every reason for not running a block is one of a block that there is", () => {
  const texts = pageNames()
    .flatMap(blocksOf)
    .filter(isByHand)
    .map(({ text }) => text);
  const stale = Object.keys(BY_HAND).filter((start) => !texts.some((text) => text.startsWith(start)));
  expect(stale).toEqual([]);
});

test("the changelog begins with this version", () => {
  expect(/^## \[([^\]]+)\]/m.exec(readPage("CHANGELOG.md"))?.[1]).toBe(VERSION);
});

function linksOf(page: string): string[] {
  const links = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
  return links.filter((target) => !/^[a-z]+:/.test(target));
}

function leadsSomewhere(page: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? page : join(dirname(page), path);
  if (!existsSync(join(ROOT, target))) return false;
  return anchor === undefined || anchorsOf(target).includes(anchor);
}

/** Anchors as GitHub makes them of headings. */
function anchorsOf(page: string): string[] {
  return [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
