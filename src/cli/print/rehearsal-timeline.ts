import type { Timeline } from "../../migration/rehearse/rehearsal.ts";
import { type Html, html } from "./html.ts";
import {
  endOf,
  isStrong,
  type LatencyPoint,
  type LockFigures,
  type LockSpan,
  locksByMode,
  slowestPoint,
  thinOut,
} from "./rehearsal-figures.ts";
import {
  decadesAround,
  decadesOf,
  linearScale,
  logScale,
  round,
  type Scale,
  timeTicks,
} from "./rehearsal-scale.ts";
import { formatMilliseconds } from "./rehearsal-words.ts";

const WIDTH = 960;
const LEFT = 186;
const RIGHT = WIDTH - 14;
const MIDDLE = (LEFT + RIGHT) / 2;
const LANE = 26;
const BAR = 12;
/** A request is a thin bar, over which what was held stands out. */
const ASKED = 4;
const CHART = 210;

/** What is thinner is not seen. */
const THINNEST = 2;
const MOST_POINTS = 420;

/** Where everything lies. */
interface Layout {
  readonly timeline: Timeline;
  readonly modes: readonly LockFigures[];
  readonly labels: readonly string[];
  readonly x: Scale;
  /** Where the chart of the latency begins and ends. */
  readonly top: number;
  readonly bottom: number;
}

/** The picture of a rehearsal under traffic: what went on, what was locked, and what the traffic felt. */
export function timelineSvg(timeline: Timeline, budget: number): Html {
  const layout = layOut(timeline);
  const height = layout.bottom + 40;
  return html`<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="timeline-title timeline-words">
<title id="timeline-title">Locks and latency over time</title>
<desc id="timeline-words">${describeTimeline(timeline, budget)}</desc>
${timeAxis(layout)}
${layout.labels.map((label, index) => spanLane(layout, label, laneTop(index)))}
${layout.modes.map((mode, index) => lockLane(layout, mode, laneTop(layout.labels.length + index)))}
${latencyChart(layout, budget)}
</svg>`;
}

/** The same in two sentences, for who does not see the picture. */
export function describeTimeline(timeline: Timeline, budget: number): string {
  const slowest = slowestPoint(timeline);
  const felt =
    slowest === undefined
      ? "There was no traffic."
      : `The slowest query of the traffic took ${formatMilliseconds(slowest.slowest)}, ${formatMilliseconds(slowest.at)} after the beginning; the lock budget of ${formatMilliseconds(budget)} is for the part of it that is spent waiting behind Authgraft.`;
  const strong = locksByMode(timeline).filter(({ mode }) => isStrong(mode));
  const held = strong.reduce((longest, mode) => Math.max(longest, mode.held.longest), 0);
  return `${felt} The longest strong lock was held for ${formatMilliseconds(held)}.`;
}

function layOut(timeline: Timeline): Layout {
  const modes = locksByMode(timeline);
  const labels = [...new Set(timeline.spans.map(({ label }) => label))];
  const top = laneTop(labels.length + modes.length) + 34;
  const x = linearScale([0, endOf(timeline)], [LEFT, RIGHT]);
  return { timeline, modes, labels, x, top, bottom: top + CHART };
}

function laneTop(index: number): number {
  return 10 + index * LANE;
}

function timeAxis({ timeline, x, bottom }: Layout): Html[] {
  return timeTicks(endOf(timeline)).map(
    (tick) => html`<line class="grid" x1="${x(tick)}" x2="${x(tick)}" y1="6" y2="${bottom}"/>
<text class="tick" x="${x(tick)}" y="${bottom + 18}" text-anchor="middle">${tickWords(tick)}</text>
`,
  );
}

function tickWords(milliseconds: number): string {
  if (milliseconds >= 120_000) return `${round(milliseconds / 60_000)} min`;
  return `${round(milliseconds / 1_000)} s`;
}

function laneLabel(text: string, top: number): Html {
  return html`<text class="label" x="${LEFT - 12}" y="${top + BAR - 1}" text-anchor="end">${text}</text>
`;
}

function spanLane({ timeline, x }: Layout, label: string, top: number): Html {
  const bars = timeline.spans
    .filter((span) => span.label === label)
    .map(({ from, to }) => {
      const words = `${label}: ${formatMilliseconds(to - from)}, from ${formatMilliseconds(from)}`;
      return bar({ from: x(from), to: x(to), top, kind: "span", words });
    });
  return html`${laneLabel(shorten(label), top)}${bars}`;
}

/** A lane's label has so much room. */
function shorten(label: string): string {
  return label.length <= 26 ? label : `${label.slice(0, 25)}…`;
}

