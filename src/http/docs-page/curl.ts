import type { ApiDocument, ApiOperation } from "../openapi/document.ts";

/** Where an operation is. */
export interface Place {
  readonly method: string;
  readonly path: string;
  readonly operation: ApiOperation;
}

const CREDENTIALS: Readonly<Record<string, string>> = {
  bearer: '-H "authorization: Bearer $TOKEN"',
  service: '-u "$SERVICE_ID:$SERVICE_SECRET"',
  refreshCookie: "",
};

/** How an operation is called from a shell. */
export function curlOf(document: ApiDocument, { method, path, operation }: Place): string {
  const url = `${document.servers?.[0]?.url.replace(/\/$/, "") ?? ""}${path}${queryOf(operation)}`;
  const lines = [
    `curl ${method === "get" ? "" : `-X ${method.toUpperCase()} `}'${url}'`,
    credentialsOf(document, operation),
    ...bodyOf(operation),
  ];
  return lines.filter((line) => line !== "").join(" \\\n  ");
}

function queryOf({ parameters = [] }: ApiOperation): string {
  const needed = parameters.filter((parameter) => parameter.in === "query" && parameter.required);
  return needed.length === 0 ? "" : `?${needed.map(({ name }) => `${name}=…`).join("&")}`;
}

function credentialsOf(document: ApiDocument, { security = [] }: ApiOperation): string {
  const [name] = Object.keys(security[0] ?? {});
  if (name === undefined) return "";
  const scheme = document.components.securitySchemes?.[name];
  const known = CREDENTIALS[name];
  if (known !== undefined) return known;
  return scheme?.in === "header" ? `-H "${scheme.name?.toLowerCase()}: $ADMIN_API_KEY"` : "";
}

function bodyOf({ requestBody }: ApiOperation): string[] {
  const [[type, media] = []] = Object.entries(requestBody?.content ?? {});
  if (type === undefined) return [];
  if (!type.includes("json")) return ['-d "token=$TOKEN"'];
  const text = JSON.stringify(media?.example ?? {}).replaceAll("'", "'\\''");
  return [`-H 'content-type: ${type}'`, `-d '${text}'`];
}
