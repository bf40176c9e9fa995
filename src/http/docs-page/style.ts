/** The page's only style sheet. It needs no font and no picture from anywhere. */
export const STYLE = `
:root { color-scheme: light dark;
  --page: #fbfbf8; --panel: #ffffff; --ink: #1d2320; --soft: #5a655f; --line: #dfe3de; --code: #f1f3ee;
  --accent: #1f6b4a; --get: #1c5fa8; --post: #1f6b4a; --patch: #8a5a00; --delete: #b02a37; --focus: #1c5fa8; }
@media (prefers-color-scheme: dark) { :root {
  --page: #121614; --panel: #191f1c; --ink: #e6ebe7; --soft: #9daaa3; --line: #2c3530; --code: #202824;
  --accent: #6fcf9f; --get: #7fb6f2; --post: #6fcf9f; --patch: #e3b155; --delete: #f28b94; --focus: #7fb6f2; } }
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.55 system-ui, "Segoe UI", Roboto, sans-serif; }
a { color: var(--accent); }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; border-radius: 4px; }
.skip { position: absolute; left: -100rem; } .skip:focus { left: 1rem; top: 1rem; background: var(--panel); padding: .5rem 1rem; z-index: 2; }
.frame { display: grid; grid-template-columns: 19rem minmax(0, 1fr); max-width: 84rem; margin: 0 auto; }
.side { position: sticky; top: 0; height: 100vh; overflow-y: auto; scrollbar-width: thin; padding: 1.5rem 1rem 3rem; border-right: 1px solid var(--line); font-size: .875rem; }
.side summary { display: none; font-weight: 600; padding: .25rem 0; }
.side h2 { font-size: .75rem; letter-spacing: .06em; text-transform: uppercase; color: var(--soft); margin: 1.25rem .5rem .25rem; }
.side ul { list-style: none; margin: 0; padding: 0; }
.side li a { display: flex; gap: .5rem; align-items: baseline; padding: .2rem .5rem; border-radius: .375rem; color: var(--ink); text-decoration: none; overflow-wrap: anywhere; }
.side li a:hover { background: var(--code); }
.find { display: block; margin: 0 .5rem; color: var(--soft); }
.find input { display: block; width: 100%; margin-top: .25rem; padding: .45rem .6rem; font: inherit; color: var(--ink); background: var(--panel); border: 1px solid var(--line); border-radius: .375rem; }
main { padding: 2rem clamp(1rem, 3vw, 3rem) 6rem; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .5rem; letter-spacing: -.01em; }
main > header { max-width: 46rem; margin-bottom: 2.5rem; }
main > header p { color: var(--soft); margin: .5rem 0; }
.chapter { margin-top: 3rem; } .chapter > h2 { font-size: 1.375rem; margin: 0; } .chapter > p { color: var(--soft); margin: .25rem 0 1rem; }
article { background: var(--panel); border: 1px solid var(--line); border-radius: .75rem; padding: 1.25rem clamp(1rem, 2vw, 1.5rem); margin: 1rem 0; }
article h3 { display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: baseline; margin: 0; font-size: 1rem; font-family: ui-monospace, "Cascadia Code", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
article h3 a { color: inherit; text-decoration: none; } article h3 a:hover { text-decoration: underline; }
.summary { margin: .4rem 0 0; font-size: 1.0625rem; } .needs { margin: .25rem 0 0; color: var(--soft); font-size: .875rem; }
.method { font: 700 .75rem/1.6 ui-monospace, Menlo, Consolas, monospace; min-width: 3.4rem; color: var(--get); }
.side .method { font-size: .6875rem; min-width: 2.9rem; }
.post { color: var(--post); } .patch, .put { color: var(--patch); } .delete { color: var(--delete); }
h4 { font-size: .8125rem; margin: 1.25rem 0 .4rem; color: var(--soft); font-weight: 600; }
code, pre { font-family: ui-monospace, "Cascadia Code", Menlo, Consolas, monospace; font-size: .8125rem; }
code { background: var(--code); padding: .1em .35em; border-radius: .3em; }
pre { background: var(--code); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem; margin: .5rem 0; overflow-x: auto; line-height: 1.5; }
pre code { background: none; padding: 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .75rem .4rem 0; border-top: 1px solid var(--line); }
thead th { border-top: 0; font-weight: 600; color: var(--soft); font-size: .8125rem; } tbody th { font-weight: 400; white-space: nowrap; }
.must { color: var(--delete); font-size: .75rem; } .maybe { color: var(--soft); font-size: .75rem; }
table th:first-child { width: 38%; } table th:nth-child(2) { width: 24%; }
details.answer { border-top: 1px solid var(--line); } details.answer > summary { cursor: pointer; padding: .45rem 0; display: flex; gap: .75rem; align-items: baseline; font-size: .875rem; }
details.answer > summary::before { content: "+"; color: var(--soft); width: .7rem; } details.answer[open] > summary::before { content: "\\2212"; }
.status { font: 600 .8125rem/1.6 ui-monospace, Menlo, Consolas, monospace; color: var(--soft); min-width: 3.4rem; } .status.good { color: var(--accent); }
.codes { display: flex; flex-wrap: wrap; gap: .35rem; padding: 0; margin: .25rem 0 .75rem; list-style: none; }
[hidden] { display: none !important; }
@media (max-width: 60rem) { .frame { display: block; } .side { position: static; height: auto; border-right: 0; border-bottom: 1px solid var(--line); padding: .75rem 1rem; } .side summary { display: list-item; cursor: pointer; } tbody th { white-space: normal; } h1 { font-size: 1.625rem; } }
@media print { .side { display: none; } .frame { display: block; } article { break-inside: avoid; } }
`;
