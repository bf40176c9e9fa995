import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOMS } from "../../scripts/walls/rooms.ts";
import { ROOT, sectionOf, tableRows } from "./support/pages.ts";

const rooms = tableRows(sectionOf("ARCHITECTURE.md", "## Rooms")).map(([path = "", , imports = ""]) => ({
  name: path.replaceAll("`", "").replace(/^src\//, ""),
  imports,
}));

describe("ARCHITECTURE.md", () => {
  test("has every room", () => {
    expect(rooms.map(({ name }) => name).toSorted()).toEqual(readdirSync(join(ROOT, "src")).toSorted());
  });

  const walled = rooms.filter(
    ({ name }) => ROOMS[name.replace(/\.ts$/, "")] && !/^(auth\.ts|index\.ts|cli|embedded)$/.test(name),
  );

  test.for(walled)("says what $name may import", ({ name, imports }) => {
    const there = rooms.map((room) => room.name.replace(/\.ts$/, ""));
    const allowed = ROOMS[name.replace(/\.ts$/, "")]?.imports.filter((room) => there.includes(room));
    const said = imports.split(/[^a-z-]+/).filter((word) => there.includes(word));
    expect(said.toSorted()).toEqual(allowed?.toSorted());
  });

  test("says it of the rooms that have walls", () => expect(walled.length).toBeGreaterThan(7));
});
