import { createHash } from "node:crypto";
import type { Gate, LoadReport, Rehearsal, Timeline } from "../../migration/rehearse/rehearsal.ts";
import { type Html, html } from "./html.ts";
import { leftOutLines, type RehearsalExtras } from "./rehearsal.ts";
import { printEvidence } from "./rehearsal-evidence.ts";
import { locksByMode, slowestPoint, thinOut } from "./rehearsal-figures.ts";
import { PAGE_STYLE } from "./rehearsal-style.ts";
import { describeTimeline, timelineSvg } from "./rehearsal-timeline.ts";
import { conclude, formatMilliseconds, formatSeconds, harmless, SIGNS, stateOf } from "./rehearsal-words.ts";

/** How every page begins, by which one is known again. */
export const PAGE_BEGINNING = "<!doctype html>\n<!-- authgraft rehearse -->\n";

/**
 * A rehearsal as one page that needs nothing else: no script, no font, no image, and a policy that would let none
 * in. All text of the rehearsal is escaped.
 *
 * @see https://www.w3.org/TR/CSP3/
 */
export function rehearsalPage(rehearsal: Rehearsal, extras: RehearsalExtras): string {
  const { decision, table } = rehearsal;
  const hash = createHash("sha256").update(PAGE_STYLE).digest("base64");
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  // The style is our own constant, and an element of raw text: escaping would change it.
  const style = `<style>${PAGE_STYLE}</style>`;
  const head = html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${decision === "go" ? "Go" : "No-go"}: rehearsal of ${table}</title>
`;
  const text = `${PAGE_BEGINNING}${head}${style}\n</head>\n${body(rehearsal, extras)}\n</html>\n`;
  return harmless(text);
}

function body(rehearsal: Rehearsal, extras: RehearsalExtras): Html {
  const { gates, timeline, lockBudgetMilliseconds, load } = rehearsal;
  return html`<body>
<main>
${header(rehearsal, extras)}
<h2>The gates</h2>
<ol class="gates card">
${gates.map(gateItem)}</ol>
${timeline === null ? null : picture(timeline, lockBudgetMilliseconds)}
${toKnow(load, extras.notes)}
</main>
${footer(rehearsal)}
</body>`;
}

function header(rehearsal: Rehearsal, { report }: RehearsalExtras): Html {
  const { decision, table, source, serverVersion, load } = rehearsal;
  const { sentence, next } = conclude(rehearsal, report);
  const word = decision === "go" ? "Go" : "No-go";
  const rows =
    load === null ? null : fact("Loaded", `${count(load.rows, "row")} in ${count(load.tables, "table")}`);
  return html`<h1>Rehearsal of <strong>${table}</strong></h1>
<div class="decision ${decision}">
<p class="word"><span aria-hidden="true">${decision === "go" ? "✓" : "✗"}</span> ${word}</p>
<p>${sentence.slice(`${word}: `.length).replace(/^./, (letter) => letter.toUpperCase())}</p>
<p class="next">${/^authgraft /.test(next) ? html`Next: <code>${next}</code>` : next}</p>
</div>
<dl class="facts">
${fact("Source", source, "wide")}${fact("Rehearsed on", `PostgreSQL ${serverVersion}`)}${rows}${fact("When", inUtc(rehearsal.startedAt))}</dl>`;
}

function fact(name: string, value: string | Html, kind = ""): Html {
  return html`<div class="${kind}"><dt>${name}</dt><dd>${value}</dd></div>
`;
}

function count(number: number, word: string): string {
  return `${number.toLocaleString("en")} ${word}${number === 1 ? "" : "s"}`;
}

function inUtc(timestamp: string): string {
  const date = new Date(timestamp);
  if (Number.isNaN(date.getTime())) return timestamp;
  return `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

function gateItem(gate: Gate): Html {
  const { title, seconds, detail, evidence } = gate;
  const state = stateOf(gate);
  const words = state === "unreached" ? "not reached" : state;
  return html`<li class="${state}">
<span class="sign" role="img" aria-label="${words}">${SIGNS[state]}</span>
<h3>${title}</h3><span class="seconds">${state === "unreached" ? null : formatSeconds(seconds)}</span>
<p class="detail">${detail}</p>
${printEvidence(evidence)}</li>
`;
}

function picture(timeline: Timeline, budget: number): Html {
  return html`<h2>Under traffic</h2>
<p class="caption">${describeTimeline(timeline, budget)}</p>
<figure class="card picture">
<div class="scroll" role="region" tabindex="0" aria-label="The timeline; it scrolls sideways where the window is narrow">
${timelineSvg(timeline, budget)}
</div>
${legend()}
<details><summary>The same as tables</summary>
${lockTable(timeline)}
${latencyTable(timeline)}
</details>
</figure>`;
}

function legend(): Html {
  const bar = (kind: string, height = 10) =>
    html`<rect class="${kind}" x="1" y="${6 - height / 2}" width="18" height="${height}" rx="1.5"/>`;
  const line = (kind: string) => html`<line class="${kind}" x1="0" x2="20" y1="6" y2="6"/>`;
  const entries = [
    [bar("strong"), "lock held that blocks writes"],
    [bar("weak"), "lock held that blocks no read or write"],
    [bar("asked", 4), "lock asked for"],
    [line("median"), "median query"],
    [line("slowest"), "slowest query"],
    [line("budget"), "lock budget"],
  ] as const;
  return html`<ul class="legend" aria-hidden="true">
${entries.map(
  ([sign, words]) => html`<li><svg viewBox="0 0 20 12">${sign}</svg>${words}</li>
`,
)}</ul>`;
}

function lockTable(timeline: Timeline): Html {
  const rows = locksByMode(timeline).flatMap(({ mode, held, asked }) =>
    [
      { what: "held", ...held },
      { what: "asked for", ...asked },
    ]
      .filter(({ count: times }) => times > 0)
      .map(({ what, count: times, longest, total }) => [
        `${mode}, ${what}`,
        String(times),
        formatMilliseconds(longest),
        formatMilliseconds(total),
      ]),
  );
  const spans = timeline.spans.map(({ label, from, to }) => [
    label,
    "1",
    formatMilliseconds(to - from),
    formatMilliseconds(to - from),
  ]);
  return dataTable(
    ["Lock on the users table, or what went on", "Times", "Longest", "In all"],
    [...rows, ...spans],
  );
}

const TABLE_ROWS = 24;

function latencyTable(timeline: Timeline): Html | null {
  if (slowestPoint(timeline) === undefined) return null;
  const rows = thinOut(timeline.latency, TABLE_ROWS).map(({ at, median, slowest }) => [
    formatMilliseconds(at),
    formatMilliseconds(median),
    formatMilliseconds(slowest),
  ]);
  return dataTable(["From", "Median query", "Slowest query"], rows);
}

function dataTable(names: readonly string[], rows: readonly (readonly string[])[]): Html {
  return html`<table>
<thead><tr>${names.map((name, index) => html`<th scope="col" class="${index === 0 ? "" : "figure"}">${name}</th>`)}</tr></thead>
<tbody>
${rows.map(
  (
    row,
  ) => html`<tr>${row.map((cell, index) => html`<td class="${index === 0 ? "" : "figure"}">${cell}</td>`)}</tr>
`,
)}</tbody>
</table>`;
}

function toKnow(load: LoadReport | null, notes: readonly string[]): Html | null {
  const lines = [...notes, ...(load === null ? [] : leftOutLines(load))];
  if (lines.length === 0) return null;
  return html`<h2>To know</h2>
<ul class="left card">
${lines.map(
  (line) => html`<li>${line}</li>
`,
)}</ul>`;
}

function footer({ planHash, schemaFingerprint, authgraftVersion, finishedAt }: Rehearsal): Html {
  const hash = (text: string | null) => (text === null ? "not reached" : html`<code>${text}</code>`);
  return html`<footer>
<dl class="facts">
${fact("Plan", hash(planHash), "wide")}${fact("Schema of the users table", hash(schemaFingerprint), "wide")}</dl>
<p>Authgraft ${authgraftVersion}, ${inUtc(finishedAt)}. The source was only read.</p>
</footer>`;
}
