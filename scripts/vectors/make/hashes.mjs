// Hashes that libraries for JavaScript make: `node hashes.mjs DIRECTORY`, where they are installed, reads a JSON list of passwords
// from the standard input and prints a JSON list of [better-auth's, Lucia 3's, Lucia 2's].
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [, , directory] = process.argv;
const load = (path) => import(pathToFileURL(join(directory, "node_modules", path)).href);

// Salts that are the same at each run.
let drawn = 0;
Object.defineProperty(globalThis.crypto, "getRandomValues", {
  value(array) {
    drawn += 1;
    array.forEach((_, index) => {
      array[index] = (drawn * 31 + index * 17) % 256;
    });
    return array;
  },
});

// The one for browsers: its scrypt is not OpenSSL's.
const { hashPassword } = await load("@better-auth/utils/dist/password.mjs");
const { Scrypt, LegacyScrypt } = await load("lucia/dist/crypto.js");

const made = [];
for (const password of JSON.parse(readFileSync(0, "utf8"))) {
  made.push([
    await hashPassword(password),
    await new Scrypt().hash(password),
    await new LegacyScrypt().hash(password),
  ]);
}
console.log(JSON.stringify(made));
