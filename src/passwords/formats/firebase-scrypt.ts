import { decodeLenientBase64 } from "../base64.ts";
import { malformed } from "../fault.ts";
import { readFirebaseScrypt } from "../primitives/firebase-scrypt.ts";
import { SCRYPT_BOUNDS } from "../primitives/scrypt.ts";
import type { PasswordFormat, Unverifiable } from "../stored-hash.ts";

const ID = "firebase-scrypt";

const NUMBER = "[1-9]\\d{0,9}";
const LOGARITHM = "[1-9]\\d?";
const text = (name: string) => `(?<${name}>[A-Za-z0-9+/_=-]{0,256})`;

/** The ways it is written down: ours, Supabase's and Ory Kratos'. The latter two carry the signer key with them. */
const SHAPES: readonly RegExp[] = [
  new RegExp(
    `^\\$firebase-scrypt\\$ln=(?<n>${LOGARITHM}),r=(?<r>${NUMBER})\\$${text("salt")}\\$${text("separator")}\\$${text("hash")}$`,
  ),
  new RegExp(
    `^\\$fbscrypt\\$v=1,n=(?<n>${LOGARITHM}),r=(?<r>${NUMBER}),p=(?<p>${NUMBER})(?:,ss=${text("separator")})?(?:,sk=${text("key")})?\\$${text("salt")}\\$${text("hash")}$`,
  ),
  new RegExp(
    `^\\$firescrypt\\$ln=(?<n>${LOGARITHM}),r=(?<r>${NUMBER}),p=(?<p>${NUMBER})\\$${text("salt")}\\$${text("hash")}\\$${text("separator")}\\$${text("key")}$`,
  ),
];

/** Firebase Authentication's scrypt, with the project's parameters in the text or in the configuration. */
export const firebaseScryptFormat: PasswordFormat = {
  id: ID,
  title: "scrypt (Firebase)",
  writtenBy: ["Firebase, written down by the import", "Supabase", "Ory Kratos"],
  shapes: ["$firebase-scrypt$ln=14,r=8$", "$fbscrypt$v=1,n=14,r=8,p=1,", "$firescrypt$ln=14,r=8,p=1$"],
  bounds: SCRYPT_BOUNDS,
  note: "Where the text has no signer key, passwords.legacy.firebaseSignerKey is needed.",
  read(stored, { settings }) {
    if (!/^\$(?:firebase-scrypt|fbscrypt|firescrypt)\$/.test(stored)) return null;
    const groups = SHAPES.map((shape) => shape.exec(stored)?.groups).find((found) => found !== undefined);
    if (groups === undefined) return malformed(ID);
    const { n, r, p = "1", key = settings.firebaseSignerKey } = groups;
    const [salt, saltSeparator, hash] = [groups.salt, groups.separator, groups.hash].map(decode);
    if (!salt || !saltSeparator || !hash) return malformed(ID);
    const cost = { n: 2 ** Number(n), r: Number(r), p: Number(p) };
    const signerKey = decode(key ?? "");
    if (key === null || signerKey === null) return incomplete("It needs the project's signer key");
    if (groups.key === undefined && signerKey.length !== hash.length) {
      return incomplete(
        "It was made with another signer key than what stands there; it needs the project's own",
      );
    }
    return readFirebaseScrypt(ID, { cost, salt, saltSeparator, signerKey, hash });
  },
};

const decode = (base64 = ""): Buffer | null =>
  base64 === "" ? Buffer.alloc(0) : decodeLenientBase64(base64);

const incomplete = (what: string): Unverifiable => ({
  fault: "incomplete",
  format: ID,
  reason: `${what} as passwords.legacy.firebaseSignerKey.`,
});
