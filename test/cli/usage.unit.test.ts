import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkDatabaseUrl } from "../../src/cli/database-url.ts";
import { redact } from "../../src/cli/report.ts";
import { AuthgraftError } from "../../src/errors.ts";
import { authgraft, makeDirectory, start } from "./command-line.ts";

const NOWHERE = "postgres://ada:s3cr3t-canary@127.0.0.1:1/shop";

test("help says what there is, and is no mistake", async () => {
  const [help, plan, version] = await Promise.all([
    authgraft(["--help"]),
    authgraft(["plan", "--help"]),
    authgraft(["--version"]),
  ]);
  expect([help.code, plan.code, version.code]).toEqual([0, 0, 0]);
  for (const command of ["inspect", "plan", "rehearse", "up", "status", "verify", "down", "serve", "demo"])
    expect(help.stdout).toMatch(new RegExp(`^  ${command}\\b`, "m"));
  expect(help.stdout).toContain("Exit codes:");
  expect(plan.stdout).toContain("--database-url <url>");
  expect(help.stderr).toBe("");
});

test("no command, an unknown one and an unknown option are wrong usage, with the near match", async () => {
  const [none, command, option, positional] = await Promise.all([
    authgraft([]),
    authgraft(["pln"]),
    authgraft(["plan", "--tabel", "users"]),
    authgraft(["plan", NOWHERE]),
  ]);
  expect([none.code, command.code, option.code, positional.code]).toEqual([2, 2, 2, 2]);
  expect(none.stderr).toContain("authgraft --help");
  expect(command.stderr).toMatch(/unknown command 'pln'[\s\S]*Did you mean plan\?/);
  expect(option.stderr).toMatch(/unknown option '--tabel'[\s\S]*Did you mean --table\?/);
  expect(positional.stderr).toContain("too many arguments");
  expect(none.stdout + command.stdout + option.stdout + positional.stdout).toBe("");
});

test("with --json a mistake is JSON too, and nothing else is on standard output", async () => {
  const [usage, missing] = await Promise.all([
    authgraft(["plan", "--json", "--tabel", "users"]),
    authgraft(["plan", "--json"]),
  ]);
  expect([usage.code, missing.code]).toEqual([2, 2]);
  expect(usage.json().error).toMatchObject({ code: "usage_invalid", fix: expect.any(String) });
  expect(missing.json().error).toEqual({
    code: "database_url_missing",
    message: "Which database? No URL was given.",
    fix: "Give it with --database-url postgres://user:password@host:5432/database, or in DATABASE_URL.",
  });
});

test("no server there: says where, and not the password", async () => {
  const { code, stdout, stderr } = await authgraft(["plan", "--json", "--database-url", NOWHERE]);
  expect(code).toBe(1);
  expect(stderr).toContain("No PostgreSQL answers at ada@127.0.0.1:1/shop");
  expect(stdout + stderr).not.toContain("canary");
});

test("a database URL that cannot be used is refused without a word of it", async () => {
  const urls = [
    "mysql://ada:s3cr3t-canary@localhost/shop",
    "postgres://ada:12/s3cr3t-canary@localhost/shop",
    "postgres://ada:12?s3cr3t-canary@localhost/shop",
    "postgres://ada:12#s3cr3t-canary@localhost/shop",
    "postgres://ada:s3cr3t-canary%zz@localhost/shop",
    "postgres://ada:s3cr3t-canary@localhost:port/shop",
    "s3cr3t-canary",
  ];
  for (const url of urls) {
    const error = thrownBy(() => checkDatabaseUrl(url));
    expect(error).toMatchObject({ code: "configuration_invalid" });
    expect(`${error.message} ${error.fix}`).not.toContain("canary");
  }
  const { code, stdout, stderr } = await authgraft(["status", "--json", "--database-url", urls[1] ?? ""]);
  expect(code).toBe(2);
  expect(JSON.parse(stdout).error.code).toBe("configuration_invalid");
  expect(stdout + stderr).not.toContain("canary");
});

