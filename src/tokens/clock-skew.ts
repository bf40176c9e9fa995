/** Seconds by which the clocks of two servers may differ: for `exp`, `nbf` and `iat`. */
export const CLOCK_SKEW_SECONDS = 5;
