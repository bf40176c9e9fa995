import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseMoment } from "../../../src/accounts/import/moments.ts";
import { openSource } from "../../../src/accounts/import/open-source.ts";
import { recognise } from "../../../src/accounts/import/recognise.ts";
import { parseFirebaseParameters } from "../../../src/accounts/import/records/firebase-parameters.ts";
import { decodeText } from "../../../src/accounts/import/source/decode-text.ts";
import { parseColumnOption } from "../../../src/accounts/import/source/roles.ts";
import type { SourceRow } from "../../../src/accounts/import/source/source-row.ts";

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(text: string | Uint8Array, size = 7): Promise<SourceRow[]> {
  const bytes = Buffer.from(text);
  const options = { columns: new Map(), ignore: [], firebase: null, sourceTable: "auth_user" };
  const kind = recognise(bytes.toString("utf8").replace("\ufeff", ""), null);
  const rows: SourceRow[] = [];
  for await (const some of openSource(decodeText(inChunks(bytes, size)), kind, options)) rows.push(...some);
  return rows;
}

const valuesOf = (rows: readonly SourceRow[]) => rows.map(({ row, values }) => ({ row, ...values }));

describe("CSV", () => {
  const ROWS = [
    { row: 2, email: "ada@example.com", display_name: 'Ada "the first"\r\nLovelace' },
    { row: 4, email: "grace@example.com", display_name: "Grace, née Murray 名" },
  ];
  const TEXT = `email,name\nada@example.com,"Ada ""the first""\r\nLovelace"\n\ngrace@example.com,"Grace, née Murray 名"\n`;

  test("quotes, line breaks and commas in fields, empty lines, in chunks of any size", async () => {
    for (let size = 1; size < 40; size++) expect(valuesOf(await read(TEXT, size))).toEqual(ROWS);
  });

  test.for([
    ["a byte order mark", `\ufeff${TEXT}`],
    ["semicolons", TEXT.replace("email,name", "email;name").replaceAll(".com,", ".com;")],
    ["tabs", TEXT.replace("email,name", "email\tname").replaceAll(".com,", ".com\t")],
    ["no line break at the end", TEXT.slice(0, -1)],
  ] as const)("with %s", async ([, text]) => {
    expect(valuesOf(await read(text))).toEqual(ROWS);
  });

  test("with CRLF", async () => {
    const rows = await read("email,username\r\nada@example.com,ada\r\ngrace@example.com,grace\r\n");
    expect(valuesOf(rows)).toEqual([
      { row: 2, email: "ada@example.com", username: "ada" },
      { row: 3, email: "grace@example.com", username: "grace" },
    ]);
  });

  test("bytes that are no UTF-8 are found in their row, whatever the chunks; a real U+FFFD is a character", async () => {
    const bytes = Buffer.concat([
      Buffer.from("username,name\nada,\ufffd\ngrace,"),
      Buffer.from([0xc3, 0x28]),
      Buffer.from("\nalan,ü\n"),
    ]);
    for (let size = 1; size < 30; size++) {
      const faults = (await read(bytes, size)).map(({ row, fault }) => [row, fault?.reason ?? null]);
      expect(faults).toEqual([
        [2, null],
        [3, "It has bytes that are not UTF-8."],
        [4, null],
      ]);
    }
  });

  test("whatever is written is read back, in chunks of any size", async () => {
    const field = fc.string({ unit: "binary" }).filter((text) => !/[\0\ufffe]/.test(text));
    await fc.assert(
      fc.asyncProperty(
        fc.array(field, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 50 }),
        async (fields, size) => {
          const lines = fields.map((text) => `x,"${text.replaceAll('"', '""')}"`);
          const rows = await read(`username,name\n${lines.join("\n")}\n`, size);
          expect(rows.map(({ values }) => values.display_name ?? "")).toEqual(fields);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("JSON", () => {
  test("lines that are no object are told, the others are read", async () => {
    const rows = await read('{"email":"ada@example.com"}\n\n{"email":\n[1]\n{"id":7}\n');
    expect(rows.map(({ row, fault }) => [row, fault?.reason ?? null])).toEqual([
      [1, null],
      [3, "The line is not a JSON object."],
      [4, "The line is not a JSON object."],
      [5, null],
    ]);
  });

  test("a list of objects, in chunks of any size", async () => {
    const text = JSON.stringify(
      [
        { id: 1, email: "ada@example.com", name: null },
        { id: "2", username: "grâce" },
      ],
      null,
      1,
    );
    for (const size of [1, 2, 3, 50, 1_000]) {
      expect(valuesOf(await read(text, size))).toEqual([
        { row: 1, id: "1", email: "ada@example.com" },
        { row: 2, id: "2", username: "grâce" },
      ]);
    }
  });

  test("a member called __proto__ is no way to others", async () => {
    const rows = await read('[{"__proto__": {"email": "eve@example.com"}, "username": "eve"}]').catch(
      (error) => error.code,
    );
    expect(JSON.stringify(rows)).not.toContain("eve@example.com");
  });
});

describe("a dump", () => {
  test("only the rows of the table are read, escapes and NULL as COPY writes them", async () => {
    const text = [
      "-- PostgreSQL database dump",
      "COPY public.notes (id, body) FROM stdin;",
      "1\tCOPY public.auth_user (id) FROM stdin;",
      "\\.",
      'COPY "public"."auth_user" (id, username, email, first_name, "last_name") FROM stdin;',
      "7\tada\\\\b\t\\N\tAda\\tK.\tLovelace",
      "8\tshort",
      "\\.",
      "",
    ].join("\n");
    const rows = await read(text);
    expect(rows).toEqual([
      { row: 1, values: { id: "7", username: "ada\\b", display_name: "Ada\tK. Lovelace" }, fault: null },
      {
        row: 2,
        values: {},
        fault: { field: "row", reason: "It has 2 fields, and the dump names 5 columns." },
      },
    ]);
  });
});

describe("Firebase's parameters", () => {
  const EXPECTED = {
    signerKey: "c2lnbmVyLWtleQ==",
    parameters: { saltSeparator: "Bw==", rounds: 8, memoryCost: 14 },
  };

  test.for([
    "hash_config {\n  algorithm: SCRYPT,\n  base64_signer_key: c2lnbmVyLWtleQ==,\n  base64_salt_separator: Bw==,\n  rounds: 8,\n  mem_cost: 14,\n}",
    '{"algorithm":"SCRYPT","base64_signer_key":"c2lnbmVyLWtleQ==","base64_salt_separator":"Bw==","rounds":8,"mem_cost":14}',
    '{"hash_config":{"algorithm":"SCRYPT","base64_signer_key":"c2lnbmVyLWtleQ","base64_salt_separator":"Bw==","rounds":"8","mem_cost":"14"}}',
  ])("%s", (text) => {
    const { signerKey, parameters } = parseFirebaseParameters(text);
    expect(signerKey.replace(/=+$/, "")).toBe("c2lnbmVyLWtleQ");
    expect(parameters).toEqual(EXPECTED.parameters);
  });

  test.for([
    ["rounds: 8, mem_cost: 14", "base64_signer_key is missing"],
    ["algorithm: BCRYPT", "its algorithm is not SCRYPT"],
    [
      "base64_signer_key: c2VjcmV0, base64_salt_separator: Bw==, rounds: 8, mem_cost: 99",
      "mem_cost is missing or not between",
    ],
  ] as const)("%s: %s, and the key is not repeated", ([text, message]) => {
    expect(() => parseFirebaseParameters(text)).toThrow(message);
    expect(() => parseFirebaseParameters(text)).not.toThrow("c2VjcmV0");
  });
});

test.for([
  ["2024-02-29", "2024-02-29 00:00:00+00:00"],
  ["2024-02-29T12:00:00.123456Z", "2024-02-29 12:00:00.123456+00:00"],
  ["2024-02-29 12:00:00.5+05", "2024-02-29 12:00:00.5+05:00"],
  ["2024-02-29 12:00-0330", "2024-02-29 12:00:00-03:30"],
  ["1600000000", "2020-09-13T12:26:40.000Z"],
  ["1600000000123", "2020-09-13T12:26:40.123Z"],
  ["2023-02-29", null],
  ["2024-04-31", null],
  ["2024-01-01T24:00:00Z", null],
  ["2024-01-01T00:00:61Z", null],
  ["infinity", null],
  ["now", null],
] as const)("the moment %s", ([text, moment]) => {
  expect(parseMoment(text)).toBe(moment);
});

test("--column says which role a header has", () => {
  expect(parseColumnOption("email=E-Mail = privat")).toEqual(["email", "E-Mail = privat"]);
  expect(() => parseColumnOption("emial=x")).toThrow("must be ROLE=HEADER");
});