test("a URL that stands where none is expected does not show its password", async () => {
  const [unknown, positional] = await Promise.all([
    authgraft(["plan", `--database-ulr=${NOWHERE}`], { environment: { AUTHGRAFT_DEBUG: "1" } }),
    authgraft([NOWHERE]),
  ]);
  expect(unknown.stderr).toContain("unknown option '--database-ulr'");
  expect([unknown.code, positional.code]).toEqual([2, 2]);
  expect(unknown.stderr + positional.stderr).not.toContain("canary");
  expect(redact(`at postgres://ada:p@ss/w:rd@db:5432/shop, at http://localhost:8080/`)).toBe(
    "at postgres://ada:…@db:5432/shop, at http://localhost:8080/",
  );
});

test("DATABASE_URL comes from the file, over it .env, over it the environment, over all the flag", async () => {
  const [file, env] = [makeDirectory(), makeDirectory()];
  const at = (port: number) => `postgres://ada@127.0.0.1:${port}/shop`;
  for (const directory of [file, env])
    writeFileSync(join(directory, "authgraft.config.json"), JSON.stringify({ databaseUrl: at(3) }));
  writeFileSync(join(env, ".env"), `DATABASE_URL=${at(4)}\n`);
  const environment = { DATABASE_URL: at(5) };
  const runs = await Promise.all([
    authgraft(["plan"], { directory: file, environment: { DATABASE_URL: "" } }),
    authgraft(["plan"], { directory: env }),
    authgraft(["plan"], { directory: env, environment }),
    authgraft(["plan", "--database-url", at(6)], { directory: env, environment }),
  ]);
  expect(runs.map(({ said }) => /127\.0\.0\.1:(\d)/.exec(said)?.[1])).toEqual(["3", "4", "5", "6"]);
});

test("a configuration may be TypeScript, JavaScript or JSON, each mistake in it is said with its file", async () => {
  const files = {
    "authgraft.config.ts": 'const tabel: string = "users";\nexport default { tabel };\n',
    "authgraft.config.js": 'export const configuration = { tabel: "users" };\n',
    "authgraft.config.json": '{ "tabel": "users", "port": -1, "lock": { "budget": 5 } }\n',
  };
  const runs = Object.entries(files).map(async ([name, text]) => {
    const directory = makeDirectory();
    writeFileSync(join(directory, name), text);
    return { name, ...(await authgraft(["plan", "--database-url", NOWHERE], { directory })) };
  });
  for (const { name, code, said } of await Promise.all(runs)) {
    expect.soft({ name, code }).toEqual({ name, code: 2 });
    expect.soft(said).toContain(`${name}: `);
    expect.soft(said).toContain('unknown key "tabel" (did you mean "table"?)');
    if (!name.endsWith("json")) continue;
    expect(said).toContain('unknown key "budget" in "lock" (did you mean "budgetMilliseconds"?)');
    expect(said).toContain('"port": Too small');
  }
});

test("several configurations are refused, and --config chooses", async () => {
  const directory = makeDirectory();
  writeFileSync(join(directory, "authgraft.config.json"), "{}");
  writeFileSync(
    join(directory, "authgraft.config.js"),
    'export default { databaseUrl: "postgres://ada@127.0.0.1:3/shop" };',
  );
  const [several, chosen, absent] = await Promise.all([
    authgraft(["plan"], { directory }),
    authgraft(["plan", "--config", "authgraft.config.js"], { directory }),
    authgraft(["plan", "--config", "nowhere.ts"], { directory }),
  ]);
  expect([several.code, chosen.code, absent.code]).toEqual([2, 1, 2]);
  expect(several.said).toMatch(/several configurations: \S+\.js, \S+\.json/);
  expect(chosen.said).toContain("127.0.0.1:3/shop");
  expect(absent.said).toContain("nowhere.ts");
});

