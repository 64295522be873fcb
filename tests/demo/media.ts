import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { FakeMedia } from "../harness/media.ts";

type Colour = readonly [number, number, number];

/** Somebody drawn for a camera that is none. */
export interface Look {
  /** Of the face, and so of the middle of the picture: by it a screen can be asked who is on it. */
  readonly colour: Colour;
  readonly wall: Colour;
  /** Of the chime that the microphone hears, in Hz. */
  readonly tone: number;
}

export const ALICE: Look = { colour: [238, 118, 92], wall: [253, 232, 214], tone: 523.25 };
export const BOB: Look = { colour: [74, 124, 214], wall: [218, 232, 250], tone: 392 };

const WIDTH = 848;
const HEIGHT = 480;
const FRAMES = 24;
const FRAMES_PER_SECOND = 12;
const SAMPLES_PER_SECOND = 48_000;
const CHIME_SECONDS = 4;

const WHITE: Colour = [255, 255, 255];
const DARK: Colour = [40, 44, 58];

/** Writes what a person's camera films and microphone hears to a folder. */
export async function draw(dir: string, name: string, look: Look): Promise<FakeMedia> {
  await mkdir(dir, { recursive: true });
  const files = { video: join(dir, `${name}.y4m`), audio: join(dir, `${name}.wav`) };
  await Promise.all([writeFile(files.video, film(look)), writeFile(files.audio, chime(look.tone))]);
  return files;
}

/** Two seconds of a face that sways and blinks: YUV4MPEG2, BT.601. */
function film(look: Look): Buffer {
  const [awake, blinking] = [picture(look, false), picture(look, true)];
  const parts: Buffer[] = [
    Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F${FRAMES_PER_SECOND}:1 Ip A1:1 C420jpeg\n`),
  ];
  for (let frame = 0; frame < FRAMES; frame++) {
    // Even, because two pixels share their colour.
    const sway = 2 * Math.round(4 * Math.sin((2 * Math.PI * frame) / FRAMES));
    parts.push(Buffer.from("FRAME\n"), moved(frame === FRAMES - 1 ? blinking : awake, sway));
  }
  return Buffer.concat(parts);
}

function picture(look: Look, blinks: boolean): Buffer {
  const pixels = WIDTH * HEIGHT;
  const out = Buffer.alloc(pixels * 1.5);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const [r, g, b] = face(look, x - WIDTH / 2, y, blinks);
      out[y * WIDTH + x] = 16 + (65.5 * r + 128.6 * g + 25 * b) / 255;
      if (x % 2 === 1 || y % 2 === 1) continue;
      const at = pixels + (y / 2) * (WIDTH / 2) + x / 2;
      out[at] = 128 + (-37.8 * r - 74.2 * g + 112 * b) / 255;
      out[at + pixels / 4] = 128 + (112 * r - 93.8 * g - 18.2 * b) / 255;
    }
  }
  return out;
}

/**
 * A picture with everything in it a little to the right. What leaves a line enters the next one: both ends are of
 * the wall.
 */
function moved(picture: Buffer, by: number): Buffer {
  const out = Buffer.from(picture);
  const pixels = WIDTH * HEIGHT;
  for (const [from, size, shift] of [
    [0, pixels, by],
    [pixels, pixels / 4, by / 2],
    [pixels * 1.25, pixels / 4, by / 2],
  ] as const) {
    const plane = picture.subarray(from, from + size);
    plane.copy(out, from + Math.max(0, shift), Math.max(0, -shift), size - Math.max(0, shift));
  }
  return out;
}

/** The colour at a point, `x` counted from the middle of the face. */
function face({ colour, wall }: Look, x: number, y: number, blinks: boolean): Colour {
  let here = over(wall, shade(colour, 0.72), 210 - Math.hypot(x, (y - 560) * 0.9));
  here = over(here, colour, 140 - Math.hypot(x, (y - 215) * 0.94));
  const eye = Math.abs(x) - 48;
  if (blinks) here = over(here, DARK, Math.min(16 - Math.abs(eye), 3 - Math.abs(y - 152)));
  else {
    here = over(here, WHITE, 19 - Math.hypot(eye, y - 152));
    here = over(here, DARK, 10 - Math.hypot(eye, y - 154));
  }
  const smile = Math.min(6 - Math.abs(Math.hypot(x, y - 228) - 62), y - 262);
  return over(here, WHITE, smile);
}

/** `top` on `below` where `inside` (in pixels from the edge) is positive, with a soft edge. */
function over(below: Colour, top: Colour, inside: number): Colour {
  const part = Math.min(1, Math.max(0, inside + 0.5));
  if (part === 0) return below;
  return [0, 1, 2].map((i) => below[i]! + (top[i]! - below[i]!) * part) as unknown as Colour;
}

function shade([r, g, b]: Colour, factor: number): Colour {
  return [r * factor, g * factor, b * factor];
}

/** A soft double chime and a rest, again and again: WAV, 16 bit, mono. */
function chime(tone: number): Buffer {
  const count = CHIME_SECONDS * SAMPLES_PER_SECOND;
  const wav = Buffer.alloc(44 + 2 * count);
  wav.write("RIFF", 0);
  wav.writeUInt32LE(36 + 2 * count, 4);
  wav.write("WAVEfmt ", 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(SAMPLES_PER_SECOND, 24);
  wav.writeUInt32LE(2 * SAMPLES_PER_SECOND, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write("data", 36);
  wav.writeUInt32LE(2 * count, 40);
  const bell = (t: number, hertz: number): number =>
    t < 0 ? 0 : 0.12 * Math.exp(-4 * t) * Math.sin(2 * Math.PI * hertz * t);
  for (let i = 0; i < count; i++) {
    const t = i / SAMPLES_PER_SECOND;
    wav.writeInt16LE(Math.round(32_767 * (bell(t, tone) + bell(t - 0.25, tone * 1.25))), 44 + 2 * i);
  }
  return wav;
}
