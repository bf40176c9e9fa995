/** Owns the users table, and migrates. */
export const OWNER = "app_owner";

/** Sends the application's queries. */
export const APPLICATION = "app";

/** How the application's connections are called in `pg_stat_activity` and in the log. */
export const TRAFFIC = "traffic";

/** How connections of those that change the table are called: Authgraft's own, and what it is compared with. */
export const CHANGERS = ["authgraft%", "bench plain", "bench cic"] as const;