test("a configuration that cannot be read is wrong usage, and nothing of what is in it is shown", async () => {
  const files = [
    ["authgraft.config.js", 'throw new Error("no such vault");', "no such vault"],
    ["authgraft.config.js", "export {};", "it exports no default"],
    ["authgraft.config.json", '{ "databaseUrl": "postgres://a:canary" canary@h/d" }', "JSON"],
    ["authgraft.config.json", "canary", "is not valid JSON"],
  ] as const;
  const runs = files.map(async ([name, text, expected]) => {
    const directory = makeDirectory();
    writeFileSync(join(directory, name), text);
    return { name, expected, ...(await authgraft(["plan", "--database-url", NOWHERE], { directory })) };
  });
  const commonJs = makeDirectory();
  writeFileSync(join(commonJs, "package.json"), '{ "type": "commonjs" }');
  writeFileSync(join(commonJs, "authgraft.config.js"), "export default {};");
  const taken = await authgraft(["plan", "--database-url", NOWHERE], { directory: commonJs });
  expect(taken).toMatchObject({ code: 2, said: expect.stringContaining("npm pkg set type=module") });
  for (const { name, expected, code, said } of await Promise.all(runs)) {
    expect.soft(code).toBe(2);
    expect.soft(said).toContain(name);
    expect.soft(said).toContain(expected);
    expect.soft(said).not.toContain("canary");
  }
});

test("flags stand over the file, and what is wrong with them is said of them", async () => {
  const directory = makeDirectory();
  writeFileSync(
    join(directory, "authgraft.config.json"),
    '{ "port": 1, "lock": { "budgetMilliseconds": 40 } }',
  );
  const url = ["--database-url", NOWHERE];
  const [budget, port, words, deadline, both, step] = await Promise.all([
    authgraft(["up", ...url, "--lock-budget", "1"], { directory }),
    authgraft(["serve", ...url, "--port", "99999"], { directory }),
    authgraft(["up", ...url, "--lock-budget", "soon"], { directory }),
    authgraft(["up", ...url, "--lock-deadline", "0"], { directory }),
    authgraft(["down", ...url, "--archive", "--discard-data"], { directory }),
    authgraft(["down", ...url, "--archive", "--step"], { directory }),
  ]);
  expect([budget.code, port.code, words.code, deadline.code, both.code, step.code]).toEqual(Array(6).fill(2));
  expect(budget.stderr).toContain('the options: "lock.budgetMilliseconds"');
  expect(port.stderr).toContain('the options: "port"');
  expect(words.stderr).toContain("It must be a whole number.");
  expect(deadline.stderr).toContain("It must be a number above 0.");
  for (const { said } of [both, step]) expect(said).toContain("Give one of the two");
});

test("PORT counts for what listens only", async () => {
  const environment = { PORT: "tcp://10.0.0.1", DATABASE_URL: NOWHERE };
  const [serve, plan] = await Promise.all([
    authgraft(["serve"], { environment }),
    authgraft(["plan"], { environment }),
  ]);
  expect(serve.code).toBe(2);
  expect(serve.stderr).toContain('PORT is "tcp://10.0.0.1", which is not a port.');
  expect(plan.stderr).toContain("No PostgreSQL answers");
});

test("a command that only looks ends at once when it is told to, even while nobody answers", async () => {
  const silent = createServer();
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const { port } = silent.address() as AddressInfo;
  const running = start(["status", "--database-url", `postgres://ada@127.0.0.1:${port}/shop`]);
  const socket = await new Promise<Socket>((resolve) => silent.once("connection", resolve));
  running.child.kill("SIGINT");
  const { code, stderr } = await running.outcome;
  socket.destroy();
  silent.close();
  expect(code).toBe(130);
  expect(stderr).toContain("safe to run the same command again");
});

test("plan loads neither the server nor the demo", async () => {
  const hook = `import { registerHooks } from "node:module";
    const urls = []; registerHooks({ load: (url, context, next) => (urls.push(url), next(url, context)) });
    process.on("exit", () => console.error(urls.join("\\n")));`;
  const node = ["--import", `data:text/javascript,${encodeURIComponent(hook)}`];
  const { stderr } = await authgraft(["plan", "--database-url", NOWHERE], { node });
  expect(stderr).toContain("/src/migration/plan.ts");
  for (const heavy of [
    "/hono/",
    "/jose/",
    "/pino/",
    "/@node-rs/",
    "/src/http/",
    "/src/accounts/",
    "/src/embedded/",
  ])
    expect(stderr).not.toContain(heavy);
});

function thrownBy(work: () => unknown): AuthgraftError {
  try {
    work();
  } catch (error) {
    if (error instanceof AuthgraftError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
