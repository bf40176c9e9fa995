/** Where the value of one parameter comes from, each time a statement is sent. Plain data: it goes to another thread. */
export type TrafficParameter =
  /** A whole number from `from` to `to`, both included. */
  | { readonly kind: "range"; readonly from: number; readonly to: number }
  /** One of these. */
  | { readonly kind: "list"; readonly values: readonly (string | number | null)[] }
  /** Another one each time: `prefix` and a number that counts up over all connections. */
  | { readonly kind: "counter"; readonly prefix: string };

/** A statement of the application that is played. */
export interface TrafficStatement {
  /** What it does, for the report: `read`, `rename`. */
  readonly name: string;
  /** One statement, with $1, $2 … for the parameters. */
  readonly sql: string;
  readonly parameters: readonly TrafficParameter[];
  /** How often it is drawn, compared with the others. Default 1. */
  readonly weight?: number;
}

/** What the played application does. */
export interface TrafficOptions {
  readonly databaseUrl: string;
  readonly statements: readonly TrafficStatement[];
  /**
   * How many arrive in a second, however the earlier ones fare; null: each connection sends its next when the
   * last one is through.
   */
  readonly ratePerSecond: number | null;
  readonly connections: number;
  /** Whether each connection prepares each statement once, before it counts, and holds it to the end. */
  readonly prepared: boolean;
  /**
   * What arrives is a transaction of this many statements, drawn each for itself, with this much time of the
   * application's own spread over it. Absent: what arrives is a statement.
   */
  readonly transaction?: { readonly statements: number; readonly thinkMilliseconds: number };
  /** The same seed draws the same statements and values. Default 1. */
  readonly seed?: number;
  /** Shown in `pg_stat_activity`. Default `traffic`. */
  readonly applicationName?: string;
}
