import { appendFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openUsersFile } from "../../src/cli/users-import/open-file.ts";
import { makeDirectory } from "./command-line.ts";

const directory = makeDirectory();

test("a file that was changed, replaced or removed since it was opened is told, before its end is reached", async () => {
  const path = join(directory, "users.csv");
  const other = join(directory, "other.csv");
  writeFileSync(path, "email\nada@example.com\n");
  const before = await openUsersFile(path);
  await before.assertUnchanged();
  writeFileSync(other, "email\neve@example.com\n");
  renameSync(other, path);
  const replaced = { code: "import_invalid", message: expect.stringContaining("was changed") };
  await expect(before.assertUnchanged()).rejects.toMatchObject(replaced);
  const longer = await openUsersFile(path);
  appendFileSync(path, "alan@example.com\n");
  await expect(longer.assertUnchanged()).rejects.toMatchObject(replaced);
  renameSync(path, other);
  await expect(longer.assertUnchanged()).rejects.toMatchObject(replaced);
});
