/** As much of openssl as the pages use: `rand -base64 BYTES`. */
import { randomBytes } from "node:crypto";

console.log(randomBytes(Number(process.argv.at(-1))).toString("base64"));
