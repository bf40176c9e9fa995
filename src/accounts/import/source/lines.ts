/** One line, and whether so much of it was left out that it cannot be read. */
export interface Line {
  readonly text: string;
  readonly tooLong: boolean;
}

/** Lines of a text, many at a time, without their ends. What is beyond `most` characters of one is left out. */
export async function* readLines(
  text: AsyncIterable<string>,
  most: number,
): AsyncGenerator<readonly Line[], void> {
  let rest = "";
  let cut = false;
  const line = (end: string): Line => {
    const all = rest + end;
    const tooLong = cut || all.length > most;
    rest = "";
    cut = false;
    return { text: tooLong ? "" : all.endsWith("\r") ? all.slice(0, -1) : all, tooLong };
  };
  for await (const chunk of text) {
    const parts = chunk.split("\n");
    const last = parts.pop() ?? "";
    const lines = parts.map(line);
    rest += last;
    if (rest.length > most) [rest, cut] = ["", true];
    yield lines;
  }
  if (rest !== "" || cut) yield [line("")];
}
