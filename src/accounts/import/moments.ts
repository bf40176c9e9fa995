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
  const isTime = time <= "23:59" && time.slice(3) <= "59" && fraction.slice(0, 2) <= "59";
  const isZone = plainZone === "Z" || (plainZone.slice(1, 3) <= "15" && plainZone.slice(4) <= "59");
  return isDay(date) && isTime && isZone
    ? `${date} ${time}:${fraction}${plainZone === "Z" ? "+00:00" : plainZone}`
    : null;
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

function withMinutes(zone: string): string {
  const [, sign = "", hours = "", minutes = "00"] = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone) ?? [];
  return `${sign}${hours}:${minutes}`;
}

const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** JavaScript takes 31 April for 1 May. */
function isDay(date: string): boolean {
  const [year, month, day] = [Number(date.slice(0, 4)), Number(date.slice(5, 7)), Number(date.slice(8, 10))];
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 && !isLeap ? 28 : (DAYS[month - 1] ?? 0);
  return year > 0 && day >= 1 && day <= days;
}
