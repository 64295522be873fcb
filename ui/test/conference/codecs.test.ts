import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { leanSdp } from "../../src/conference/codecs";

/** What browsers said of four sections, recorded. */
let recorded: Record<"chromium" | "firefox", string>;

beforeAll(async () => {
  const text = await readFile(new URL("fixtures/sections.json", import.meta.url), "utf8");
  recorded = JSON.parse(text) as typeof recorded;
});

/** The sections of a description, the session's part left out. */
const sections = (sdp: string): string[] => sdp.split(/^(?=m=)/m).slice(1);
const names = (section: string): string[] =>
  [...section.matchAll(/^a=rtpmap:\d+ ([^/]+)/gm)].map(([, name = ""]) => name);

describe.each(["chromium", "firefox"] as const)("a description of %s", (browser) => {
  const leanSections = (): string[] => sections(leanSdp(recorded[browser]));

  test("offers only what is wanted", () => {
    const [, sound = "", picture = ""] = leanSections();
    expect(names(sound)).toEqual(["opus"]);
    expect([...new Set(names(picture))].sort()).toEqual(
      browser === "chromium" ? ["H264", "VP8", "VP9", "rtx"] : ["VP8", "VP9", "rtx"],
    );
  });

  test("names no codec that it does not list, and lists none that it does not name", () => {
    for (const section of leanSections().slice(1)) {
      const listed = /^m=\S+ \d+ \S+ ([\d ]+)/.exec(section)?.[1]?.split(" ") ?? [];
      const named = [...section.matchAll(/^a=rtpmap:(\d+)/gm)].map(([, payload]) => payload);
      const described = [...section.matchAll(/^a=(?:fmtp|rtcp-fb):(\d+)/gm)].map(([, payload]) => payload);
      expect([...named].sort()).toEqual([...listed].sort());
      expect(listed).toEqual(expect.arrayContaining(described));
    }
  });

  test("asks for a voice that repairs itself and is silent in pauses, and for stereo of a screen", () => {
    const sounds = leanSections().filter((section) => section.startsWith("m=audio"));
    const parameters = sounds.map((section) => /^a=fmtp:\d+ (.*)/m.exec(section)?.[1]?.trim().split(";"));
    expect(parameters[0]).toEqual(expect.arrayContaining(["useinbandfec=1", "usedtx=1"]));
    expect(parameters[0]).not.toContain("stereo=1");
    expect(parameters[1]).toEqual(expect.arrayContaining(["useinbandfec=1", "stereo=1"]));
    expect(parameters[1]).not.toContain("usedtx=1");
  });

  test("keeps everything else, and a second time everything", () => {
    const lean = leanSdp(recorded[browser]);
    const others = (sdp: string): string[] =>
      sdp.split("\r\n").filter((line) => !/^(m=|a=(rtpmap|fmtp|rtcp-fb):\d)/.test(line));
    expect(others(lean)).toEqual(others(recorded[browser]));
    expect(leanSdp(lean)).toBe(lean);
  });

  test("has half the size of a message", () => {
    expect(JSON.stringify(leanSdp(recorded[browser])).length).toBeLessThan(8 * 1024);
  });
});

describe("a description", () => {
  test("without anything we want stays as it is", () => {
    const sdp = "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 45\r\na=rtpmap:45 AV1/90000\r\n";
    expect(leanSdp(sdp)).toBe(sdp);
  });

  test("of nothing but the channel stays as it is", () => {
    const sdp = "v=0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=sctp-port:5000\r\n";
    expect(leanSdp(sdp)).toBe(sdp);
  });

  test("of an Opus that says nothing of itself is completed", () => {
    const sdp =
      "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111 0\r\na=rtpmap:111 opus/48000/2\r\na=rtpmap:0 PCMU/8000\r\n";
    expect(leanSdp(sdp)).toBe(
      "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 useinbandfec=1;usedtx=1\r\n",
    );
  });
});
