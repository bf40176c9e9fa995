/** Reads how much processor time something has taken, in microseconds. */
export type ReadProcessorTime = () => number;

interface ProcessWithThreadUsage {
  threadCpuUsage?(): { user: number; system: number };
}

/**
 * The calling thread's processor time where Node.js tells it (from 22.19 and 23.9 on), else the time on the
 * wall: waiting for a processor then counts as work, which only a machine with nothing to spare shows.
 *
 * @see https://nodejs.org/api/process.html#processthreadcpuusagepreviousvalue
 */
export function readProcessorTime(): number {
  const usage = (process as ProcessWithThreadUsage).threadCpuUsage?.();
  return usage === undefined ? performance.now() * 1000 : usage.user + usage.system;
}
