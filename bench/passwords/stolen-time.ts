import { readFile } from "node:fs/promises";

/** What is asked at its end for the part of the processors' time, 0 to 1, that a virtual machine's host gave to others since. */
export async function watchStolenTime(): Promise<() => Promise<number | null>> {
  const before = await read();
  return async () => {
    const after = await read();
    if (before === null || after === null) return null;
    return (after.stolen - before.stolen) / Math.max(1, after.all - before.all);
  };
}

/**
 * Ticks since the machine started; null where there is no such file.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_stat.5.html
 */
async function read(): Promise<{ readonly all: number; readonly stolen: number } | null> {
  const text = await readFile("/proc/stat", "utf8").catch(() => null);
  if (text === null) return null;
  // user, nice, system, idle, iowait, irq, softirq, steal; a guest's time is in user's already.
  const ticks = (text.split("\n")[0] ?? "").trim().split(/\s+/).slice(1, 9).map(Number);
  return { all: ticks.reduce((sum, value) => sum + value, 0), stolen: ticks[7] ?? 0 };
}
