import { expect, test } from "vitest";
import { createDevices, type Device, type Devices } from "../../src/media";
import { CAMERA, FakeMachine, FakeStorage, HEADSET, MICROPHONE, SPEAKER, WEBCAM } from "./fakes";
import { settle } from "../conference/support/clock";

async function devicesOf(machine: FakeMachine | null, storage = new FakeStorage()): Promise<Devices> {
  const devices = createDevices({
    media: machine,
    storage,
    canChooseSpeaker: true,
  });
  await devices.refresh();
  return devices;
}

test("cameras, microphones and speakers are told apart, and a default is no device of its own", async () => {
  const machine = new FakeMachine(CAMERA, { ...MICROPHONE, deviceId: "default" }, MICROPHONE, SPEAKER);
  const devices = await devicesOf(machine);
  expect(devices.list("camera")).toEqual([{ id: "camera", kind: "camera", label: "Camera", group: "" }]);
  expect(devices.list("microphone").map(({ id }) => id)).toEqual(["microphone"]);
  expect(devices.list("speaker").map(({ id }) => id)).toEqual(["speaker"]);
});

test("before a permission nothing has a name, and nothing can be chosen", async () => {
  const devices = await devicesOf(new FakeMachine({ ...CAMERA, deviceId: "", label: "" }));
  expect(devices.list("camera")).toEqual([]);
});

test("before a permission a camera is there, though it has no name", async () => {
  const machine = new FakeMachine();
  const devices = await devicesOf(machine);
  let told = 0;
  devices.subscribe(() => told++);
  expect(devices.has("camera")).toBe(false);
  machine.plug({ ...CAMERA, deviceId: "", label: "" });
  await settle();
  expect([devices.has("camera"), devices.has("microphone"), told]).toEqual([true, false, 1]);
});

test("a page that is not secure has no devices", async () => {
  const devices = await devicesOf(null);
  expect([devices.list("camera"), devices.used("camera")]).toEqual([[], null]);
});

test("a choice is remembered for the next time", async () => {
  const storage = new FakeStorage();
  (await devicesOf(new FakeMachine(CAMERA, WEBCAM), storage)).choose("camera", "webcam");
  const later = await devicesOf(new FakeMachine(CAMERA, WEBCAM), storage);
  expect(later.used("camera")?.id).toBe("webcam");
  later.choose("camera", null);
  expect((await devicesOf(new FakeMachine(CAMERA, WEBCAM), storage)).used("camera")).toBeNull();
});

test("a device is known by its name when the browser renamed its id", async () => {
  const storage = new FakeStorage();
  (await devicesOf(new FakeMachine(WEBCAM), storage)).choose("camera", "webcam");
  const devices = await devicesOf(new FakeMachine(CAMERA, { ...WEBCAM, deviceId: "fresh" }), storage);
  expect(devices.used("camera")?.id).toBe("fresh");
});

test("while the chosen one is unplugged the default is used, and the choice is not forgotten", async () => {
  const machine = new FakeMachine(CAMERA, WEBCAM);
  const devices = await devicesOf(machine);
  devices.choose("camera", "webcam");
  machine.unplug("webcam");
  await settle();
  expect(devices.used("camera")).toBeNull();
  machine.plug(WEBCAM);
  await settle();
  expect(devices.used("camera")?.id).toBe("webcam");
});

test("a headset that appears is told, the devices that were there are not", async () => {
  const machine = new FakeMachine(MICROPHONE);
  const devices = createDevices({
    media: machine,
    storage: new FakeStorage(),
    canChooseSpeaker: true,
  });
  const appeared: (readonly Device[])[] = [];
  devices.subscribe((news) => appeared.push(news));
  await devices.refresh();
  await devices.refresh();
  machine.plug(HEADSET);
  await settle();
  machine.unplug("headset");
  await settle();
  expect(appeared.map((news) => news.map(({ id }) => id))).toEqual([[], ["headset"], []]);
});

test("a headset that is the first device of all is told", async () => {
  const machine = new FakeMachine();
  const devices = await devicesOf(machine);
  const appeared: (readonly Device[])[] = [];
  devices.subscribe((news) => appeared.push(news));
  machine.plug(HEADSET);
  await settle();
  expect(appeared.map((news) => news.map(({ id }) => id))).toEqual([["headset"]]);
});

test("cameras that get their names during a call by voice were there before", async () => {
  const machine = new FakeMachine(MICROPHONE, { ...CAMERA, deviceId: "", label: "" });
  const devices = await devicesOf(machine);
  const appeared: (readonly Device[])[] = [];
  devices.subscribe((news) => appeared.push(news));
  machine.plugged = [MICROPHONE, CAMERA];
  await devices.refresh();
  expect([appeared, devices.list("camera").length]).toEqual([[[]], 1]);
});

test("a device that has no name yet is told, too: somebody may wait for one", async () => {
  const machine = new FakeMachine();
  const devices = await devicesOf(machine);
  const appeared: (readonly Device[])[] = [];
  devices.subscribe((news) => appeared.push(news));
  machine.plug({ ...HEADSET, deviceId: "", label: "" });
  await settle();
  expect(appeared).toEqual([[{ id: "", kind: "microphone", label: "", group: "" }]]);
});

test("a choice is told with its kind", async () => {
  const devices = await devicesOf(new FakeMachine(CAMERA, HEADSET));
  const chosen: unknown[] = [];
  devices.subscribe((_, kind) => chosen.push(kind));
  devices.choose("microphone", "headset");
  devices.choose("camera", null);
  expect(chosen).toEqual(["microphone", "camera"]);
});

test.each(["garbage", "null", "7", '{"id":7,"label":"x"}', "{}"])(
  "a memory of %s is no choice",
  async (memory) => {
    const storage = new FakeStorage();
    storage.setItem("mailcall.camera", memory);
    expect((await devicesOf(new FakeMachine(CAMERA), storage)).used("camera")).toBeNull();
  },
);

test("a system that lists nothing is lived with", async () => {
  const machine = new FakeMachine();
  machine.enumerateDevices = () => Promise.reject(new DOMException("no", "NotAllowedError"));
  expect((await devicesOf(machine)).list("camera")).toEqual([]);
});

test("after it was closed nobody listens to the machine", async () => {
  const machine = new FakeMachine();
  const devices = await devicesOf(machine);
  devices.close();
  machine.plug(CAMERA);
  await settle();
  expect(devices.list("camera")).toEqual([]);
});
