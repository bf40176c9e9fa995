import { createHash } from "node:crypto";
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { html } from "../../src/cli/print/html.ts";
import { printRehearsal } from "../../src/cli/print/rehearsal.ts";
import { rehearsalPage } from "../../src/cli/print/rehearsal-page.ts";
import { createTerminal } from "../../src/cli/terminal.ts";
import type { Gate, Rehearsal } from "../../src/migration/rehearse/rehearsal.ts";

const HOSTILE = `"><script>alert(1)</script><img src=x onerror='alert(2)'>&amp;`;
const EXTRAS = { report: null, notes: [] };

function gate(change: Partial<Gate> = {}): Gate {
  return {
    id: "restore",
    title: "The source can be restored",
    passed: true,
    detail: "7 tables with 48,213 rows.",
    seconds: 2.13,
    evidence: { rows: 48_213 },
    ...change,
  };
}

function rehearsal(change: Partial<Rehearsal> = {}): Rehearsal {
  return {
    decision: "go",
    gates: [gate(), gate({ id: "up_on_copy", title: "Up works on the data", seconds: 125 })],
    source: "shop.sql (plain SQL, of PostgreSQL 18.4)",
    table: "public.users",
    serverVersion: "18.4",
    authgraftVersion: "0.1.0",
    planHash: "5f".repeat(32),
    schemaFingerprint: "ab".repeat(32),
    lockBudgetMilliseconds: 50,
    load: { tables: 7, rows: 48_213, leftOut: [], rolesMade: [] },
    timeline: {
      seconds: 2,
      locks: [
        { mode: "AccessExclusiveLock", granted: false, from: 500, to: 520 },
        { mode: "AccessExclusiveLock", granted: true, from: 520, to: 526 },
        { mode: "SHARE UPDATE EXCLUSIVE", granted: true, from: 700, to: 1_500 },
      ],
      latency: [
        { at: 0, median: 0.4, slowest: 1.2 },
        { at: 500, median: 0.5, slowest: 31 },
        { at: 1_000, median: 0, slowest: 0 },
      ],
      spans: [{ label: "up", from: 400, to: 1_600 }],
    },
    startedAt: "2030-05-01T10:00:00.000Z",
    notes: [],
    finishedAt: "2030-05-01T10:00:21.400Z",
    ...change,
  };
}

/** Everything of a rehearsal that a dump, a server or a person has named. */
function hostile(text: string): Rehearsal {
  return rehearsal({
    decision: "no-go",
    gates: [
      gate({ passed: false, title: text, detail: text, evidence: { [text]: [text, { [text]: text }] } }),
    ],
    source: text,
    table: text,
    serverVersion: text,
    load: {
      tables: 1,
      rows: 1,
      leftOut: [{ kind: text, name: text, reason: text }],
      rolesMade: [text],
    },
    timeline: {
      seconds: 1,
      locks: [{ mode: text, granted: true, from: 0, to: 1 }],
      latency: [],
      spans: [{ label: text, from: 0, to: 1 }],
    },
    startedAt: text,
    finishedAt: text,
  });
}

function plainTerminal() {
  const stream = () => Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  return createTerminal({ stdin: stream(), stdout: stream(), stderr: stream() });
}

