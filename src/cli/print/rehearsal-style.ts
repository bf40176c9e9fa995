/** The style of the page: light and dark, narrow and printed; no font, image or script from anywhere. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f7f7f5; --card: #ffffff; --line: #e2e3e0; --text: #1c1f24; --quiet: #5a616c;
  --go: #17733f; --go-ground: #e7f4ec; --no: #b02a20; --no-ground: #fcebe9;
  --span: #98a1ae; --weak: #7ba4d9; --strong: #d9731a; --asked: #e0a878;
  --median: #1f5fae; --slowest: #7f93ad; --spread: #1f5fae1c; --budget: #b02a20;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #131519; --card: #1a1d22; --line: #2d3138; --text: #e5e7ea; --quiet: #9ba3af;
    --go: #5fcf92; --go-ground: #14271d; --no: #ff8f84; --no-ground: #321a18;
    --span: #6b7481; --weak: #4f7fbe; --strong: #f0964a; --asked: #9a6a43;
    --median: #7db3f5; --slowest: #77859a; --spread: #7db3f524; --budget: #ff8f84;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; padding: 2.5rem 1.25rem 4rem; background: var(--ground); color: var(--text);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  -webkit-text-size-adjust: 100%; text-size-adjust: 100%;
}
main, footer { max-width: 60rem; margin: 0 auto; }
h1 { margin: 0; font-size: 1rem; font-weight: 500; color: var(--quiet); }
h1 strong { color: var(--text); font-weight: 650; }
h2 { margin: 2.75rem 0 0.75rem; font-size: 1.125rem; font-weight: 650; }
h3 { margin: 0; font-size: 1rem; font-weight: 600; }
p { margin: 0; }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.8125rem; }
code, dd, td, .detail, .left li { overflow-wrap: anywhere; unicode-bidi: isolate; }
.decision {
  display: grid; grid-template-columns: auto 1fr; gap: 0 1rem; align-items: center;
  margin: 1rem 0 1.5rem; padding: 1.25rem 1.5rem; border-radius: 0.75rem;
}
.decision.go { background: var(--go-ground); } .decision.no-go { background: var(--no-ground); }
.decision .word { font-size: 2rem; font-weight: 700; line-height: 1.2; letter-spacing: -0.01em; }
.decision.go .word, .passed .sign { color: var(--go); } .decision.no-go .word, .failed .sign { color: var(--no); }
.decision .next { grid-column: 1 / -1; margin-top: 0.5rem; color: var(--quiet); font-size: 0.9375rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 1rem 1.5rem; margin: 0; }
.facts .wide { grid-column: span 2; }
.next code { color: var(--text); font-weight: 600; }
dt { color: var(--quiet); font-size: 0.8125rem; } dd { margin: 0; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 0.75rem; }
.gates { list-style: none; margin: 0; padding: 0; }
.gates > li { display: grid; grid-template-columns: 1.5rem 1fr auto; gap: 0 0.75rem; padding: 1rem 1.25rem; }
.gates > li + li { border-top: 1px solid var(--line); }
.sign { font-weight: 700; } .unreached :is(.sign, h3) { color: var(--quiet); font-weight: 500; }
.seconds { color: var(--quiet); font-size: 0.875rem; font-variant-numeric: tabular-nums; }
.detail { grid-column: 2 / -1; color: var(--quiet); font-size: 0.9375rem; white-space: pre-line; }
.failed .detail { color: var(--text); }
details { font-size: 0.875rem; } .gates details { grid-column: 2 / -1; margin-top: 0.375rem; }
summary { width: fit-content; color: var(--quiet); cursor: pointer; border-radius: 0.25rem; }
summary:focus-visible, .scroll:focus-visible { outline: 2px solid var(--median); outline-offset: 2px; }
.evidence { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: 0.25rem 1.25rem; margin: 0.625rem 0 0.25rem; }
.evidence dd { min-width: 0; } .evidence ul { margin: 0; padding-left: 1.125rem; }
.evidence .evidence { margin: 0; } .evidence table { margin: 0; } .evidence table :is(th, td) { overflow-wrap: break-word; }
.evidence td code { overflow-wrap: break-word; }
pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.picture { margin: 0; padding: 1.25rem 1.25rem 0.75rem; }
.scroll { overflow-x: auto; }
svg { display: block; width: 100%; min-width: 44rem; height: auto; }
svg text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; fill: var(--quiet); }
svg .label { fill: var(--text); }
svg .grid { stroke: var(--line); stroke-width: 1; }
svg .span { fill: var(--span); } svg .weak { fill: var(--weak); } svg .strong { fill: var(--strong); }
svg .asked { fill: var(--asked); }
svg polyline { fill: none; stroke-linejoin: round; }
svg .spread { fill: var(--spread); } svg .slowest { stroke: var(--slowest); stroke-width: 1.25; }
svg .median { stroke: var(--median); stroke-width: 2; }
svg .budget { stroke: var(--budget); stroke-width: 1.25; stroke-dasharray: 5 4; } svg .budget-label { fill: var(--budget); }
svg .mark { fill: var(--card); stroke: var(--text); stroke-width: 1.5; }
svg .mark-label { fill: var(--text); font-weight: 600; paint-order: stroke; stroke: var(--card); stroke-width: 4; }
.legend { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; margin: 0.75rem 0 0.5rem; padding: 0; list-style: none; color: var(--quiet); font-size: 0.8125rem; }
.legend svg { display: inline-block; width: 1.25rem; min-width: 0; height: 0.75rem; margin-right: 0.375rem; vertical-align: -0.0625rem; }
.caption { color: var(--quiet); font-size: 0.9375rem; margin-bottom: 0.875rem; }
table { border-collapse: collapse; margin-top: 0.75rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.25rem 1.25rem 0.25rem 0; text-align: left; vertical-align: top; }
th { color: var(--quiet); font-weight: 500; } thead th { border-bottom: 1px solid var(--line); }
.figure { text-align: right; }
.left { margin: 0; padding: 1rem 1.25rem 1rem 2.25rem; } .left li + li { margin-top: 0.5rem; }
footer { margin-top: 2.75rem; padding-top: 1.25rem; border-top: 1px solid var(--line); color: var(--quiet); font-size: 0.875rem; }
footer p { margin-top: 1rem; }
@media (max-width: 36rem) {
  body { padding: 1.5rem 1rem 3rem; }
  .decision { padding: 1rem 1.125rem; grid-template-columns: 1fr; }
  .gates > li { padding: 0.875rem 1rem; gap: 0 0.5rem; }
  .picture { padding: 1rem 1rem 0.5rem; }
  .facts { grid-template-columns: 1fr 1fr; }
  .evidence { grid-template-columns: 1fr; } .evidence dd { margin-bottom: 0.375rem; }
}
@media print {
  :root {
    color-scheme: light;
    --ground: #fff; --card: #fff; --line: #ccc; --text: #000; --quiet: #444; --go: #17733f; --go-ground: #fff;
    --no: #b02a20; --no-ground: #fff; --span: #98a1ae; --weak: #7ba4d9; --strong: #d9731a; --asked: #e0a878;
    --median: #1f5fae; --slowest: #7f93ad; --spread: #1f5fae1c; --budget: #b02a20;
  }
  body { padding: 0; font-size: 10pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .decision { border: 1px solid var(--line); } .scroll { overflow: visible; } svg { min-width: 0; }
  .gates > li, .picture, tr { break-inside: avoid; } h2 { break-after: avoid; }
}
`;
