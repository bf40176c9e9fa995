/**
 * Milliseconds by the one clock that all processes of a Linux machine share: it is never set, so that moments of two
 * processes can be told apart by microseconds.
 *
 * @see https://man7.org/linux/man-pages/man2/clock_gettime.2.html
 */
export function clock(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
