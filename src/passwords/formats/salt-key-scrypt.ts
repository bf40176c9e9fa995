import { malformed } from "../fault.ts";
import { readScrypt, SCRYPT_BOUNDS, type ScryptCost } from "../primitives/scrypt.ts";
import type { PasswordFormat, Reading } from "../stored-hash.ts";

const ID = "salt-key-scrypt";

const LATER: ScryptCost = { n: 16_384, r: 16, p: 1 };
const LUCIA_1: ScryptCost = { n: 16_384, r: 8, p: 1 };

/** The writers are told apart by their salts, whose text, not its bytes, goes into the function. */
const WRITINGS: readonly { readonly shape: RegExp; readonly cost: ScryptCost }[] = [
  // better-auth, Lucia 3 and Oslo: 16 bytes in hexadecimal.
  { shape: /^([0-9a-f]{32}):([0-9a-f]{128})$/, cost: LATER },
  // Lucia 2: 16 characters of its own alphabet, and Lucia 3 where it was told to go on with them.
  { shape: /^s2:([A-Za-z0-9_-]{16}|[0-9a-f]{32}):([0-9a-f]{128})$/, cost: LATER },
  // Lucia 1.
  { shape: /^([A-Za-z0-9_-]{16}):([0-9a-f]{128})$/, cost: LUCIA_1 },
];

/** scrypt as `salt:key`, the way of better-auth, Lucia and Oslo. */
export const saltKeyScryptFormat: PasswordFormat = {
  id: ID,
  title: "scrypt as salt:key",
  writtenBy: ["better-auth", "Lucia", "Oslo"],
  shapes: ["32 hexadecimal digits, a colon, 128 more", "s2:salt:key", "16 characters:key (Lucia 1)"],
  bounds: SCRYPT_BOUNDS,
  note: "The cost is not in the text: n 16384, r 16 (r 8 where the salt has 16 characters and no s2: before it).",
  read(stored) {
    for (const { shape, cost } of WRITINGS) {
      const [, salt, key] = shape.exec(stored) ?? [];
      if (salt !== undefined && key !== undefined) return readNormalised(salt, key, cost);
    }
    return stored.startsWith("s2:") ? malformed(ID) : null;
  },
};

function readNormalised(salt: string, key: string, cost: ScryptCost): Reading {
  const parts = { cost, salt: Buffer.from(salt, "utf8"), key: Buffer.from(key, "hex") };
  const reading = readScrypt(ID, parts);
  if ("fault" in reading) return reading;
  return {
    ...reading,
    isWhole: (password) => Buffer.compare(toNfkc(password), password) === 0,
    verify: (password) => reading.verify(toNfkc(password)),
  };
}

/** All of them normalise to NFKC first. What is no UTF-8 stays as it is: nobody has typed it. */
function toNfkc(password: Uint8Array): Uint8Array {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(password);
    return Buffer.from(text.normalize("NFKC"), "utf8");
  } catch {
    return password;
  }
}
