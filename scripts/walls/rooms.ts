/**
 * The rooms of the house and the doors between them: what each may import besides itself, Node.js and
 * packages. What a room does not list, it does not import, types included.
 */
export interface Room {
  /** The room's files, as a regular expression over paths from the root of the checkout. */
  readonly path: string;
  /** The rooms it may import. */
  readonly imports: readonly string[];
}

function directory(name: string): string {
  return `^src/${name}/`;
}

const SERVER_ROOMS = [
  "errors",
  "config",
  "postgres",
  "users-table",
  "migration",
  "passwords",
  "tokens",
  "oauth",
  "mail",
  "throttling",
  "audit",
  "accounts",
  "http",
  "adapters",
] as const;

export const ROOMS: Readonly<Record<string, Room>> = {
  errors: { path: "^src/errors[.]ts$", imports: [] },
  config: { path: directory("config"), imports: ["errors"] },
  postgres: { path: directory("postgres"), imports: ["errors"] },
  "users-table": { path: directory("users-table"), imports: ["postgres", "config", "errors"] },
  migration: { path: directory("migration"), imports: ["users-table", "postgres", "config", "errors"] },
  passwords: { path: directory("passwords"), imports: ["config", "postgres", "errors"] },
  tokens: { path: directory("tokens"), imports: ["config", "postgres", "errors"] },
  oauth: { path: directory("oauth"), imports: ["config", "errors"] },
  // `postgres` for its queue: a mail is sent when what it tells of is committed.
  mail: { path: directory("mail"), imports: ["postgres", "config", "errors"] },
  throttling: { path: directory("throttling"), imports: ["postgres", "config", "errors"] },
  audit: { path: directory("audit"), imports: ["postgres", "config", "errors"] },
  accounts: {
    path: directory("accounts"),
    imports: [
      ...["users-table", "passwords", "tokens", "oauth", "mail", "throttling", "audit"],
      ...["postgres", "config", "errors"],
    ],
  },
  // `migration` as well, but from the administrators' routes only: see ADMIN_ROUTES.
  http: {
    path: directory("http"),
    imports: ["accounts", "tokens", "throttling", "audit", "config", "errors", "migration"],
  },
  adapters: { path: directory("adapters"), imports: ["http"] },
  // Runs in other services, which have no database.
  verify: { path: directory("verify"), imports: ["tokens", "config", "errors"] },
  // Runs in browsers. Its types are written from the schemas of `http`.
  client: { path: directory("client"), imports: [] },
  // Of `http` they may take the contract's types only.
  react: { path: directory("react"), imports: ["http"] },
  web: { path: "^web/", imports: ["http"] },
  auth: { path: "^src/auth(/|[.]ts$)", imports: SERVER_ROOMS },
  index: { path: "^src/index[.]ts$", imports: [...SERVER_ROOMS, "auth"] },
  embedded: { path: directory("embedded"), imports: [...SERVER_ROOMS, "auth", "index"] },
  cli: { path: directory("cli"), imports: [...SERVER_ROOMS, "auth", "index", "embedded"] },
};

/** The files of `http` that may import `migration`. */
export const ADMIN_ROUTES = "^src/http/routes/admin";

/** Folders whose files stand alone: each is one step, format or route, and none knows another. */
export const FOLDERS_OF_STRANGERS = [
  "src/migration/steps",
  "src/passwords/formats",
  "src/http/routes",
] as const;

/** What other packages import: the only files that may consist of re-exports. */
export const PUBLIC_ENTRIES: readonly string[] = ["src/index.ts"];

/** The files that talk to the process and the person: the command line, whose `serve` is the server's entry. */
export const ENTRIES = /^src\/cli\//;
