import { createHash } from "node:crypto";
import type { ApiDocument } from "../openapi/document.ts";
import type { Place } from "./curl.ts";
import { Html, html, inline, prose } from "./html.ts";
import { operationArticle } from "./operation.ts";
import { SCRIPT } from "./script.ts";
import { STYLE } from "./style.ts";

/** What the page may do: show its own style sheet, run its own script, and nothing else. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src '${sourceHash(STYLE)}'`,
  `script-src '${sourceHash(SCRIPT)}'`,
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The description of the API as a page that needs nothing from anywhere else. */
export function renderPage(document: ApiDocument): string {
  const chapters = (document.tags ?? []).map((tag) => ({ ...tag, places: placesOf(document, tag.name) }));
  const { title, description = "" } = document.info;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}: the API</title>
<link rel="icon" href="data:,">
<style>${trusted(STYLE)}</style>
</head>
<body>
<a class="skip" href="#content">To the content</a>
<div class="frame">
<nav class="side" aria-label="Operations"><details open><summary>Operations</summary>
<label class="find" hidden>Find<input type="search" autocomplete="off" spellcheck="false"></label>
${chapters.map(({ name, places }) => html`<section><h2>${name}</h2><ul>${places.map(navigationItem)}</ul></section>`)}
</details></nav>
<main id="content">
<header><h1>${title}</h1>${prose(description)}<p>The same for programs: <a href="/openapi.json">/openapi.json</a>, OpenAPI ${document.openapi}.</p></header>
${chapters.map(
  (chapter) => html`<section class="chapter"><h2>${chapter.name}</h2><p>${inline(chapter.description)}</p>
${chapter.places.map((place) => operationArticle(document, place))}</section>`,
)}
</main>
</div>
<script>${trusted(SCRIPT)}</script>
</body>
</html>
`.text;
}

function placesOf(document: ApiDocument, chapter: string): Place[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, operation]) => operation.tags?.[0] === chapter)
      .map(([method, operation]) => ({ method, path, operation })),
  );
}

function navigationItem({ method, path, operation: { operationId = "", summary = "" } }: Place): Html {
  const text = `${method} ${path} ${summary} ${operationId}`.toLowerCase();
  return html`<li data-text="${text}"><a href="#${operationId}"><span class="method ${method}">${method.toUpperCase()}</span><span>${breakable(path)}</span></a></li>`;
}

/** A path that is too long for its line goes on in the next after a slash. */
function breakable(path: string): Html {
  return html`${path.split("/").map((part, i) => (i === 0 ? part : html`/<wbr>${part}`))}`;
}

/** Our own style and script hold no end tag, and a hash vouches for each. */
function trusted(text: string): Html {
  return new Html(text);
}

/** @see https://www.w3.org/TR/CSP3/#grammardef-hash-source */
function sourceHash(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
