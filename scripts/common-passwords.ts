/**
 * Makes the list of common passwords anew: `node scripts/common-passwords.ts`, on a machine with Debian's python3-django.
 * Two lists that were made independently go into it, since each leaves things out: zxcvbn-ts the runs and repeats that its
 * matchers find, Django's what is ranked below 20,000.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { dictionary } from "@zxcvbn-ts/language-common";
import { readEntries } from "../src/passwords/policy/common.ts";
import { toComparable } from "../src/passwords/policy/comparable.ts";

const ROOT = join(import.meta.dirname, "..");
const TARGET = join(ROOT, "src/passwords/policy/common-passwords.txt.gz");
const DJANGO = "/usr/lib/python3/dist-packages/django/contrib/auth/common-passwords.txt.gz";

/** No configuration lets a shorter password through to the list. */
const SHORTEST = 8;

/** What the licences ask to go along with a copy. */
function notices(): string {
  const zxcvbn = readFileSync(join(ROOT, "node_modules/@zxcvbn-ts/language-common/LICENSE.txt"), "utf8");
  const debian = readFileSync("/usr/share/doc/python3-django/copyright", "utf8");
  const terms = debian.split("License: BSD-3-Clause\n Redistribution")[1]?.split("\n\n")[0];
  if (terms === undefined) throw new Error("Debian's copyright file of Django has no BSD-3-Clause terms");
  return [
    "From @zxcvbn-ts/language-common 4.1.3, passwords of eight characters or more (MIT):",
    zxcvbn.trim(),
    "From Django 3.2, django/contrib/auth/common-passwords.txt.gz, the same (BSD-3-Clause):",
    "Copyright (c) Django Software Foundation and individual contributors.",
    // Debian's text is the template of it; Django's own names Django.
    `Redistribution${terms}`
      .replaceAll(/^ \.?/gm, "")
      .replace("<NAME>", "Django")
      .replace(/may be use$/m, "may be used")
      .trim(),
  ].join("\n\n");
}

const django = gunzipSync(readFileSync(DJANGO)).toString("utf8").split("\n");
const entries = [...dictionary["passwords-common"], ...django]
  .map((password) => toComparable(password.trim()))
  .filter((password) => [...password].length >= SHORTEST);
const sorted = [...new Set(entries)].sort();
writeFileSync(TARGET, gzipSync(`${notices()}\n\n--\n${sorted.join("\n")}\n`, { level: 9 }));
console.log(`${readEntries(readFileSync(TARGET)).length} passwords, ${readFileSync(TARGET).length} bytes`);
