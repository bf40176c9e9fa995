/** An operation, as far as a request for it goes. */
export interface OperationRow {
  readonly method: string;
  readonly path: string;
  /** Ways of authenticating, by their names in the description; one is enough. */
  readonly auth?: readonly string[];
  /** What goes into the query. */
  readonly query?: readonly string[];
  readonly body?: "json" | "form";
  /** Its body says whether the refresh token is wanted in a cookie. */
  readonly choosesTransport?: boolean;
  /** Its body may have the refresh token. */
  readonly takesRefreshToken?: boolean;
  /** It answers with tokens. */
  readonly signsIn?: boolean;
}

/** What an operation is called with: path, query and body by their names. */
export type Input = Readonly<Record<string, unknown>>;

const PARAMETER = /\{(\w+)\}/g;

/** The URL of a request, its query included. */
export function urlOf(baseUrl: string, { path, query = [] }: OperationRow, input: Input): string {
  const filled = path.replaceAll(PARAMETER, (_, name: string) => encodeURIComponent(String(input[name])));
  const asked = query.filter((name) => input[name] !== undefined);
  const search = new URLSearchParams(Object.fromEntries(asked.map((name) => [name, String(input[name])])));
  return `${baseUrl.replace(/\/+$/, "")}${filled}${asked.length === 0 ? "" : `?${search}`}`;
}

/** The body of a request and its type; nothing where there is nothing to say. */
export function bodyOf(
  row: OperationRow,
  input: Input,
): { readonly body?: string; readonly contentType?: string } {
  if (row.body === undefined) return {};
  const elsewhere = [...row.path.matchAll(PARAMETER)].map(([, name = ""]) => name).concat(row.query ?? []);
  const fields = Object.entries(input).filter(
    ([name, value]) => !elsewhere.includes(name) && value !== undefined,
  );
  if (fields.length === 0) return {};
  if (row.body === "json")
    return { body: JSON.stringify(Object.fromEntries(fields)), contentType: "application/json" };
  const form = new URLSearchParams(Object.fromEntries(fields.map(([name, value]) => [name, String(value)])));
  return { body: form.toString(), contentType: "application/x-www-form-urlencoded" };
}
