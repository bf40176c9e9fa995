import type { Terminal } from "../terminal.ts";
import type { ExistingUser } from "./existing-user.ts";

/** One sample that is being served. */
export interface Served {
  readonly sample: "a" | "b";
  readonly origin: string;
  readonly user: ExistingUser;
}

const CURL = "curl -s -w '\\n'";
const JSON_HEADER = "-H 'content-type: application/json'";

/** What to try, line by line, to be copied into a shell. */
export function guide(served: readonly Served[], terminal: Terminal): string {
  const b = served.find(({ sample }) => sample === "b");
  const a = served.find(({ sample }) => sample === "a");
  if (a === undefined || b === undefined) throw new TypeError("both samples are served");
  const note = (text: string) => terminal.style("dim", `# ${text}`);
  return [
    terminal.style("bold", "Try it, in another terminal:"),
    "",
    note("register (a new person; the second time, also after a restart, the email is taken: 409)"),
    `${CURL} ${b.origin}/v1/auth/register ${JSON_HEADER} -d '{"email":"newcomer@example.com","username":"newcomer","display_name":"New Comer","password":"a tower of violins"}'`,
    note(
      "log in, and keep the token (a refresh token comes with it: POST /v1/auth/refresh takes it for the next one)",
    ),
    `TOKEN=$(curl -s ${b.origin}/v1/auth/login ${JSON_HEADER} -d '{"email":"newcomer@example.com","password":"a tower of violins"}' | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')`,
    note("who am I"),
    `${CURL} ${b.origin}/v1/users/me -H "authorization: Bearer $TOKEN"`,
    note("where am I signed in"),
    `${CURL} ${b.origin}/v1/users/me/sessions -H "authorization: Bearer $TOKEN"`,
    note("log out (204: done), and see the token refused"),
    `curl -s -w '%{http_code}\\n' -X POST ${b.origin}/v1/auth/logout -H "authorization: Bearer $TOKEN"`,
    `${CURL} ${b.origin}/v1/users/me -H "authorization: Bearer $TOKEN"`,
    "",
    note("users who were there before the change; a bcrypt hash was brought along for one of each sample"),
    existing(b),
    existing(a),
    "",
    note("mails are not sent, but shown, in a browser or as JSON"),
    ...[b, a].map(({ origin }) => `${origin}/dev/outbox`),
  ].join("\n");
}

function existing({ origin, user }: Served): string {
  return `${CURL} ${origin}/v1/auth/login ${JSON_HEADER} -d '{"username":"${user.username}","password":"${user.password}"}'`;
}
