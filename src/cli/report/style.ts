/** The style of the page, for light and dark screens, small windows and paper. */
export const STYLE = `
:root {
  --ground: #f6f7f6; --card: #fff; --text: #1b2420; --muted: #58645e; --line: #dfe4e1; --soft: #eef2f0;
  --accent: #0a6b4b; --mark: #fdf0c8; --shadow: 0 1px 2px rgb(20 40 30 / 6%);
  --router: #2563c9; --route: #5b5bd6; --service: #0e7490; --pods: #0a7d57; --server: #9333b8; --data: #b45309; --outside: #6b7280;
  --b0: #d9eadf; --b1: #dce5fb; --b2: #f9e2cc; --b3: #eedcf6; --b4: #d3edf2; --b5: #f8d9df;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0f1513; --card: #171f1c; --text: #e4ebe7; --muted: #9badA4; --line: #2a3531; --soft: #1e2925;
    --accent: #56c596; --mark: #4a3c10; --shadow: none;
    --router: #7aa7f7; --route: #a5a4f7; --service: #4cc3d9; --pods: #4fc792; --server: #cf8be8; --data: #eba55a; --outside: #9aa4af;
    --b0: #1d4a36; --b1: #243f78; --b2: #65401a; --b3: #52306a; --b4: #154c58; --b5: #692c3a;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }
a { color: var(--accent); text-underline-offset: 2px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
main:focus { outline: none; }
code, pre { font-family: ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 12.5px; }
h1, h2, h3, h4 { line-height: 1.25; margin: 0; letter-spacing: -0.01em; }
h1 { font-size: 2rem; letter-spacing: -0.025em; }
h2 { font-size: 1.3rem; margin-bottom: 1rem; }
h3 { font-size: 1rem; margin: 1.75rem 0 .6rem; }
h4, .topic { font-size: .78rem; letter-spacing: .03em; color: var(--muted); margin: 1.25rem 0 .4rem; }
summary h3 { display: inline; margin: 0; }
p { margin: 0 0 .75rem; }
.skip { position: absolute; left: 1rem; top: -4rem; padding: .5rem 1rem; background: var(--card); border-radius: 6px; z-index: 9; }
.skip:focus { top: 1rem; }
header, .layout, footer { max-width: 1560px; margin: 0 auto; padding: 0 2rem; }
header { padding-top: 2.75rem; padding-bottom: 1.5rem; }
footer { padding: 1rem 2rem 3rem; color: var(--muted); font-size: .87rem; }
.eyebrow { color: var(--accent); font-weight: 600; font-size: .85rem; margin: 0 0 .25rem; }
.lead { color: var(--muted); font-size: 1.05rem; margin: .5rem 0 0; max-width: 70ch; }
.muted { color: var(--muted); font-weight: 400; }
p.muted { font-size: .87rem; max-width: 85ch; }
.layout { display: grid; grid-template-columns: 168px minmax(0, 1fr); gap: 2.25rem; align-items: start; }
nav { position: sticky; top: 1rem; font-size: .92rem; }
nav ul { list-style: none; margin: 0; padding: 0; border-left: 1px solid var(--line); }
nav a { display: block; padding: .3rem .9rem; color: var(--muted); text-decoration: none; border-left: 2px solid transparent; margin-left: -1px; }
nav a:hover { color: var(--text); border-color: var(--accent); }
section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1.5rem 1.75rem 1.6rem; margin-bottom: 1.25rem; box-shadow: var(--shadow); }
.scroll { overflow-x: auto; margin-bottom: 1.4rem; }
table { border-collapse: collapse; font-size: .89rem; min-width: 100%; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding: .2rem 0 .5rem; position: sticky; left: 0; }
th, td { text-align: left; vertical-align: top; padding: .42rem .8rem .42rem 0; border-top: 1px solid var(--line); }
thead th { border-top: 0; border-bottom: 1px solid var(--line); color: var(--muted); font-weight: 600; font-size: .8rem; white-space: nowrap; }
tbody th { font-weight: 500; }
tbody tr:first-child > * { border-top: 0; }
td, tbody th { overflow-wrap: anywhere; min-width: 5.5rem; max-width: 34rem; }
tbody tr:hover > * { background: var(--soft); }
.sums tbody th { color: var(--muted); white-space: nowrap; }
.sums td { font-size: .95rem; white-space: nowrap; }
.matrix td, .matrix thead th:not(:first-child) { text-align: center; }
.matrix tbody th { white-space: nowrap; }
.matrix a, .columns a { color: inherit; text-decoration: none; }
.matrix a:hover, .columns a:hover { text-decoration: underline; }
.fields { table-layout: auto; }
.fields td, .fields th { min-width: 9rem; }
.kind { color: var(--muted); font-weight: 400; }
.absent { color: var(--muted); }
mark { background: var(--mark); color: inherit; padding: .05rem .35rem; margin: 0 -.35rem; border-radius: 4px; }
.badge { display: inline-block; min-width: 1.55em; text-align: center; font-size: .78rem; font-weight: 600; border-radius: 5px; padding: .02rem .3rem; margin-right: .15rem; color: var(--text); }
.b0 { background: var(--b0); } .b1 { background: var(--b1); } .b2 { background: var(--b2); } .b3 { background: var(--b3); } .b4 { background: var(--b4); } .b5 { background: var(--b5); }
.columns { columns: 3 18rem; list-style: none; padding: .25rem 0 0; margin: 0; font-size: .89rem; }
.columns li { padding: .12rem 0; break-inside: avoid; overflow-wrap: anywhere; }
.prose { max-width: 80ch; padding-left: 1.1rem; font-size: .92rem; }
details { border-top: 1px solid var(--line); }
details:last-of-type { border-bottom: 1px solid var(--line); }
summary { cursor: pointer; padding: .42rem .35rem; overflow-wrap: anywhere; }
summary::marker { color: var(--muted); }
summary:hover { background: var(--soft); }
details[open] > summary { font-weight: 500; }
details > :not(summary) { margin-left: 1rem; }
.namespace > :not(summary), .drawing > :not(summary) { margin-left: 0; }
.drawing { padding: .35rem 0 .6rem; }
.drawing .scroll { margin: .6rem 0 .25rem; padding: .2rem 0 .4rem; }
.words { border: 0 !important; font-size: .87rem; color: var(--muted); }
.object { content-visibility: auto; contain-intrinsic-size: auto 2.4rem; }
.object > div { padding: .25rem 0 .75rem; }
.form { margin: .5rem 0 .3rem; font-size: .87rem; font-weight: 600; }
pre { margin: 0 0 .75rem; padding: .8rem 1rem; background: var(--soft); border-radius: 8px; white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.5; tab-size: 4; }
pre button { all: unset; cursor: pointer; color: var(--accent); text-decoration: underline dotted; text-underline-offset: 3px; }
pre button:hover { text-decoration-style: solid; }
pre button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
.reason { width: min(30rem, 92vw); border: 1px solid var(--line); border-radius: 10px; padding: .9rem 1.1rem; background: var(--card); color: var(--text); box-shadow: 0 10px 34px rgb(0 0 0 / 22%); font-size: .92rem; }
@supports (position-area: bottom) { .reason { inset: auto; margin: .35rem 0; position-area: bottom span-right; position-try-fallbacks: flip-block, flip-inline; } }
.reason p { margin: 0; }
.reason .source { margin-top: .5rem; font-size: .82rem; overflow-wrap: anywhere; }
.reasons { position: absolute; width: 0; height: 0; padding: 0; margin: 0; border: 0; overflow: hidden; }
.topology { display: block; max-width: 100%; min-width: 60rem; height: auto; font-size: 12px; }
.topology text { fill: var(--text); }
.topology .column { fill: var(--muted); font-size: 11.5px; font-weight: 600; }
.topology .box { fill: var(--card); stroke: var(--line); stroke-width: 1.25; }
.topology a:hover .box { stroke: var(--role); }
.topology a:focus-visible { outline: none; }
.topology a:focus-visible .box { stroke: var(--accent); stroke-width: 2.5; }
.topology .bar { fill: var(--role); }
.topology .kind { fill: var(--role); font-size: 11px; font-weight: 600; }
.topology .name { font-size: 13.5px; font-weight: 600; }
.topology .detail { fill: var(--muted); font-size: 11.5px; }
.topology .line { fill: none; stroke: var(--muted); stroke-width: 1.3; opacity: .75; }
.topology .weak { stroke-dasharray: 3 4; opacity: .6; }
.topology .end { fill: var(--muted); }
.router { --role: var(--router); } .route { --role: var(--route); } .service { --role: var(--service); } .pods { --role: var(--pods); } .server { --role: var(--server); } .data { --role: var(--data); } .outside { --role: var(--outside); }
@media (max-width: 860px) {
  header, .layout, footer { padding-left: 1rem; padding-right: 1rem; }
  .layout { display: block; }
  nav { position: static; margin-bottom: 1rem; }
  nav ul { border: 0; display: flex; flex-wrap: wrap; }
  nav a { padding: .25rem .9rem .25rem 0; margin: 0; border: 0; }
  section { padding: 1.1rem 1rem; border-radius: 10px; }
}
@media print {
  :root { --ground: #fff; --card: #fff; --text: #000; --muted: #444; --line: #bbb; --soft: #f3f3f3; --accent: #064; --mark: #eee; }
  body { font-size: 10pt; }
  nav, .skip { display: none; }
  .layout { display: block; }
  section { border: 0; padding: 0; margin-bottom: 1.5rem; box-shadow: none; }
  .scroll { overflow: visible; }
  .topology { width: 100%; min-width: 0; }
  tr, .object > summary { break-inside: avoid; }
  h2, h3, h4, summary { break-after: avoid; }
  .reasons { position: static; width: auto; height: auto; }
  .reason { display: block; position: static; width: auto; border: 0; border-top: 1px solid var(--line); border-radius: 0; padding: .4rem 0; margin: 0; box-shadow: none; break-inside: avoid; }
}
`;
