import type { Command } from "commander";
import type { ClaimLinkFlags } from "./commands/users-claim-link.ts";
import type { ListFlags } from "./commands/users-list.ts";
import type { SharedFlags, Surroundings } from "./context.ts";
import { importing, shared, wholeNumber } from "./options.ts";
import type { Finish, Run } from "./program-parts.ts";
import type { ImportFlags } from "./users-import/flags.ts";

/** The commands on users. */
export function addUsers(program: Command, around: Surroundings, finish: Finish, run: Run): void {
  const users = program.command("users").description("the users: import, list, administrators, claim links");
  addAdministration(users, around, finish, run);
  importing(shared(users.command("import").argument("<file>", "the users, also gzipped")))
    .description("import users with their passwords: from CSV, JSON Lines, Firebase, Auth0, Keycloak, Django")
    .action(async (file: string, flags: ImportFlags) => {
      const { commandContext } = await import("./context.ts");
      const { usersImport } = await import("./commands/users-import.ts");
      finish(await usersImport(await commandContext(flags, around), file, flags), flags.json ?? false);
    });
}

function addAdministration(users: Command, around: Surroundings, finish: Finish, run: Run): void {
  shared(users.command("list"))
    .description("list users, in the order of their ids")
    .option("--search <text>", "a part of the username, the email or the display name, or a whole id")
    .option("--limit <number>", "how many at the most (default 50)", wholeNumber)
    .action(
      run<ListFlags & SharedFlags>(async (context, flags) =>
        (await import("./commands/users-list.ts")).usersList(context, flags),
      ),
    );
  const admin = users.command("admin").description("who is an administrator: grant, revoke");
  for (const verb of ["grant", "revoke"] as const) {
    shared(admin.command(verb).argument("<id>", "the user's id"))
      .description(verb === "grant" ? "make a user an administrator" : "make an administrator a plain user")
      .action(async (id: string, flags: SharedFlags) => {
        const { commandContext } = await import("./context.ts");
        const { usersAdmin } = await import("./commands/users-admin.ts");
        finish(await usersAdmin(await commandContext(flags, around), id, verb), flags.json ?? false);
      });
  }
  shared(users.command("claim-link").argument("[id]", "the user's id"))
    .description("make a link by which a user without a password gets one, once")
    .option("--all", "one for every user without a password, as CSV")
    .option("--csv <file>", "write the CSV there; only you may read it (default: standard output)")
    .action(async (id: string | undefined, flags: SharedFlags & ClaimLinkFlags) => {
      const { commandContext } = await import("./context.ts");
      const { usersClaimLink } = await import("./commands/users-claim-link.ts");
      finish(await usersClaimLink(await commandContext(flags, around), id, flags), flags.json ?? false);
    });
}
