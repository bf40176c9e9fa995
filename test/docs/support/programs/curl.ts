/**
 * As much of curl as the pages use: -s, -o, -w, -X, -H, -d and an address. Each answer's status is written to the file
 * that AUTHGRAFT_TEST_STATUSES names, a line each.
 */
import { appendFileSync } from "node:fs";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    silent: { type: "boolean", short: "s" },
    output: { type: "string", short: "o" },
    "write-out": { type: "string", short: "w", default: "" },
    request: { type: "string", short: "X" },
    header: { type: "string", short: "H", multiple: true, default: [] },
    data: { type: "string", short: "d" },
  },
});
const headers = new Headers(
  values.data === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" },
);
for (const line of values.header) {
  const [, name = "", value = ""] = /^([^:]+):\s*(.*)$/.exec(line) ?? [];
  headers.set(name, value);
}
const response = await fetch(positionals[0] ?? "", {
  method: values.request ?? (values.data === undefined ? "GET" : "POST"),
  headers,
  ...(values.data === undefined ? {} : { body: values.data }),
});
const after = values["write-out"].replace("\\n", "\n").replace("%{http_code}", String(response.status));
const text = await response.text();
// Into a file is nowhere, for the pages throw away what they put there.
process.stdout.write((values.output === undefined ? text : "") + after);
const statuses = process.env.AUTHGRAFT_TEST_STATUSES;
if (statuses !== undefined) appendFileSync(statuses, `${response.status}\n`);
