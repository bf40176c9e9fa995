import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readSecrets } from "../../src/cli/secrets.ts";
import { makeDirectory } from "./command-line.ts";

const directory = makeDirectory();

function fileOf(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

describe("the secret and the one before it", () => {
  test("come from variables", async () => {
    expect(await readSecrets({ AUTHGRAFT_SECRET: "one" })).toEqual(["one"]);
    const both = { AUTHGRAFT_SECRET: "two", AUTHGRAFT_SECRET_PREVIOUS: "one" };
    expect(await readSecrets(both)).toEqual(["two", "one"]);
  });

  test("come from files, without the line break that ends them", async () => {
    const environment = {
      AUTHGRAFT_SECRET_FILE: fileOf("secret", " two\n"),
      AUTHGRAFT_SECRET_PREVIOUS_FILE: fileOf("previous", "one\r\n"),
    };
    expect(await readSecrets(environment)).toEqual([" two", "one"]);
  });

  test.each([
    ["a byte order mark", "\uFEFFtwo"],
    ["spaces after it", "two  \t"],
    ["several line breaks", "two\n\n\n"],
    ["line breaks of Windows", "two\r\n\r\n"],
    ["all of that", "\uFEFFtwo \r\n \n"],
  ])("are the same in a file with %s", async (_, text) => {
    const file = fileOf("dressed", text);
    const environment = { AUTHGRAFT_SECRET_FILE: file, AUTHGRAFT_SECRET_PREVIOUS_FILE: file };
    expect(await readSecrets(environment)).toEqual(["two", "two"]);
  });

  test.each(["", "\n", "\uFEFF \r\n"])(
    "cannot be in a file that is empty, which the error says",
    async (text) => {
      const file = fileOf("blank", text);
      await expect(readSecrets({ AUTHGRAFT_SECRET_FILE: file })).rejects.toMatchObject({
        code: "secret_weak",
        message: `${file}, which AUTHGRAFT_SECRET_FILE names, is empty.`,
      });
    },
  );

  test("are not set where they are empty", async () => {
    const empty = fileOf("empty", "\n");
    const environment = { AUTHGRAFT_SECRET: "two", AUTHGRAFT_SECRET_FILE: "", AUTHGRAFT_SECRET_PREVIOUS: "" };
    expect(await readSecrets(environment)).toEqual(["two"]);
    const emptied = { AUTHGRAFT_SECRET: "two", AUTHGRAFT_SECRET_PREVIOUS_FILE: empty };
    expect(await readSecrets(emptied)).toEqual(["two"]);
    for (const missing of [{}, { AUTHGRAFT_SECRET: "" }]) {
      const reading = readSecrets({ ...missing, AUTHGRAFT_SECRET_PREVIOUS: "one" });
      await expect(reading).rejects.toMatchObject({
        code: "secret_weak",
        message: "AUTHGRAFT_SECRET is not set.",
      });
    }
  });

  test("are refused where a variable and its file are both set, or the file cannot be read", async () => {
    const twice = { AUTHGRAFT_SECRET: "canary", AUTHGRAFT_SECRET_FILE: fileOf("canary", "canary") };
    await expect(readSecrets(twice)).rejects.toMatchObject({
      code: "configuration_invalid",
      message: "Both AUTHGRAFT_SECRET and AUTHGRAFT_SECRET_FILE are set.",
    });
    const unreadable = { AUTHGRAFT_SECRET: "two", AUTHGRAFT_SECRET_PREVIOUS_FILE: directory };
    await expect(readSecrets(unreadable)).rejects.toMatchObject({
      code: "configuration_invalid",
      message: "The file that AUTHGRAFT_SECRET_PREVIOUS_FILE names cannot be read.",
    });
  });
});
