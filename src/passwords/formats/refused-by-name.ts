import type { PasswordFormat } from "../stored-hash.ts";

interface Known {
  readonly name: string;
  readonly shape: RegExp;
  readonly shown: string;
  /** One sentence. */
  readonly why: string;
}

const NO_LIBRARY = "No library that is kept up verifies it from Node.js.";
const BROKEN = "It can be searched so fast that it protects nothing.";
const PLAIN = "It is the password itself, or a text of which the password can be had back.";
const ELSEWHERE = "The password is not here: another service is asked for it.";
const OF_A_PROTOCOL = "It is a database's or a protocol's own proof, not a hash of an application's users.";

const KNOWN: readonly Known[] = [
  { name: "yescrypt", shape: /^\$y\$/, shown: "$y$", why: NO_LIBRARY },
  { name: "gost-yescrypt", shape: /^\$gy\$/, shown: "$gy$", why: NO_LIBRARY },
  { name: "sm3-crypt", shape: /^\$sm3\$/, shown: "$sm3$", why: NO_LIBRARY },
  { name: "sm3-yescrypt", shape: /^\$sm3y\$/, shown: "$sm3y$", why: NO_LIBRARY },
  { name: "sun-md5", shape: /^\$md5[$,]/, shown: "$md5$", why: NO_LIBRARY },
  { name: "cisco-8", shape: /^\$8\$/, shown: "$8$", why: NO_LIBRARY },
  { name: "cisco-9", shape: /^\$9\$/, shown: "$9$", why: NO_LIBRARY },
  { name: "balloon", shape: /^\{BALLOON\}/i, shown: "{BALLOON}", why: NO_LIBRARY },
  { name: "nt-hash", shape: /^(?:\$3\$|\{NT(?:LM|HASH)?\})/i, shown: "$3$, {NT}", why: BROKEN },
  { name: "lan-manager", shape: /^\{(?:LANMAN|LM)\}/i, shown: "{LANMAN}", why: BROKEN },
  { name: "bsdi-crypt", shape: /^_[./0-9A-Za-z]{19}$/, shown: "_ and 19 characters", why: BROKEN },
  { name: "django-crypt", shape: /^crypt\$/, shown: "crypt$", why: `It is DES crypt. ${BROKEN}` },
  {
    name: "mysql-41",
    shape: /^\*[0-9A-Fa-f]{40}$/,
    shown: "* and 40 hexadecimal digits",
    why: OF_A_PROTOCOL,
  },
  { name: "mysql-sha2", shape: /^\$A\$\d{3}\$/, shown: "$A$005$", why: OF_A_PROTOCOL },
  { name: "mssql", shape: /^0x0[12]00[0-9A-Fa-f]{48,136}$/, shown: "0x0100, 0x0200", why: OF_A_PROTOCOL },
  { name: "postgresql-md5", shape: /^md5[0-9a-f]{32}$/, shown: "md5 and 32 digits", why: OF_A_PROTOCOL },
  {
    name: "scram",
    shape: /^(?:SCRAM-SHA-\d{1,3}\$|\$scram\$|\{SCRAM-SHA)/i,
    shown: "$scram$",
    why: OF_A_PROTOCOL,
  },
  { name: "cram-md5", shape: /^\{(?:CRAM|DIGEST)-MD5\}/i, shown: "{CRAM-MD5}", why: OF_A_PROTOCOL },
  { name: "plain-text", shape: /^\{(?:CLEAR|CLEARTEXT|PLAIN)\}/i, shown: "{CLEARTEXT}", why: PLAIN },
  { name: "pass-through", shape: /^\{(?:SASL|KERBEROS)\}/i, shown: "{SASL}", why: ELSEWHERE },
  {
    name: "des-crypt",
    shape: /^[./0-9A-Za-z]{13}$/,
    shown: "13 characters",
    why: `It looks like DES crypt, unless it is just a text of that length. ${BROKEN}`,
  },
];

/** What is recognised so that it can be counted and told of, and is never verified. */
export const refusedByNameFormat: PasswordFormat = {
  id: "refused-by-name",
  title: "Recognised and refused",
  writtenBy: ["crypt(3)", "databases", "directories"],
  shapes: KNOWN.map(({ name, shown }) => `${shown} (${name})`),
  bounds: [],
  note: "Their users set a new password.",
  read(stored) {
    const known = KNOWN.find(({ shape }) => shape.test(stored));
    return known === undefined ? null : { fault: "refused", format: known.name, reason: known.why };
  },
};
