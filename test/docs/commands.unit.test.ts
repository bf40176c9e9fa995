import { type Command, CommanderError } from "commander";
import { describe, expect, test } from "vitest";
import { createProgram } from "../../src/cli/program.ts";
import { createTerminal } from "../../src/cli/terminal.ts";
import { blocksOf, ROOT, readPage } from "./support/pages.ts";

const PAGE = "docs/commands.md";

/** What `authgraft … --help` prints where the width is not known, which is 80 columns. */
async function helpOf(...command: readonly string[]): Promise<string> {
  const printed: string[] = [];
  const terminal = { ...createTerminal(), print: (text: string) => void printed.push(text) };
  const around = { environment: {}, directory: ROOT, terminal, signal: new AbortController().signal };
  const program = createProgram(around, () => undefined);
  for (const one of withSubcommands(program)) one.configureHelp({ helpWidth: 80 });
  const error = await program
    .parseAsync(["node", "authgraft", ...command, "--help"])
    .catch((reason) => reason);
  expect(error).toBeInstanceOf(CommanderError);
  return `${printed.join("\n").trimEnd()}\n`;
}

/** A command and all that stand below it. */
function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

/** As a block names it: `up`, or `users.import` for what stands below another. */
function nameOf(command: Command): string {
  const above = command.parent;
  return above?.parent == null ? command.name() : `${nameOf(above)}.${command.name()}`;
}

/** The page with the real help in each block that says whose it is: `text help`, `text help=up`. */
async function pageWithHelp(): Promise<string> {
  let page = readPage(PAGE);
  for (const [, mark = "", command] of page.matchAll(/^```text (help(?:=([\w.]+))?)$/gm)) {
    const help = await helpOf(...(command === undefined ? [] : command.split(".")));
    const block = new RegExp(`(^\`\`\`text ${mark}\n)[\\s\\S]*?(^\`\`\`$)`, "m");
    page = page.replace(block, (_, before: string, after: string) => before + help + after);
  }
  return page;
}

describe("docs/commands.md", () => {
  test("shows the help of every command", async () => {
    const [, ...commands] = withSubcommands(
      createProgram(
        {
          environment: {},
          directory: ROOT,
          terminal: createTerminal(),
          signal: new AbortController().signal,
        },
        () => undefined,
      ),
    );
    const shown = blocksOf(PAGE).flatMap(({ words }) => words);
    expect(shown.toSorted()).toEqual(["help", ...commands.map((one) => `help=${nameOf(one)}`)].toSorted());
  });

  test("shows it as it is", async () => {
    await expect(await pageWithHelp()).toMatchFileSnapshot(`${ROOT}/${PAGE}`);
  });
});
