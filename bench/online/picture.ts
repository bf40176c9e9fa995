import type { BenchResults, RunResult } from "./results.ts";

const WIDTH = 860;
const LEFT = 64;
const RIGHT = 20;
const PANEL = 150;
const GAP = 54;
const TOP = 70;
const QUEUE = 34;
const BUCKET = 100;
const CONNECTIONS = 20;

/** Milliseconds that are marked on the axis; it is logarithmic. */
const TICKS = [1, 10, 100, 1_000, 10_000];
const LOWEST = 0.3;
const HIGHEST = 20_000;

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #24292f; }
  .small { font-size: 11px; fill: #57606a; }
  .title { font-weight: 600; }
  .grid { stroke: #d0d7de; stroke-width: 1; }
  .slowest { fill: none; stroke: #0969da; stroke-width: 1.5; }
  .median { fill: none; stroke: #8c959f; stroke-width: 1.2; }
  .change { fill: #0969da; opacity: 0.08; }
  .report { fill: #9a6700; opacity: 0.7; }
  .queue { fill: #cf222e; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; } .small { fill: #9198a1; } .grid { stroke: #3d444d; } .background { fill: #0d1117; }
  }`;

const PANELS = [
  { profile: "quiet", action: "plain", title: "The change as one plain transaction" },
  { profile: "quiet", action: "up", title: "The same change by authgraft up" },
  { profile: "report", action: "plain", title: "The plain transaction, a report open" },
  { profile: "report", action: "up", title: "authgraft up, a report open" },
] as const;

/**
 * Latency over time and the queue of waiting queries below it: plain and `up`, with and without an open report.
 * Null where they were not all measured.
 */
export function drawLatency(results: BenchResults): string | null {
  const panels = PANELS.map(({ profile, action, title }) => ({
    title,
    run: middleRun(results, profile, action),
  }));
  if (panels.some(({ run }) => run === undefined)) return null;
  const end =
    Math.max(...panels.map(({ run }) => Math.max(run?.change?.to ?? 0, run?.report?.to ?? 0))) + 3_000;
  const height = TOP + panels.length * (PANEL + QUEUE + GAP);
  const body = panels.map(({ title, run }, place) =>
    run === undefined ? "" : panel(title, run, end, TOP + place * (PANEL + QUEUE + GAP)),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Latency of an application's queries over time, while its users table is changed">
<style>${STYLE}</style>
<rect class="background" width="${WIDTH}" height="${height}" fill="#ffffff"/>
<text x="${LEFT}" y="18" class="small">Blue: the slowest query of each 100 ms, grey: their median, by when a query was due. Shaded: the change goes on.</text>
<text x="${LEFT}" y="34" class="small">Brown, at the top: the report is open. Red, below: queries that wait for a lock of the change.</text>
${body.join("\n")}
</svg>
`;
}

/** The repeat whose slowest query is the median. */
function middleRun({ runs }: BenchResults, profile: string, action: string): RunResult | undefined {
  const own = runs.filter((run) => run.profile === profile && run.action === action);
  own.sort((a, b) => a.latency.slowest - b.latency.slowest);
  return own[Math.floor((own.length - 1) / 2)];
}

function panel(title: string, run: RunResult, end: number, top: number): string {
  const across = (at: number) => LEFT + (Math.min(at, end) / end) * (WIDTH - LEFT - RIGHT);
  const up = (value: number) => top + PANEL * (1 - share(value));
  const line = (name: string, of: (point: RunResult["timeline"][number]) => number) => {
    const points = run.timeline
      .filter(({ at }) => at <= end)
      .map((point) => `${round(across(point.at))},${round(up(of(point)))}`);
    return `<polyline class="${name}" points="${points.join(" ")}"/>`;
  };
  const span = (name: string, held: { readonly from: number; readonly to: number } | null, tall = PANEL) =>
    held === null
      ? ""
      : `<rect class="${name}" x="${round(across(held.from))}" y="${top}" width="${round(Math.max(1, across(held.to) - across(held.from)))}" height="${tall}"/>`;
  const slowest = `slowest query ${run.latency.slowest.toFixed(0)} ms`;
  return [
    `<text x="${LEFT}" y="${top - 8}" class="title">${title}</text>`,
    `<text x="${WIDTH - RIGHT}" y="${top - 8}" class="small" text-anchor="end">${slowest}, ${run.latency.over100} over 100 ms</text>`,
    ...TICKS.map(
      (tick) =>
        `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${round(up(tick))}" y2="${round(up(tick))}"/><text class="small" x="${LEFT - 6}" y="${round(up(tick) + 4)}" text-anchor="end">${tick >= 1_000 ? `${tick / 1_000} s` : `${tick} ms`}</text>`,
    ),
    span("report", run.report, 4),
    span("change", run.change),
    line("median", ({ median }) => median),
    line("slowest", ({ slowest: value }) => value),
    queue(run, across, top + PANEL + 4),
    seconds(end, across, top + PANEL + QUEUE + 8),
  ].join("\n");
}

/** The most that waited in each 100 ms, as bars that grow downwards; a full one is all 20 connections. */
function queue(run: RunResult, across: (at: number) => number, top: number): string {
  const most = new Map<number, number>();
  for (const { at, waiting } of run.locks.queue) {
    const bucket = Math.floor(at / BUCKET);
    most.set(bucket, Math.max(most.get(bucket) ?? 0, waiting));
  }
  const width = round(across(BUCKET) - across(0));
  const bars = [...most].map(([bucket, waiting]) => {
    const height = round(Math.min(1, waiting / CONNECTIONS) * (QUEUE - 8));
    return `<rect x="${round(across(bucket * BUCKET))}" y="${top}" width="${width}" height="${height}"/>`;
  });
  return `<g class="queue">${bars.join("")}</g>`;
}

function seconds(end: number, across: (at: number) => number, top: number): string {
  const every = end > 12_000 ? 5_000 : 1_000;
  const marks = Array.from({ length: Math.floor(end / every) + 1 }, (_, place) => place * every);
  return marks
    .map(
      (at) =>
        `<text class="small" x="${round(across(at))}" y="${top}" text-anchor="middle">${at / 1_000} s</text>`,
    )
    .join("");
}

function share(value: number): number {
  const clamped = Math.min(HIGHEST, Math.max(LOWEST, value));
  return Math.log(clamped / LOWEST) / Math.log(HIGHEST / LOWEST);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
