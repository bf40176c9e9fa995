import {
  type ApiDocument,
  type ApiResponse,
  responseOf,
  type Schema,
  schemaOf,
} from "../openapi/document.ts";
import { curlOf, type Place } from "./curl.ts";
import { fieldTable, row, table } from "./fields.ts";
import { type Html, html, inline, prose } from "./html.ts";

const NEEDS: Readonly<Record<string, string>> = {
  bearer: "an access token",
  refreshCookie: "the refresh cookie",
  service: "a service's id and secret",
};

/** One operation: what it is for, what it takes and all that it answers. */
export function operationArticle(document: ApiDocument, place: Place): Html {
  const { method, path, operation } = place;
  const { operationId = "", summary = "", description, requestBody, responses } = operation;
  const body = Object.values(requestBody?.content ?? {})[0]?.schema;
  return html`<article id="${operationId}">
<h3><span class="method ${method}">${method.toUpperCase()}</span><a href="#${operationId}">${path}</a></h3>
<p class="summary">${inline(summary)}</p>
<p class="needs">${needsOf(document, place)}</p>
${description !== undefined && prose(description)}
${parameterTable(document, place)}
${body !== undefined && html`<h4>Body${requestBody?.required !== true && ", which may be left out"}</h4>${fieldTable(document, "Fields of the body", body, "request")}`}
<h4>Example</h4>
<pre tabindex="0"><code>${curlOf(document, place)}</code></pre>
<h4>Answers</h4>
${Object.entries(responses).map(([status, response]) => answer(document, status, responseOf(document, response)))}
</article>`;
}

function needsOf(document: ApiDocument, { operation: { security = [] } }: Place): string {
  const names = security.flatMap((one) => {
    const schemes = Object.keys(one);
    return schemes.length === 0 ? ["nothing"] : schemes;
  });
  if (names.length === 0) return "Open to anybody.";
  const words = names.map((name) => {
    const header = document.components.securitySchemes?.[name]?.name;
    return NEEDS[name] ?? (name === "nothing" ? "nothing but the body" : `the header ${header ?? name}`);
  });
  return `Needs ${words.join(", or ")}.`;
}

function parameterTable(document: ApiDocument, { operation: { parameters = [] } }: Place): Html | null {
  if (parameters.length === 0) return null;
  const rows = parameters.map(({ name, in: where, required = false, description, schema }) =>
    row(
      document,
      { name, schema, isRequired: required, description: description ?? `in the ${where}` },
      "request",
    ),
  );
  return html`<h4>Parameters</h4>${table("Parameters", rows)}`;
}

function answer(document: ApiDocument, status: string, response: ApiResponse): Html {
  const isGood = /^[23]/.test(status);
  const [media] = Object.values(response.content ?? {});
  const codes = codesOf(document, media?.schema);
  const headers = Object.keys(response.headers ?? {});
  return html`<details class="answer"><summary><span class="status ${isGood && "good"}">${status}</span><span>${inline(response.description)}</span></summary>
${headers.length > 0 && html`<p class="needs">With the header ${inline(headers.map((name) => `\`${name}\``).join(", "))}.</p>`}
${codes.length > 0 && html`<ul class="codes" aria-label="Codes">${codes.map((code) => html`<li><code>${code}</code></li>`)}</ul>`}
${isGood && media?.schema !== undefined && fieldTable(document, `Fields of the answer ${status}`, media.schema, "response")}
${media?.example !== undefined && html`<pre tabindex="0"><code>${JSON.stringify(media.example, null, 2)}</code></pre>`}
</details>`;
}

/** The codes of a problem's own status; those that every problem may have are not told again at each. */
function codesOf(document: ApiDocument, schema: Schema = {}): readonly string[] {
  const parts = (schema.allOf ?? []).map((part) => schemaOf(document, part));
  const own = parts.find(({ properties }) => properties?.status?.const !== undefined);
  return (own?.properties?.code?.enum ?? []).map(String);
}
