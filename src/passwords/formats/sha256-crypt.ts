import { shaCryptFormat } from "../primitives/sha-crypt.ts";

/** SHA-crypt with SHA-256, `$5$`. @see https://www.akkadia.org/drepper/SHA-crypt.txt */
export const sha256CryptFormat = shaCryptFormat({
  id: "sha256-crypt",
  title: "SHA-256 crypt",
  prefix: "$5$",
  algorithm: "sha256",
  shape: /^\$5\$(?:rounds=([1-9]\d{3,8})\$)?([./0-9A-Za-z]{0,16})\$([./0-9A-Za-z]{42}[./0-9A-D])$/,
  // Three bytes, a third of the digest apart, in turns; the specification lists them from the last to the first.
  order: [
    20, 10, 0, 11, 1, 21, 2, 22, 12, 23, 13, 3, 14, 4, 24, 5, 25, 15, 26, 16, 6, 17, 7, 27, 8, 28, 18, 29, 19,
    9, 30, 31,
  ],
});
