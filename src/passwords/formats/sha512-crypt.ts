import { shaCryptFormat } from "../primitives/sha-crypt.ts";

/** SHA-crypt with SHA-512, `$6$`. @see https://www.akkadia.org/drepper/SHA-crypt.txt */
export const sha512CryptFormat = shaCryptFormat({
  id: "sha512-crypt",
  title: "SHA-512 crypt",
  prefix: "$6$",
  algorithm: "sha512",
  shape: /^\$6\$(?:rounds=([1-9]\d{3,8})\$)?([./0-9A-Za-z]{0,16})\$([./0-9A-Za-z]{85}[./01])$/,
  // Three bytes, a third of the digest apart, in turns; the specification lists them from the last to the first.
  order: [
    42, 21, 0, 1, 43, 22, 23, 2, 44, 45, 24, 3, 4, 46, 25, 26, 5, 47, 48, 27, 6, 7, 49, 28, 29, 8, 50, 51, 30,
    9, 10, 52, 31, 32, 11, 53, 54, 33, 12, 13, 55, 34, 35, 14, 56, 57, 36, 15, 16, 58, 37, 38, 17, 59, 60, 39,
    18, 19, 61, 40, 41, 20, 62, 63,
  ],
});