function lockLane({ x }: Layout, { mode, spans }: LockFigures, top: number): Html {
  const held = isStrong(mode) ? "strong" : "weak";
  const bars = (granted: boolean) =>
    mergedBars(
      spans.filter((span) => span.granted === granted),
      x,
    ).map(({ words, ...place }) =>
      bar({
        ...place,
        top,
        kind: granted ? held : "asked",
        words: `${mode} ${granted ? "held" : "asked for"}: ${words}`,
      }),
    );
  return html`${laneLabel(mode, top)}${bars(false)}${bars(true)}`;
}

interface Bar {
  readonly from: number;
  readonly to: number;
  readonly top: number;
  readonly kind: "span" | "strong" | "weak" | "asked";
  readonly words: string;
}

function bar({ from, to, top, kind, words }: Bar): Html {
  const width = round(Math.max(to - from, THINNEST));
  const height = kind === "asked" ? ASKED : BAR;
  return html`<rect class="${kind}" x="${from}" y="${top + (BAR - height) / 2}" width="${width}" height="${height}" rx="1.5"><title>${words}</title></rect>
`;
}

/** Bars that would touch are drawn as one: a thousand attempts are not a thousand bars. */
function mergedBars(spans: readonly LockSpan[], x: Scale): { from: number; to: number; words: string }[] {
  const groups: { from: number; to: number; count: number; total: number; at: number }[] = [];
  for (const { from, to } of spans.toSorted((one, other) => one.from - other.from)) {
    const last = groups.at(-1);
    if (last !== undefined && x(from) < last.to + 1) {
      last.to = Math.max(last.to, x(to), last.from + THINNEST);
      last.count += 1;
      last.total += to - from;
    } else {
      groups.push({
        from: x(from),
        to: Math.max(x(to), x(from) + THINNEST),
        count: 1,
        total: to - from,
        at: from,
      });
    }
  }
  return groups.map(({ from, to, count, total, at }) => ({
    from,
    to,
    words: `${count === 1 ? "" : `${count} times, in all `}${formatMilliseconds(total)}, from ${formatMilliseconds(at)}`,
  }));
}

function latencyChart(layout: Layout, budget: number): Html {
  const { timeline, x, top, bottom } = layout;
  // Where nothing was asked there is nothing to draw.
  const points = thinOut(timeline.latency, MOST_POINTS).filter(({ slowest }) => slowest > 0);
  const range = decadesAround([budget, ...points.flatMap(({ median, slowest }) => [median, slowest])]);
  const y = logScale(range, [bottom, top]);
  const line = (value: (point: LatencyPoint) => number) =>
    points.map((point) => `${x(point.at)},${y(value(point))}`);
  const [slowest, medians] = [line((point) => point.slowest), line((point) => point.median)];
  return html`${decadesOf(range).map((value) => valueLine(value, y(value)))}
<text class="label" x="${LEFT - 12}" y="${top - 18}" text-anchor="end">latency of the traffic</text>
<polygon class="spread" points="${[...slowest, ...medians.toReversed()].join(" ")}"/>
<polyline class="slowest" points="${slowest.join(" ")}"/>
<polyline class="median" points="${medians.join(" ")}"/>
<line class="budget" x1="${LEFT}" x2="${RIGHT}" y1="${y(budget)}" y2="${y(budget)}"/>
${budgetLabel(layout, y(budget), budget)}
${slowestMark(layout, y)}`;
}

/** On the side where the slowest query's own label is not. */
function budgetLabel({ timeline, x }: Layout, y: number, budget: number): Html {
  const right = x(slowestPoint(timeline)?.at ?? 0) < MIDDLE;
  const place = right ? RIGHT : LEFT + 6;
  return html`<text class="budget-label" x="${place}" y="${y - 6}" text-anchor="${right ? "end" : "start"}">lock budget ${formatMilliseconds(budget)}</text>`;
}

function valueLine(value: number, y: number): Html {
  return html`<line class="grid" x1="${LEFT}" x2="${RIGHT}" y1="${y}" y2="${y}"/>
<text class="tick" x="${LEFT - 12}" y="${y + 4}" text-anchor="end">${formatMilliseconds(value)}</text>
`;
}

/** The slowest query is what everybody looks for. */
function slowestMark({ timeline, x }: Layout, y: Scale): Html | null {
  const point = slowestPoint(timeline);
  if (point === undefined) return null;
  const [cx, cy] = [x(point.at), y(point.slowest)];
  const left = cx > MIDDLE;
  return html`<circle class="mark" cx="${cx}" cy="${cy}" r="3.5"/>
<text class="mark-label" x="${round(left ? cx - 10 : cx + 10)}" y="${round(cy + 4)}" text-anchor="${left ? "end" : "start"}">slowest ${formatMilliseconds(point.slowest)}</text>`;
}
