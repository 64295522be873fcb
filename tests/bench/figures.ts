/** What a figure is measured to be: of several runs, or of one. */
export type Figure = { readonly p50: number; readonly p90: number; readonly n: number } | number;

/** `target/bench/report.json`: one flat object. */
export type Report = Record<string, Figure>;

/** How Dovecot is set up: the ending of the keys. */
export const SUFFIX = { stock: "", hibernate: "_hibernate" } as const;

export type Variant = keyof typeof SUFFIX;

/** What must not be exceeded, and how it is written. */
export interface Limit {
  readonly words: string;
  readonly most: number;
}

/** The middle and the ninth tenth; ranks as in "the smallest value that at least this share does not exceed". */
export function figure(values: readonly number[], digits = 1): Figure {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = (share: number): number => {
    const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
    if (value === undefined) throw new Error("a figure of nothing");
    return Number(value.toFixed(digits));
  };
  return { p50: rank(0.5), p90: rank(0.9), n: sorted.length };
}

/** The number of a figure that is compared with its limit. */
export function middle(of: Figure): number {
  return typeof of === "number" ? of : of.p50;
}

const FIXED: Readonly<Record<string, number>> = {
  "call.accept_to_frame_ms": 300,
  "call.accept_to_frame_ms_delay3s": 300,
  "call.accept_to_frame_ms_hibernate": 300,
  "call.mails": 2,
  "call.mails_hibernate": 2,
  "call.bytes": 10_240,
  "call.bytes_hibernate": 10_240,
  "link.description_chars": 200,
  "identity.decrypt_verify_ms": 3,
  "backend.ready_ms": 80,
  "backend.idle_rss_kib": 20_000,
  "backend.idle_cpu_ms_per_min": 5,
  "ui.first_page_kib": 150,
  "conference.join_ms": 1000,
  "conference.leave_gap_ms": 500,
  "conference.repair_ms": 5000,
  "conference.repair_ms_worst": 5000,
  "conference.merge_ms": 3000,
  "conference.sync_5k_lines_ms": 1000,
  "conference.mails_per_guest": 2,
  "media.audio_concealed_pct_1mbit": 2,
  "media.cpu_ratio_4": 1.1,
};

/** Limits that another figure of the same report sets: `factor` × `of` + `more`. */
const RELATIVE: Readonly<Record<string, { of: string; factor: number; more: number }>> = {
  "call.invite_ms": { of: "mail.raw_delivery_ms", factor: 1, more: 30 },
  "call.dial_to_ringing_ms": { of: "mail.raw_delivery_ms", factor: 2, more: 80 },
  "call.dial_to_channel_ms": { of: "mail.raw_delivery_ms", factor: 2, more: 230 },
  "backend.ready_ms_50k": { of: "backend.ready_ms", factor: 1.2, more: 0 },
  "backend.idle_rss_kib_50k": { of: "backend.idle_rss_kib", factor: 1.2, more: 0 },
  "conference.msgs_per_join_16": { of: "conference.msgs_per_join_4", factor: 16 / 4, more: 0 },
  "conference.msgs_per_join_50": { of: "conference.msgs_per_join_4", factor: 50 / 4, more: 0 },
};

/** What a key must be, if the issue says so and the report holds what it is compared with. */
export function limit(key: string, report: Report): Limit | undefined {
  const fixed = FIXED[key];
  if (fixed !== undefined) return { words: `≤ ${fixed.toLocaleString("en")}`, most: fixed };
  const suffix = key.endsWith(SUFFIX.hibernate) ? SUFFIX.hibernate : "";
  const rule = RELATIVE[key.slice(0, key.length - suffix.length)];
  if (rule === undefined) return undefined;
  const base = report[rule.of + suffix];
  if (base === undefined) return undefined;
  const most = rule.factor * middle(base) + rule.more;
  const factor = rule.factor === 1 ? "" : `${rule.factor} × `;
  const more = rule.more === 0 ? "" : ` + ${rule.more}`;
  return { words: `≤ ${factor}${middle(base)}${more} = ${most.toFixed(0)}`, most };
}

/** Whether a figure is what it must be; undefined where nothing is demanded. */
export function passes(key: string, report: Report): boolean | undefined {
  const [value, must] = [report[key], limit(key, report)];
  return value === undefined || must === undefined ? undefined : middle(value) <= must.most;
}
