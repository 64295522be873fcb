import { expect, test } from "vitest";
import { createDevices, type Devices, watchPlugged } from "../../src/media";
import { settle, VirtualClock } from "../conference/support/clock";
import { CAMERA, FakeMachine, FakeStorage, HEADSET, MICROPHONE, SPEAKER } from "./fakes";

const EARS = { ...SPEAKER, deviceId: "ears", label: "Headset Stereo", groupId: "headset" };
const MOUTH = { ...HEADSET, label: "Headset Mono", groupId: "headset" };
const EYE = { ...CAMERA, deviceId: "eye", label: "Webcam", groupId: "webcam" };
const EAR_OF_EYE = { ...MICROPHONE, deviceId: "ear", label: "Webcam Mono", groupId: "webcam" };

class Desk {
  readonly machine = new FakeMachine(CAMERA, MICROPHONE, SPEAKER);
  readonly clock = new VirtualClock();
  readonly offered: string[] = [];
  readonly devices: Devices;
  readonly stop: () => void;
  /** Presses "Use it" of what was offered last. */
  use = (): void => undefined;

  constructor(canChooseSpeaker = true) {
    this.devices = createDevices({ media: this.machine, storage: new FakeStorage(), canChooseSpeaker });
    this.stop = watchPlugged(this.devices, this.clock, ({ name, use }) => {
      this.offered.push(name);
      this.use = use;
    });
  }

  async plug(...devices: (typeof EARS)[]): Promise<void> {
    for (const device of devices) {
      this.machine.plug(device);
      await settle();
      this.clock.advance(100);
    }
  }

  get used(): (string | undefined)[] {
    return (["camera", "microphone", "speaker"] as const).map((kind) => this.devices.used(kind)?.id);
  }
}

async function alice(canChooseSpeaker?: boolean): Promise<Desk> {
  const desk = new Desk(canChooseSpeaker);
  await desk.devices.refresh();
  return desk;
}

test("Alice plugs in a headset, whose parts come one after the other: it is offered once, and used as a whole", async () => {
  const desk = await alice();
  await desk.plug(MOUTH, EARS);
  expect(desk.offered).toEqual([]);
  desk.clock.advance(300);
  expect(desk.offered).toEqual(["Headset Mono"]);
  desk.use();
  expect(desk.used).toEqual([undefined, "headset", "ears"]);
});

test("a part that is late belongs to what was offered before", async () => {
  const desk = await alice();
  await desk.plug(EARS);
  desk.clock.advance(1000);
  await desk.plug(MOUTH);
  desk.clock.advance(1000);
  expect(desk.offered).toEqual(["Headset Stereo", "Headset Mono"]);
  desk.use();
  expect(desk.used).toEqual([undefined, "headset", "ears"]);
});

test("parts of one name are one thing where the system does not say what belongs together", async () => {
  const desk = await alice();
  await desk.plug(HEADSET, { ...SPEAKER, deviceId: "ears", label: "Headset" });
  desk.clock.advance(300);
  expect(desk.offered).toEqual(["Headset"]);
  desk.use();
  expect(desk.used).toEqual([undefined, "headset", "ears"]);
});

test("two things that come together, as with a dock, are offered each", async () => {
  const desk = await alice();
  await desk.plug(MOUTH, EYE, EARS);
  desk.clock.advance(300);
  expect(desk.offered).toEqual(["Headset Mono", "Webcam"]);
});

test("a webcam is a camera: Alice goes on talking into her headset", async () => {
  const desk = await alice();
  await desk.plug(EAR_OF_EYE, EYE);
  desk.clock.advance(300);
  expect(desk.offered).toEqual(["Webcam"]);
  desk.use();
  expect(desk.used).toEqual(["eye", undefined, undefined]);
});

test("a screen with camera, microphone and speakers is used as all of it", async () => {
  const desk = await alice();
  await desk.plug(EAR_OF_EYE, EYE, { ...EARS, groupId: "webcam" });
  desk.clock.advance(300);
  desk.use();
  expect(desk.used).toEqual(["eye", "ear", "ears"]);
});

test("speakers are not offered where none can be chosen", async () => {
  const desk = await alice(false);
  await desk.plug(EARS);
  desk.clock.advance(300);
  expect(desk.offered).toEqual([]);
});

test("what is unplugged at once is not offered", async () => {
  const desk = await alice();
  await desk.plug(MOUTH);
  desk.machine.unplug("headset");
  await settle();
  desk.clock.advance(300);
  expect(desk.offered).toEqual([]);
});

test("what is gone when Alice presses is not used, and what she had chosen stays", async () => {
  const desk = await alice();
  desk.devices.choose("microphone", "microphone");
  await desk.plug(MOUTH, EARS);
  desk.clock.advance(300);
  desk.machine.unplug("headset");
  await settle();
  desk.use();
  expect(desk.used).toEqual([undefined, "microphone", "ears"]);
});

test("after the call nothing is offered", async () => {
  const desk = await alice();
  await desk.plug(MOUTH);
  desk.stop();
  expect(desk.clock.waiting).toBe(0);
  await desk.plug(EARS);
  desk.clock.advance(300);
  expect(desk.offered).toEqual([]);
});
