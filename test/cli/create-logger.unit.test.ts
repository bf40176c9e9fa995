import { expect, test } from "vitest";
import { createLogger } from "../../src/cli/create-logger.ts";

const SECRET = "canary-Password-7f3a";

test("a secret that is handed to the log by its name does not come out, two levels below either (38)", () => {
  const lines: string[] = [];
  const logger = createLogger({ write: (line) => void lines.push(line) });
  for (const name of ["password", "token", "refresh_token", "authorization", "x-admin-api-key", "cookie"]) {
    logger.info({ [name]: SECRET }, "request");
    logger.warn({ headers: { [name]: SECRET } }, "request");
    logger.error({ request: { headers: { [name]: SECRET } } }, "request");
  }
  expect(lines).toHaveLength(18);
  expect(lines.join("")).not.toContain(SECRET);
  expect(lines.join("")).toContain("[redacted]");
});

test("a line stays one line, whatever is in it (39)", () => {
  const lines: string[] = [];
  const logger = createLogger({ write: (line) => void lines.push(line) });
  logger.info({ name: 'ada\n{"level":50}\r\n' }, "request\n");
  expect(lines).toHaveLength(1);
  expect(lines[0]?.trimEnd()).not.toMatch(/[\r\n]/);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ msg: "request\n" });
});
