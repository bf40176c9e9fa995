import fc from "fast-check";
import { expect, test } from "vitest";
import { DumpReader } from "../../../src/migration/rehearse/restore/dump-reader.ts";
import { surveyDump } from "../../../src/migration/rehearse/restore/dump-sections.ts";

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Reads a text in pieces cut at the given places, as `kind: text`, rows of COPY as `data: …`. */
async function readInPieces(text: string, cuts: readonly number[] = []): Promise<string[]> {
  const bytes = Buffer.from(text);
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  async function* pieces() {
    for (const [index, from] of places.entries()) yield bytes.subarray(from, places[index + 1]);
  }
  const reader = new DumpReader(pieces());
  const items: string[] = [];
  for (let item = await reader.next(); item !== undefined; item = await reader.next()) {
    items.push(`${item.kind}: ${item.text}`);
    if (!/^COPY .* FROM stdin;$/.test(item.text)) continue;
    const data: Buffer[] = [];
    for await (const piece of reader.copyData("a table")) data.push(piece);
    items.push(`data: ${Buffer.concat(data).toString("utf8")}`);
  }
  return items;
}

const TRICKY: readonly string[] = [
  "SELECT 1;",
  "SELECT 'a;b', 'it''s', 'back\\';",
  "SELECT E'it\\'s;', e'\\\\', N'x;', B'01', U&'d\\0061;';",
  "SELECT E'one'\n  'tw\\'o;';",
  "SELECT 'plain'\n 'back\\';",
  'SELECT "a;""b", "it\'s";',
  "SELECT $$a;b'$$, $tag$ $$;$x$ $tag$, $1;",
  "SELECT a$b$ FROM t;",
  "SELECT 1 /* a; /* nested; */ still; */ + 2 -- to; the end\n;",
  "SELECT 4 - -1, 5 / 2, 2 * 3;",
  "CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO u VALUES (1); DELETE FROM v;);",
  "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END;",
  "CREATE OR REPLACE PROCEDURE public.p(begin integer) LANGUAGE sql BEGIN ATOMIC INSERT INTO t VALUES (1); END;",
  "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $_$ begin return 1; end; $_$;",
  "BEGIN;",
  'CREATE TABLE begin (atomic int, "end" int);',
  "DO $$ BEGIN PERFORM 1; END $$;",
  "INSERT INTO tö VALUES ('ü;', '日本');",
];

test.for(TRICKY)("a statement is taken whole: %s", async (sql) => {
  expect(await readInPieces(`${sql}\nSELECT 'next';\n`)).toEqual([
    `statement: ${sql}`,
    "statement: SELECT 'next';",
  ]);
});

test("backslashes escape in every string where the dump says so", async () => {
  const reader = new DumpReader(once(Buffer.from("SELECT 'it\\'s;';")));
  reader.standardStrings = false;
  expect((await reader.next())?.text).toBe("SELECT 'it\\'s;';");
});

test("comments of their own, psql's commands and rows come one by one", async () => {
  const text =
    "--\n-- PostgreSQL database dump\n--\n\\restrict abc\n;\nCOPY t (a) FROM stdin;\n1\\.\n\\\\.\n\\.x\n\\.\n\nSELECT 1;";
  expect(await readInPieces(text)).toEqual([
    "comment: --",
    "comment: -- PostgreSQL database dump",
    "comment: --",
    "command: \\restrict abc",
    "statement: COPY t (a) FROM stdin;",
    "data: 1\\.\n\\\\.\n\\.x\n",
    "statement: SELECT 1;",
  ]);
});

test("lines may end as on Windows", async () => {
  const text = "-- a\r\nSELECT 'x',\r\n 1;\r\nCOPY t FROM stdin;\r\n1\r\n2\r\n\\.\r\nSELECT 2;\r\n";
  expect(await readInPieces(text)).toEqual([
    "comment: -- a",
    "statement: SELECT 'x',\r\n 1;",
    "statement: COPY t FROM stdin;",
    "data: 1\r\n2\r\n",
    "statement: SELECT 2;",
  ]);
});

