import { type ApiDocument, type Schema, schemaOf } from "./document.ts";

const TOKEN = "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl";

/** What stands in examples, by the name of a field. The people are invented. */
const BY_NAME: Readonly<Record<string, unknown>> = {
  id: "42",
  email: "ada@example.com",
  username: "ada-1815",
  display_name: "Ada",
  password: "a tower of violins",
  current_password: "a tower of violins",
  auth_provider: "email",
  is_admin: false,
  refresh_token: "agr_tkcvVw9CTG2XlSdoVExample",
  user_agent: "Mozilla/5.0",
  address: "192.0.2.7",
  created_at: "2026-03-01T09:30:00.000Z",
  last_used_at: "2026-03-01T09:30:00.000Z",
  expires_at: "2026-05-30T09:30:00.000Z",
};

const DEEP = 6;

/** An example of what a schema describes, where it is a request's: a one-time token is another one than an access token. */
export function exampleOf(document: ApiDocument, schema: Schema, side: "request" | "response"): unknown {
  const token = side === "response" ? TOKEN : "ago_Nn3zVbq7kQ1Example";
  return make(schema, "", 0);

  function make(given: Schema, name: string, depth: number): unknown {
    const known = schemaOf(document, given);
    if (known.example !== undefined) return known.example;
    if (known.const !== undefined) return known.const;
    if (known.enum !== undefined) return known.enum[0];
    if (known.default !== undefined) return known.default;
    if (depth > DEEP) return null;
    if (known.properties !== undefined) return makeObject(known, depth);
    if (known.allOf !== undefined) {
      return Object.assign({}, ...known.allOf.map((part) => make(part, name, depth + 1)));
    }
    const [first] = [...(known.oneOf ?? []), ...(known.anyOf ?? [])];
    if (first !== undefined) return make(first, name, depth + 1);
    if (known.items !== undefined) return [make(known.items, name, depth + 1)];
    return name === "token" ? token : (BY_NAME[name] ?? plainValue(known));
  }

  /** Of several sets of fields that would do, the first. */
  function makeObject(known: Schema, depth: number): Record<string, unknown> {
    const [chosen, ...others] = known.oneOf ?? [];
    const left = others.flatMap(({ required = [] }) => required);
    const names = Object.keys(known.properties ?? {}).filter(
      (name) => chosen?.required?.includes(name) || !left.includes(name),
    );
    return Object.fromEntries(
      names.map((name) => [name, make(known.properties?.[name] ?? {}, name, depth + 1)]),
    );
  }
}

function plainValue({ type, minimum }: Schema): unknown {
  const [first] = typeof type === "string" ? [type] : (type ?? []);
  if (first === "string") return "text";
  if (first === "integer" || first === "number") return minimum ?? 1;
  if (first === "boolean") return true;
  return first === "object" ? {} : null;
}
