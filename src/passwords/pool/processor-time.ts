/** Reads how much processor time something has taken, in microseconds. */
export type ReadProcessorTime = () => number;

interface ProcessWithThreadUsage {
  threadCpuUsage?(): { user: number; system: number };
}

const cell = new Int32Array(new SharedArrayBuffer(4));

/**
 * The calling thread's processor time where Node.js tells it (from 22.19 and 23.9 on), else the time on the
 * wall: waiting for a processor then counts as work, which only a machine with nothing to spare shows.
 *
 * @see https://nodejs.org/api/process.html#processthreadcpuusagepreviousvalue
 */
export function readProcessorTime(): number {
  // Linux brings a thread's account up to date at its timer's ticks, of up to 10 ms, and when the thread waits.
  // Less than this may be over before the wait begins.
  Atomics.wait(cell, 0, 0, 0.02);
  const usage = (process as ProcessWithThreadUsage).threadCpuUsage?.();
  return usage === undefined ? performance.now() * 1000 : usage.user + usage.system;
}