test("wherever the bytes are cut into pieces, the statements are the same", async () => {
  const quoted = fc.string({
    unit: fc.constantFrom("a", ";", "\\", "$", "-", "/", "*", '"', "ö", "\n", "("),
  });
  const piece = fc.oneof(
    fc.constantFrom(...TRICKY),
    quoted.map((text) => `SELECT '${text}';`),
    quoted.map((text) => `SELECT E'${text.replaceAll("\\", "\\\\")}\\'';`),
    quoted.map((text) => `SELECT "x${text.replaceAll('"', '""')}";`),
    quoted.map((text) => `SELECT $q$${text}$q$;`),
    quoted.map(
      (text) => `COPY t FROM stdin;\n${text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}\nlast\n\\.`,
    ),
    quoted.map((text) => `-- ${text.replaceAll("\n", " ").replaceAll("\\", "")}x`),
    fc.constant("\\connect app"),
  );
  const cuts = fc.array(fc.nat(100_000), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 12 }), cuts, async (pieces, places) => {
      const text = `${pieces.join("\n")}\n`;
      const whole = await readInPieces(text);
      expect(await readInPieces(text, places)).toEqual(whole);
      // What was joined comes apart again.
      expect(whole.filter((item) => !item.startsWith("data: ")).length).toBe(pieces.length);
    }),
    { numRuns: 400 },
  );
});

test.for([
  ["SELECT 'abc", "inside a string constant"],
  ["SELECT $x$ abc; $x", "inside a dollar-quoted text"],
  ['SELECT "abc;', "inside a quoted name"],
  ["SELECT 1 /* abc;", "inside a comment"],
  ["/* abc", "inside a comment"],
  ["SELECT 1;\n\nSELECT 2", "inside a statement, in the statement that begins at line 3 (byte 12)"],
  ["COPY t FROM stdin;\n1\n2\n", "among the rows of a table, which begin at line 2"],
  ["COPY t FROM stdin;\n1\n\\", "among the rows of a table"],
] as const)("a text that ends too early is refused, with the place: %s", async ([text, words]) => {
  await expect(readInPieces(text)).rejects.toMatchObject({
    code: "dump_invalid",
    message: expect.stringContaining(words),
  });
});

test("a command to psql in the middle of a statement is refused", async () => {
  await expect(readInPieces("SELECT 1 \\gexec\n;")).rejects.toMatchObject({ code: "dump_invalid" });
});

test.for(["--", "\\connect", "COPY t FROM stdin; "])(
  "a line that never ends is refused before it fills the memory: %s",
  async (beginning) => {
    let bytes = 0;
    async function* endless() {
      yield Buffer.from(beginning);
      for (; bytes < 2 ** 23; bytes += 2 ** 16) yield Buffer.alloc(2 ** 16, "x");
    }
    const reader = new DumpReader(endless());
    const read = async () => {
      const item = await reader.next();
      if (item?.kind === "statement") await reader.copyData("t").next();
    };
    await expect(read()).rejects.toMatchObject({
      code: "dump_invalid",
      message: expect.stringContaining("The line at line 1"),
    });
    expect(bytes).toBeLessThan(2 ** 22);
  },
);

test("a dump of several databases is looked through as it says that it is to be read", async () => {
  const text = `\\connect shop\nSET client_encoding = 'LATIN1';\nSET standard_conforming_strings = off;
CREATE TABLE public."Zoë" (name text DEFAULT 'it\\'s; CREATE');\nCREATE TABLE public.users (id integer);\n`;
  const survey = await surveyDump(once(Buffer.from(text, "latin1")));
  expect([...(survey.get("shop") ?? [])]).toEqual(['public."Zoë"', "public.users"]);
});

test("text that is not in the encoding the dump names is refused", async () => {
  const reader = new DumpReader(once(Buffer.from([83, 0xff, 59])));
  await expect(reader.next()).rejects.toMatchObject({
    code: "dump_invalid",
    fix: "Make the dump anew with pg_dump --encoding=UTF8.",
  });
});
