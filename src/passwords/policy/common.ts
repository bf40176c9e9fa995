import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { toComparable } from "./comparable.ts";
import type { PasswordRefusal } from "./refusal.ts";

/**
 * The passwords of eight characters or more that people use most, as scripts/common-passwords.ts makes the list of
 * @zxcvbn-ts/language-common (MIT) and Django (BSD-3-Clause). The licences are in the file.
 */
const LIST = new URL("./common-passwords.txt.gz", import.meta.url);

/** Between the licences and the passwords, one a line. */
const SEPARATOR = "\n--\n";

let loading: Promise<ReadonlySet<string>> | undefined;

/** Unpacks a list. */
export function readEntries(packed: Buffer): string[] {
  const text = gunzipSync(packed).toString("utf8");
  const start = text.indexOf(SEPARATOR) + SEPARATOR.length;
  return text.slice(start).trimEnd().split("\n");
}

/** The list, read on first use and kept: 22 thousand texts, about 2 MB. A reading that failed is tried again. */
function loadCommonPasswords(): Promise<ReadonlySet<string>> {
  loading ??= readFile(LIST).then((packed) => new Set(readEntries(packed)));
  loading.catch(() => {
    loading = undefined;
  });
  return loading;
}

/**
 * Refuses a password that is on the list, without regard to case. It is compared whole: one that merely holds a
 * common one is not on the list.
 *
 * @returns null where it is accepted.
 */
export async function refuseCommon(password: string): Promise<PasswordRefusal | null> {
  const common = await loadCommonPasswords();
  if (!common.has(toComparable(password))) return null;
  return {
    code: "password_common",
    message: "This password is one of the most used, so it is among the first to be guessed.",
  };
}
