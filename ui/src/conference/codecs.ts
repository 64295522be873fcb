/**
 * Prepares an own description for the other side: only the codecs we want to be sent, and Opus with forward error
 * correction and without packets in silence. What a description says of a codec is what its writer wants to receive,
 * so the browser that wrote it need not know.
 *
 * A full description of Chromium with four sections has 12 KiB and more; a lean one has half of it and fits one
 * message everywhere.
 */
export function leanSdp(sdp: string): string {
  const [session = "", ...sections] = sdp.split(/^(?=m=)/m);
  let sounds = 0;
  return [
    session,
    ...sections.map((section) => {
      if (section.startsWith("m=audio")) return leanSound(section, (sounds += 1) > 1);
      return section.startsWith("m=video") ? leanPicture(section) : section;
    }),
  ].join("");
}

const LINE = /^a=(rtpmap|fmtp|rtcp-fb):(\d+) (.*?)\r?\n/gm;

interface Codec {
  readonly payload: string;
  /** For example `VP8`, in capitals. */
  readonly name: string;
  readonly parameters: string;
}

/** The first sound is a voice, further ones are what a screen plays. */
function leanSound(section: string, isStereo: boolean): string {
  const opus = codecsOf(section).filter(({ name }) => name === "OPUS");
  const kept = keepOnly(section, new Set(opus.map(({ payload }) => payload)));
  return opus.reduce((text, { payload, parameters }) => {
    const line = `a=fmtp:${payload} ${opusParameters(parameters, isStereo)}\r\n`;
    const old = new RegExp(`^a=fmtp:${payload} .*\\r?\\n`, "m");
    if (old.test(text)) return text.replace(old, line);
    return text.replace(new RegExp(`^a=rtpmap:${payload} .*\\r?\\n`, "m"), (rtpmap) => rtpmap + line);
  }, kept);
}

function opusParameters(parameters: string, isStereo: boolean): string {
  const ours = ["useinbandfec", "usedtx", "stereo", "sprop-stereo"];
  const others = parameters
    .split(";")
    .map((part) => part.trim())
    .filter((part) => part !== "" && !ours.includes(part.split("=")[0] ?? ""));
  // Music has no pauses worth a parameter, and a pause in it would be heard.
  return [...others, "useinbandfec=1", isStereo ? "stereo=1" : "usedtx=1"].join(";");
}

/** VP8 and what else is cheap enough to be made four times at once; each with its retransmissions. */
function leanPicture(section: string): string {
  const codecs = codecsOf(section);
  const wanted = codecs.filter(isWantedPicture).map(({ payload }) => payload);
  const repairs = codecs
    .filter(
      ({ name, parameters }) => name === "RTX" && wanted.includes(/apt=(\d+)/.exec(parameters)?.[1] ?? ""),
    )
    .map(({ payload }) => payload);
  return keepOnly(section, new Set([...wanted, ...repairs]));
}

function isWantedPicture({ name, parameters }: Codec): boolean {
  if (name === "VP8") return true;
  if (name === "VP9") return !/profile-id=[1-9]/.test(parameters);
  // Constrained baseline, which every device makes in hardware.
  return name === "H264" && parameters.includes("packetization-mode=1") && /level-id=42e0/i.test(parameters);
}

function codecsOf(section: string): Codec[] {
  const names = new Map<string, string>();
  const parameters = new Map<string, string>();
  for (const [, attribute, payload = "", text = ""] of section.matchAll(LINE)) {
    if (attribute === "rtpmap") names.set(payload, (text.split("/")[0] ?? "").toUpperCase());
    if (attribute === "fmtp") parameters.set(payload, text);
  }
  return [...names].map(([payload, name]) => ({
    payload,
    name,
    parameters: parameters.get(payload) ?? "",
  }));
}

/** Without any codec that we want the section stays as it is. */
function keepOnly(section: string, payloads: ReadonlySet<string>): string {
  const kept = section.replace(/^(m=\S+ \d+ \S+) ([\d ]+)/, (line, start: string, list: string) => {
    const left = list.split(" ").filter((payload) => payloads.has(payload));
    return left.length === 0 ? line : [start, ...left].join(" ");
  });
  if (payloads.size === 0) return section;
  return kept.replace(LINE, (line: string, _: string, payload: string) =>
    payloads.has(payload) ? line : "",
  );
}
