import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { results } from "./paths.ts";

/** What a person's camera films and microphone hears, so that a test can tell who is seen and heard. */
export interface Presence {
  /** Red, green, blue, 0 to 255. */
  readonly colour: readonly [number, number, number];
  /** Hz. */
  readonly tone: number;
}

/** The files for Chromium's fake camera and microphone. */
export interface FakeMedia {
  readonly video: string;
  readonly audio: string;
}

const WIDTH = 320;
const HEIGHT = 240;
const FRAMES = 5;
const RATE = 48_000;

/** Writes them under a name. */
export async function fakeMedia(name: string, presence: Presence): Promise<FakeMedia> {
  const dir = join(results, "media");
  await mkdir(dir, { recursive: true });
  // Named by content, because files of stories that run at the same time must not change under a browser.
  const stem = join(dir, `${name}-${presence.colour.join("-")}-${presence.tone}`);
  const files = { video: `${stem}.y4m`, audio: `${stem}.wav` };
  await Promise.all([
    writeFile(files.video, film(presence.colour)),
    writeFile(files.audio, sound(presence.tone)),
  ]);
  return files;
}

/** One second of a plain colour with a light bar that wanders along the bottom: YUV4MPEG2, BT.601. */
function film([r, g, b]: Presence["colour"]): Buffer {
  const plane = (value: number, size: number): Buffer<ArrayBuffer> => Buffer.alloc(size, Math.round(value));
  const luma = 16 + (65.5 * r + 128.6 * g + 25 * b) / 255;
  const u = plane(128 + (-37.8 * r - 74.2 * g + 112 * b) / 255, (WIDTH * HEIGHT) / 4);
  const v = plane(128 + (112 * r - 93.8 * g - 18.2 * b) / 255, (WIDTH * HEIGHT) / 4);
  const parts: Buffer[] = [Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F${FRAMES}:1 Ip A1:1 C420jpeg\n`)];
  for (let frame = 0; frame < FRAMES; frame++) {
    const y = plane(luma, WIDTH * HEIGHT);
    for (let row = HEIGHT - 24; row < HEIGHT; row++) {
      const start = row * WIDTH + (frame * WIDTH) / FRAMES;
      y.fill(235, start, start + WIDTH / FRAMES);
    }
    parts.push(Buffer.from("FRAME\n"), y, u, v);
  }
  return Buffer.concat(parts);
}

/** One second of beeps of a sine: WAV, 16 bit, mono. Beeps, because noise suppression learns to remove a steady tone. */
function sound(tone: number): Buffer {
  const wav = Buffer.alloc(44 + 2 * RATE);
  wav.write("RIFF", 0);
  wav.writeUInt32LE(36 + 2 * RATE, 4);
  wav.write("WAVEfmt ", 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(RATE, 24);
  wav.writeUInt32LE(2 * RATE, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write("data", 36);
  wav.writeUInt32LE(2 * RATE, 40);
  for (let i = 0; i < RATE; i++) {
    const loudness = i % (RATE / 2) < RATE / 4 ? 0.5 : 0;
    wav.writeInt16LE(Math.round(32_767 * loudness * Math.sin((2 * Math.PI * tone * i) / RATE)), 44 + 2 * i);
  }
  return wav;
}
