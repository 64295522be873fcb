import { type Report, type Variant, figure, SUFFIX } from "./figures.ts";
import type { Pair } from "./pair.ts";
import { ringingAt } from "./pair.ts";
import { say } from "./report.ts";
import { RawMail } from "./raw-mail.ts";
import { setTimeout as pause } from "node:timers/promises";

/** How long the channel has been open when Bob accepts, in ms. */
const OPEN_BEFORE_ACCEPT = 1000;

/** What one call that Bob answered early, and then took, shows; ms after the command it belongs to. */
interface Taken {
  readonly invite: number;
  readonly channel: number;
  readonly frame: number;
  readonly mails: number;
  readonly bytes: number;
}

/** Alice calls and Bob's page answers early; once the channel was open for a second he accepts. */
async function taken(pair: Pair, cameras: "open" | "closed"): Promise<Taken> {
  const { alice, bob, alicePage, bobPage } = pair;
  await pair.settle();
  const before = (await pair.deliveries()).length;
  const { began, call } = await pair.dial(pair.nextEarly());
  const channel = Promise.all([alicePage.channelOpens(began), bobPage.channelOpens(began)]);
  if (cameras === "open") await alicePage.show(`/call/${call}`);
  await bob.client.untilCall("Ringing", { call });
  if (cameras === "open") await bobPage.show(`/ring/${call}`);
  const opened = Math.max(...(await channel));
  const wait = pause(OPEN_BEFORE_ACCEPT);
  await Promise.all([alicePage, bobPage].map((page) => page.captures(cameras === "open")));
  await wait;
  const accepted = performance.now();
  const frames = Promise.all([alicePage.frameComes(accepted), bobPage.frameComes(accepted)]);
  await bob.client.command({ type: "Accept", call, video: true });
  const framed = Math.max(...(await frames));
  await pause(300);
  await alice.client.command({ type: "HangUp", call });
  await pair.ended(call);
  await Promise.all([alicePage, bobPage].map((page) => page.show("/")));
  await Promise.all([alicePage, bobPage].map((page) => page.captures(false)));
  const sizes = (await pair.deliveries()).slice(before);
  return {
    invite: ringingAt(bob, call) - began,
    channel: opened - began,
    frame: framed - accepted,
    mails: sizes.length,
    bytes: sizes.reduce((sum, size) => sum + size, 0),
  };
}

/** Raw mails and calls in turn, so that both are measured on the machine as it is at that moment. */
export async function callFigures(pair: Pair, variant: Variant, rounds: number): Promise<Report> {
  const raw = await RawMail.open(pair.mail);
  const floor: number[] = [];
  const early: Taken[] = [];
  const late: { invite: number; ringing: number }[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      await pair.hideUntilAnswer(true);
      late.push(await pair.unanswered(pair.next()));
      floor.push(await raw.deliver());
      await pair.hideUntilAnswer(false);
      early.push(await taken(pair, "open"));
      floor.push(await raw.deliver());
      say(progress(round, floor.slice(-2), late.at(-1), early.at(-1)));
    }
  } finally {
    raw.close();
  }
  const suffix = SUFFIX[variant];
  return {
    [`mail.raw_delivery_ms${suffix}`]: figure(floor),
    [`call.invite_ms${suffix}`]: figure([...late, ...early].map(({ invite }) => invite)),
    [`call.dial_to_ringing_ms${suffix}`]: figure(late.map(({ ringing }) => ringing)),
    [`call.dial_to_channel_ms${suffix}`]: figure(early.map(({ channel }) => channel)),
    [`call.accept_to_frame_ms${suffix}`]: figure(early.map(({ frame }) => frame)),
    [`call.mails${suffix}`]: figure(early.map(({ mails }) => mails)),
    [`call.bytes${suffix}`]: figure(
      early.map(({ bytes }) => bytes),
      0,
    ),
  };
}

/** Only how soon a picture comes after Accept. */
export async function frameFigure(pair: Pair, cameras: "open" | "closed", rounds: number): Promise<number[]> {
  const frames: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const one = await taken(pair, cameras);
    frames.push(one.frame);
    say(progress(round, [], undefined, one));
  }
  return frames;
}

function progress(
  round: number,
  floor: number[],
  late?: { invite: number; ringing: number },
  early?: Taken,
): string {
  const show = (value: object): string =>
    JSON.stringify(value, (_, number: unknown) => (typeof number === "number" ? Math.round(number) : number));
  return `${round + 1}: raw ${show(floor)} late ${show(late ?? {})} early ${show(early ?? {})}`;
}
