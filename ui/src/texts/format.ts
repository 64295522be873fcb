/** The form of a text that its language uses for `n`. */
export function plural(
  language: string,
  n: number,
  forms: { readonly other: string } & Partial<Record<Intl.LDMLPluralRule, string>>,
): string {
  return forms[new Intl.PluralRules(language).select(n)] ?? forms.other;
}

/** Several things as a sentence names them: `Bob`, `Bob and Carol`, `Bob, Carol, and 2 others`. */
export function listed(language: string, things: readonly string[]): string {
  return new Intl.ListFormat(language, { type: "conjunction" }).format(things);
}

/** A size of a file: `812 byte`, `24.1 MB`. */
export function bytes(language: string, n: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
  const step = n < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(n) / 3));
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit: units[step],
    unitDisplay: step === 0 ? "long" : "short",
    maximumFractionDigits: step < 2 ? 0 : 1,
  }).format(n / 1000 ** step);
}

/** The time of a running call: `0:07`, `12:34`, `1:02:03`. */
export function clock(seconds: number): string {
  const [h, m, s] = split(seconds);
  const two = (n: number) => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** How long something took, in words: `7 sec`, `12 min`, `1 hr 2 min`. */
export function duration(language: string, seconds: number): string {
  const [h, m, s] = split(seconds);
  const part = (value: number, unit: string) =>
    new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short" }).format(value);
  if (h > 0) return m > 0 ? `${part(h, "hour")} ${part(m, "minute")}` : part(h, "hour");
  return m > 0 ? part(m, "minute") : part(s, "second");
}

/** A short measured time: `0.8 seconds`. */
export function seconds(language: string, ms: number): string {
  const digits = ms < 10_000 ? 1 : 0;
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit: "second",
    unitDisplay: "long",
    maximumFractionDigits: digits,
  }).format(ms / 1000);
}

/** When something was, as short as `now` allows: the time today, `yesterday` with its time, else the date. */
export function when(language: string, at: number, now: number): string {
  const then = new Date(at);
  const time = then.toLocaleTimeString(language, { hour: "numeric", minute: "2-digit" });
  const days = Math.round((midnight(now) - midnight(at)) / 86_400_000);
  if (days === 0) return time;
  if (days === 1) {
    const yesterday = new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(-1, "day");
    return `${yesterday}, ${time}`;
  }
  const sameYear = then.getFullYear() === new Date(now).getFullYear();
  return then.toLocaleDateString(language, {
    day: "numeric",
    month: "short",
    ...(sameYear ? {} : { year: "numeric" }),
  });
}

/** A fingerprint in groups of four, easier to compare. */
export function grouped(hex: string): string {
  return hex.toUpperCase().replace(/(.{4})(?=.)/g, "$1 ");
}

function midnight(at: number): number {
  const day = new Date(at);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate()).getTime();
}

function split(seconds: number): [number, number, number] {
  const whole = Math.max(0, Math.floor(seconds));
  return [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
}
