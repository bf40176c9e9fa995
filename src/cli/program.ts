import { Command } from "commander";
import { VERSION } from "../migration/version.ts";
import type { CommandContext, CommandResult } from "./command.ts";
import type { AuditPurgeFlags } from "./commands/audit-purge.ts";
import type { RotateFlags } from "./commands/keys-rotate.ts";
import type { ServeFlags } from "./commands/serve.ts";
import type { RevokeFlags } from "./commands/tokens-revoke.ts";
import type { SharedFlags, Surroundings } from "./context.ts";
import { changing, shared, wholeNumber } from "./options.ts";
import { portOf } from "./port.ts";
import type { Finish, Run } from "./program-parts.ts";
import { addUsers } from "./program-users.ts";
import type { RehearseFlags } from "./rehearse/flags.ts";
import { DEFAULT_ROWS } from "./rehearse/rows.ts";

const DESCRIPTION =
  "Adds email and password sign-in to the users table your application already has: plans the change, applies it online, takes it out again, and serves sign-in on it.";

/** The whole command line; each command is loaded when it is called. */
export function createProgram(around: Surroundings, finish: Finish): Command {
  const program = new Command("authgraft")
    .description(DESCRIPTION)
    .version(VERSION)
    .showSuggestionAfterError();
  program.exitOverride().configureOutput({
    writeErr: () => undefined,
    writeOut: (text) => around.terminal.print(text.trimEnd()),
  });
  const run =
    <Flags extends SharedFlags>(work: (context: CommandContext, flags: Flags) => Promise<CommandResult>) =>
    async (flags: Flags) => {
      const { commandContext } = await import("./context.ts");
      finish(await work(await commandContext(flags, around), flags), flags.json ?? false);
    };
  addLooking(program, run);
  addRehearsing(program, around, finish);
  addChanging(program, run);
  addServing(program, around, run);
  addUsers(program, around, finish, run);
  addKeys(program, around, finish);
  addTokens(program, run);
  addAudit(program, run);
  program.addHelpText("after", EXAMPLES);
  return program;
}

const EXAMPLES = `
Examples:
  $ authgraft demo                                   try it on two sample databases
  $ authgraft inspect --database-url postgres://…    what is there, and what stands in the way
  $ authgraft plan --table shop.users                what would be done, statement by statement
  $ authgraft rehearse --dump shop.dump              try it on a copy, and be told go or no-go
  $ authgraft up                                     do it, while the application runs
  $ authgraft down                                   take it out again, or be told why not

Exit codes: 0 done · 1 failed · 2 wrong usage · 3 refused, nothing changed ·
            4 a gate or verification failed · 5 lock not had in time · 130 interrupted`;

function addLooking(program: Command, run: Run): void {
  shared(program.command("inspect"))
    .description("show the users table, the mapping found, and what stands in the way")
    .action(run(async (context) => (await import("./commands/inspect.ts")).inspect(context)));
  shared(program.command("plan"))
    .description("print the steps, each with its SQL, its lock and its reason; changes nothing")
    .action(run(async (context) => (await import("./commands/plan.ts")).plan(context)));
  shared(program.command("status"))
    .description("where the database stands, and how it came there")
    .action(run(async (context) => (await import("./commands/status.ts")).status(context)));
  shared(program.command("verify"))
    .description("check a grafted database against the plan, the record and the journal")
    .action(run(async (context) => (await import("./commands/verify.ts")).verify(context)));
}

function addRehearsing(program: Command, around: Surroundings, finish: Finish): void {
  changing(program.command("rehearse"))
    .description("try the change on a copy, with the application's own queries and traffic: go or no-go")
    .option("--dump <file>", "the copy is a dump: plain SQL (also gzip), custom, directory or tar format")
    .option("--from-database", "the copy is made of the database, which is read and not changed")
    .option(
      "--rows <number>",
      `how many users --from-database copies, with what belongs to them; or all, or none (default ${DEFAULT_ROWS})`,
    )
    .option("--queries <file>", "the application's queries as SQL, besides those in pg_stat_statements")
    .option("--scratch-url <url>", "a server to rehearse on (default: a throwaway one)")
    .option("--report <file>", "write what was found as JSON, for up --require-rehearsal")
    .option("--html <file>", "write what was found as a page, with locks and latency drawn")
    .action(async (flags: RehearseFlags) => {
      const { rehearse } = await import("./commands/rehearse.ts");
      finish(await rehearse(flags, around), flags.json ?? false);
    });
}

interface ChangeFlags extends SharedFlags {
  readonly restore?: boolean;
  readonly requireRehearsal?: string;
  readonly maxAge?: string;
  readonly step?: boolean;
  readonly archive?: boolean;
  readonly discardData?: boolean;
}

