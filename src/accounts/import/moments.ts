const WRITTEN =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2}(?:[.,]\d{1,9})?))?)? ?(Z|UTC|[+-]\d{2}(?::?\d{2})?)?$/i;

/**
 * A moment as PostgreSQL reads it whatever its settings: ISO 8601, with a space or a `T`, without a zone UTC; or
 * seconds or milliseconds since 1970. Null where it is none of these.
 */
export function parseMoment(text: string): string | null {
  const trimmed = text.trim();
  if (/^\d{9,10}$/.test(trimmed)) return iso(Number(trimmed) * 1_000);
  if (/^\d{12,13}$/.test(trimmed)) return iso(Number(trimmed));
  const [, date, time = "00:00", seconds = "00", zone = "Z"] = WRITTEN.exec(trimmed) ?? [];
  if (date === undefined) return null;
  const plainZone = /^(?:Z|UTC)$/i.test(zone) ? "Z" : withMinutes(zone);
  const fraction = seconds.replace(",", ".");
  // JavaScript knows which dates there are; PostgreSQL keeps the microseconds that it does not.
  const whole = new Date(`${date}T${time}:${fraction.slice(0, 2)}${plainZone}`);
  const exists = !Number.isNaN(whole.getTime()) && isDay(date);
  return exists ? `${date} ${time}:${fraction}${plainZone === "Z" ? "+00:00" : plainZone}` : null;
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

function withMinutes(zone: string): string {
  const [, sign = "", hours = "", minutes = "00"] = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone) ?? [];
  return `${sign}${hours}:${minutes}`;
}

/** JavaScript takes 31 April for 1 May. */
function isDay(date: string): boolean {
  const day = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(date);
}
