import { hashSync } from "@node-rs/bcrypt";
import { withPepper } from "../pepper.ts";
import {
  BCRYPT_COST,
  BCRYPT_SIGNIFICANT_BYTES,
  type BcryptHash,
  looksLikeBcrypt,
  readBcrypt,
} from "../primitives/bcrypt.ts";
import type { PasswordFormat, PasswordHasher, StoredHash } from "../stored-hash.ts";

/** bcrypt as `$2a$`, `$2b$` and `$2y$`; `$2$` and `$2x$` are refused by name. */
export const bcryptFormat: PasswordFormat = {
  id: "bcrypt",
  title: "bcrypt",
  writtenBy: ["Authgraft", "PHP", "Rails", "Devise", "Laravel", "passlib", "node-bcrypt", "Auth0", "Go"],
  shapes: ["$2a$", "$2b$", "$2y$"],
  bounds: [BCRYPT_COST],
  note:
    "$2$ and $2x$ are recognised and refused: they come from broken implementations. Where " +
    "passwords.legacy.pepper is set, each password is tried with the pepper and without it.",
  read(stored, { settings: { pepper } }) {
    if (!looksLikeBcrypt(stored)) return null;
    const hash = readBcrypt("bcrypt", stored);
    if ("fault" in hash) return hash;
    return pepper === null ? plain(hash) : perhapsPeppered(hash, pepper);
  },
};

const plain = ({ cost, matches }: BcryptHash): StoredHash => ({
  format: "bcrypt",
  parameters: { cost },
  significantBytes: BCRYPT_SIGNIFICANT_BYTES,
  verify: matches,
});

/**
 * In a column adopted in place nothing tells the application's hashes, which have a pepper, from those made
 * since, which have none. Both are tried every time, so that the time taken does not tell either.
 */
const perhapsPeppered = ({ cost, matches }: BcryptHash, pepper: string): StoredHash => ({
  format: "bcrypt",
  parameters: { cost, peppers: 2 },
  significantBytes: BCRYPT_SIGNIFICANT_BYTES,
  verify(password) {
    const isPeppered = matches(withPepper(password, pepper));
    const isPlain = matches(password);
    return isPeppered || isPlain;
  },
});

/** Makes `$2b$` hashes of the given cost. */
export function bcryptHasher(cost: number): PasswordHasher {
  return {
    format: "bcrypt",
    maximumBytes: BCRYPT_SIGNIFICANT_BYTES,
    hash: (password) => hashSync(password, { cost, rejectLongPasswords: true }),
    isCurrent: ({ format, parameters }) => format === "bcrypt" && Number(parameters.cost) >= cost,
  };
}