function addChanging(program: Command, run: Run): void {
  changing(program.command("up"))
    .description("apply the plan online")
    .option("--restore", "bring back what an earlier down --archive put aside")
    .option("--require-rehearsal <file>", "apply only what this report of a rehearsal says go to")
    .option("--max-age <duration>", "how old that report may be: 90m, 24h, 7d (default 24h)")
    .action(
      run<ChangeFlags>(async (context, { restore = false, requireRehearsal, maxAge }) =>
        (await import("./commands/up.ts")).up(context, { restore, requireRehearsal, maxAge }),
      ),
    );
  changing(program.command("down"))
    .description("take the graft out, or refuse and say what would be lost")
    .option("--step", "go back one step only")
    .option("--archive", "keep aside what would be lost, for up --restore")
    .option("--discard-data", "throw away what would be lost")
    .action(
      run<ChangeFlags>(async (context, { step = false, archive = false, discardData = false }) =>
        (await import("./commands/down.ts")).down(context, { step, archive, discardData }),
      ),
    );
}

function addServing(program: Command, around: Surroundings, run: Run): void {
  const serve = run<ServeFlags & SharedFlags>(async (context, flags) =>
    (await import("./commands/serve.ts")).serve(context, flags),
  );
  shared(program.command("serve"))
    .description("serve sign-in on a grafted database; needs AUTHGRAFT_SECRET")
    .option("--port <number>", "where to listen (or PORT; default 8080)", wholeNumber)
    .option("--host <address>", "the address to listen on (default 127.0.0.1)")
    .option("--operator", "serve only /admin/migrations and /admin/query, by ADMIN_API_KEY; needs no graft")
    .action((flags: SharedFlags & ServeFlags) => {
      const port = flags.port ?? portOf(around.environment);
      return serve(port === undefined ? flags : { ...flags, port });
    });
  program
    .command("demo")
    .description("an embedded PostgreSQL with two sample applications: plan, up, serve")
    .option("--directory <path>", "where its data is kept", ".authgraft")
    .option("--users <number>", "how many users each sample has", wholeNumber, 10_000)
    .option("--port <number>", "the first of two ports (or PORT; default 8080)", wholeNumber)
    .action(async (flags: { directory: string; users: number; port?: number }) => {
      const port = flags.port ?? portOf(around.environment) ?? DEMO_PORT;
      await (await import("./commands/demo.ts")).demo({ ...flags, port }, around);
    });
}

const DEMO_PORT = 8080;

function addKeys(program: Command, around: Surroundings, finish: Finish): void {
  const keys = program.command("keys").description("the keys that sign access tokens: list, rotate");
  shared(keys.command("list"))
    .description("every signing key, what it is for and when; needs AUTHGRAFT_SECRET")
    .action(async (flags: SharedFlags) => {
      const { commandContext } = await import("./context.ts");
      const { keysList } = await import("./commands/keys-list.ts");
      finish(await keysList(await commandContext(flags, around)), flags.json ?? false);
    });
  shared(keys.command("rotate"))
    .description("make a new signing key under AUTHGRAFT_SECRET and retire the others")
    .option("--now", "the new key signs at once, not when everybody has it")
    .option("--compromised", "the new key signs at once, and the others verify nothing any more")
    .option(
      "--grace <seconds>",
      "how long the others verify (default: as long as their tokens live)",
      wholeNumber,
    )
    .option("--lead <seconds>", "after how long the new key signs (default 360)", wholeNumber)
    .action(async (flags: SharedFlags & RotateFlags) => {
      const { commandContext } = await import("./context.ts");
      const { keysRotate } = await import("./commands/keys-rotate.ts");
      finish(await keysRotate(await commandContext(flags, around), flags), flags.json ?? false);
    });
}

function addTokens(program: Command, run: Run): void {
  const tokens = program.command("tokens").description("access tokens and sessions: revoke, purge");
  shared(tokens.command("revoke"))
    .description("revoke one access token, end one session, or end all that a user has")
    .option("--token-id <jti>", "the token's claim jti")
    .option("--session <id>", "the session's id: the claim sid of its tokens")
    .option("--user <id>", "the user's id: the claim sub of their tokens")
    .action(
      run<RevokeFlags & SharedFlags>(async (context, flags) =>
        (await import("./commands/tokens-revoke.ts")).tokensRevoke(context, flags),
      ),
    );
  shared(tokens.command("purge"))
    .description("delete revocations, sessions, links, mail and limits that have expired, as servers do too")
    .action(run(async (context) => (await import("./commands/tokens-purge.ts")).tokensPurge(context)));
}

function addAudit(program: Command, run: Run): void {
  const audit = program.command("audit").description("the audit log: purge");
  shared(audit.command("purge"))
    .description("delete what the audit log has kept for long enough; not for the server's own role")
    .option("--older-than <days>", "how old it may become (default: audit.retentionDays)", wholeNumber)
    .action(
      run<AuditPurgeFlags & SharedFlags>(async (context, flags) =>
        (await import("./commands/audit-purge.ts")).auditPurge(context, flags),
      ),
    );
}