test("every value in HTML is escaped, in text and in quoted attributes", () => {
  expect(String(html`<b title="${`a"b'c`}">${"<&>"}${[1, html`<i>${"<"}</i>`]}${null}</b>`)).toBe(
    `<b title="a&quot;b&#39;c">&lt;&amp;&gt;1<i>&lt;</i></b>`,
  );
});

test("a hostile name or message adds no element and no attribute to the page", () => {
  const tags = (text: string) => [...text.matchAll(/<\/?[a-z][^>]*>/g)].map(([tag]) => tag.split(/[\s>]/)[0]);
  const [page, calm] = [hostile(HOSTILE), hostile("calm")].map((one) =>
    rehearsalPage(one, { report: HOSTILE, notes: [HOSTILE] }),
  );
  expect(page).not.toMatch(/<script|<img/);
  expect(tags(page ?? "")).toEqual(tags(calm ?? ""));
  const attributes = [...(page ?? "").matchAll(/<[^>]*\son\w+\s*=/g)];
  expect(attributes).toEqual([]);
});

test("the page needs nothing from anywhere, and its policy would let nothing in", () => {
  const page = rehearsalPage(rehearsal(), EXTRAS);
  expect(page).not.toMatch(/\b(src|href|action)\s*=|url\(|@import|<script|<link|style="/);
  const [, policy = ""] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
  const [, style = ""] = /<style>([\s\S]*?)<\/style>/.exec(page) ?? [];
  const hash = createHash("sha256").update(style).digest("base64");
  expect(policy.replaceAll("&#39;", "'")).toBe(
    `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`,
  );
});

test("the page says the decision, each gate, and draws the timeline with words for who does not see it", () => {
  const page = rehearsalPage(rehearsal(), { report: "rehearsal.json", notes: ["On another major."] });
  expect(page).toContain("All 2 gates passed in 21 s.");
  expect(page).toContain("authgraft up --require-rehearsal rehearsal.json");
  expect(page).toContain("2 min 5 s");
  expect(page).toContain("On another major.");
  expect(page).toMatch(/<svg [^>]*role="img" aria-labelledby="timeline-title timeline-words">/);
  expect(page).toContain("The slowest query of the traffic took 31 ms");
  expect(page).toMatch(
    /<td class="">ACCESS EXCLUSIVE, asked for<\/td><td class="figure">1<\/td><td class="figure">20 ms/,
  );
  expect(page).not.toMatch(/NaN|Infinity|undefined/);
});

test("a timeline of a whole day and of thousands of locks makes a small page", () => {
  const latency = Array.from({ length: 100_000 }, (_, at) => ({
    at: at * 864,
    median: 1,
    slowest: at % 977,
  }));
  const locks = latency.map(({ at }) => ({
    mode: "AccessExclusiveLock",
    granted: true,
    from: at,
    to: at + 3,
  }));
  const page = rehearsalPage(rehearsal({ timeline: { seconds: 86_400, locks, latency, spans: [] } }), EXTRAS);
  expect(page.length).toBeLessThan(150_000);
  expect(page).toContain("10000");
  expect(page).toContain("slowest 976 ms");
});

test("in a terminal: a line for each gate, what was left out, the decision and what to do next", () => {
  const leftOut = [{ kind: "extension", name: "pg_cron", reason: "it is not available" }];
  const load = { tables: 7, rows: 48_213, leftOut, rolesMade: ["reporting"] };
  const text = (one: Rehearsal, report: string | null) =>
    printRehearsal(one, { ...plainTerminal(), style: (_, words) => words }, { report, notes: [] });
  const go = text(rehearsal({ load }), "my report.json");
  expect(go).toMatch(/^ {2}✓ The source can be restored +2\.1 s$/m);
  expect(go).toMatch(/^ {2}✓ Up works on the data +2 min 5 s$/m);
  expect(go).toContain("! Left out: extension pg_cron: it is not available");
  expect(go).toContain("reporting");
  expect(go).toMatch(
    /Go: all 2 gates passed in 21 s\.\n→ authgraft up --require-rehearsal 'my report\.json'$/,
  );
  const gates = [
    gate({ passed: false, detail: "The dump breaks off at line 7." }),
    gate({ passed: false, detail: "not reached: the gate before it did not pass", seconds: 0 }),
  ];
  const noGo = text(rehearsal({ decision: "no-go", gates }), null);
  expect(noGo).toMatch(/^ {2}✗ The source can be restored/m);
  expect(noGo).toMatch(/^ {2}– The source can be restored +not reached$/m);
  expect(noGo).toContain("No-go: 1 of 2 gates failed");
  expect(noGo).toContain("The dump breaks off at line 7.");
});

test("what a dump says does not steer the terminal", () => {
  const text = printRehearsal(hostile("a\u001b[2Jb\u202ec\u0007d"), plainTerminal(), EXTRAS);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for.
  expect(text.replaceAll(/\u001b\[\d+m/g, "")).not.toMatch(/[\u001b\u0007\u202e]/);
});

test("of a thousand things left out the first are told, and how many more there are", () => {
  const leftOut = Array.from({ length: 1_050 }, (_, number) => ({
    ...{ kind: "grant", name: `table_${number}`, reason: "there is no such role" },
  }));
  const told = rehearsal({ load: { tables: 7, rows: 1, leftOut, rolesMade: [] } });
  const text = printRehearsal(told, plainTerminal(), EXTRAS);
  for (const words of [text, rehearsalPage(told, EXTRAS)]) {
    expect(words.match(/Left out: grant/g)).toHaveLength(50);
    expect(words).toContain("1,000 more");
  }
});
