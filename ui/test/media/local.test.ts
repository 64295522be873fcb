import { describe, expect, test } from "vitest";
import { LocalMedia, createDevices, type Devices } from "../../src/media";
import { CAMERA, FakeMachine, FakeStorage, FakeStream, HEADSET, MICROPHONE, WEBCAM } from "./fakes";
import { settle } from "../conference/support/clock";

async function bobAt(
  machine: FakeMachine,
  storage = new FakeStorage(),
): Promise<{ local: LocalMedia; devices: Devices }> {
  const devices = createDevices({
    media: machine,
    storage,
    canChooseSpeaker: true,
  });
  await devices.refresh();
  const local = new LocalMedia({
    devices,
    storage,
    getTracks: (constraints) => machine.getTracks(constraints),
    getDisplayTracks: () => machine.getDisplayTracks(),
    createStream: () => new FakeStream() as unknown as MediaStream,
  });
  return { local, devices };
}

describe("a call begins", () => {
  test("with picture: Bob is asked once for both", async () => {
    const machine = new FakeMachine(CAMERA, MICROPHONE);
    const { local } = await bobAt(machine);
    await local.start({ video: true });
    expect(machine.asked).toEqual(["both"]);
    expect(local.view).toMatchObject({ microphone: "on", camera: "on", muted: false });
    expect(local.view.preview?.getVideoTracks()).toEqual([local.cameraTrack]);
  });

  test("by voice: the camera is never touched", async () => {
    const machine = new FakeMachine(CAMERA, MICROPHONE);
    const { local } = await bobAt(machine);
    await local.start({ video: false });
    expect(machine.asked).toEqual(["audio"]);
    expect(local.view).toMatchObject({ microphone: "on", camera: "off", preview: null });
  });

  test("by voice after a preview with picture: the camera's light goes out", async () => {
    const machine = new FakeMachine(CAMERA, MICROPHONE);
    const { local } = await bobAt(machine);
    await local.start({ video: true });
    await local.start({ video: false });
    expect([machine.newest("video")?.readyState, machine.newest("audio")?.readyState]).toEqual([
      "ended",
      "live",
    ]);
  });

  test("with picture, but Bob turned his camera off while it rang: it stays off until the end of the call", async () => {
    const machine = new FakeMachine(CAMERA, MICROPHONE);
    const { local } = await bobAt(machine);
    await local.start({ video: true });
    await local.setCamera(false);
    await local.start({ video: true });
    expect(local.view.camera).toBe("off");
    local.stop();
    await local.start({ video: true });
    expect(local.view.camera).toBe("on");
  });

  test("by voice, but Bob turned his camera on while it rang: it stays on", async () => {
    const machine = new FakeMachine(CAMERA, MICROPHONE);
    const { local } = await bobAt(machine);
    await local.start({ video: false });
    await local.setCamera(true);
    await local.start({ video: false });
    expect(local.view.camera).toBe("on");
  });

  test("after a preview nothing is opened again", async () => {
    const machine = new FakeMachine(CAMERA, MICROPHONE);
    const { local } = await bobAt(machine);
    await local.start({ video: true });
    const track = local.cameraTrack;
    await local.start({ video: true });
    expect([machine.asked, local.cameraTrack === track]).toEqual([["both"], true]);
  });

  test.each([
    ["no camera", [MICROPHONE], { microphone: "on", camera: "absent" }],
    ["no microphone", [CAMERA], { microphone: "absent", camera: "on" }],
    ["neither", [], { microphone: "absent", camera: "absent" }],
  ])("with %s it goes on with what there is", async (_, plugged, expected) => {
    const { local } = await bobAt(new FakeMachine(...plugged));
    await local.start({ video: true });
    expect(local.view).toMatchObject(expected);
    expect([local.muted, local.cameraOn]).toEqual([expected.microphone !== "on", expected.camera === "on"]);
  });

  test.each([
    ["NotAllowedError", "denied"],
    ["SecurityError", "denied"],
    ["NotReadableError", "busy"],
    ["AbortError", "busy"],
    ["TypeError", "absent"],
  ])("a camera that fails with %s is %s, and the voice is heard", async (refusal, state) => {
    const machine = new FakeMachine(CAMERA, MICROPHONE);
    machine.refusals.set("video", refusal);
    const { local } = await bobAt(machine);
    await local.start({ video: true });
    expect(local.view).toMatchObject({ microphone: "on", camera: state });
  });

  test("what was denied works after the permission was given", async () => {
    const machine = new FakeMachine(CAMERA, MICROPHONE);
    machine.refusals.set("audio", "NotAllowedError");
    const { local } = await bobAt(machine);
    await local.start({ video: false });
    machine.refusals.clear();
    await local.setMuted(false);
    expect(local.view.microphone).toBe("on");
  });
});

describe("in a call", () => {
  async function talking(machine = new FakeMachine(CAMERA, WEBCAM, MICROPHONE, HEADSET)): Promise<{
    machine: FakeMachine;
    local: LocalMedia;
    devices: Devices;
  }> {
    const { local, devices } = await bobAt(machine);
    await local.start({ video: true });
    return { machine, local, devices };
  }

  test("a mute sends nothing and keeps the microphone for the quick way back", async () => {
    const { machine, local } = await talking();
    await local.setMuted(true);
    expect([machine.newest("audio")?.enabled, local.muted, machine.newest("audio")?.readyState]).toEqual([
      false,
      true,
      "live",
    ]);
    await local.setMuted(false);
    expect(machine.newest("audio")?.enabled).toBe(true);
  });

  test("a camera that goes off is really off, and comes back as another track", async () => {
    const { machine, local } = await talking();
    const first = machine.newest("video");
    await local.setCamera(false);
    expect([first?.readyState, local.cameraTrack, local.view.preview]).toEqual(["ended", null, null]);
    await local.setCamera(true);
    expect(local.cameraTrack).toBe(machine.newest("video"));
    expect(machine.newest("video")).not.toBe(first);
  });

  test("another camera takes over without a dark moment", async () => {
    const { machine, local, devices } = await talking();
    const seen: unknown[] = [];
    local.subscribe(() => seen.push((local.cameraTrack as unknown as { deviceId: string } | null)?.deviceId));
    devices.choose("camera", "webcam");
    await settle();
    expect([...new Set(seen)]).toEqual(["camera", "webcam"].slice(seen[0] === "camera" ? 0 : 1));
    expect([
      machine.given.filter(({ kind, readyState }) => kind === "video" && readyState === "live").length,
    ]).toEqual([1]);
  });

  test("choosing the one that is used opens nothing", async () => {
    const { machine, devices } = await talking();
    const before = machine.asked.length;
    devices.choose("camera", "camera");
    await settle();
    expect(machine.asked.length).toBe(before);
  });

  test("a muted Bob who takes another microphone stays muted", async () => {
    const { machine, local, devices } = await talking();
    await local.setMuted(true);
    devices.choose("microphone", "headset");
    await settle();
    expect([machine.newest("audio")?.deviceId, machine.newest("audio")?.enabled]).toEqual(["headset", false]);
  });

  test("an unplugged camera is replaced by the other, and by none if there is no other", async () => {
    const { machine, local } = await talking();
    machine.unplug("camera");
    await settle();
    expect((local.cameraTrack as unknown as { deviceId: string }).deviceId).toBe("webcam");
    machine.unplug("webcam");
    await settle();
    expect([local.view.camera, local.cameraOn]).toEqual(["absent", false]);
  });

  test("a camera turned off while it was still opening stays off", async () => {
    const machine = new FakeMachine(CAMERA, MICROPHONE);
    const { local } = await bobAt(machine);
    let open = (): void => undefined;
    machine.gate = new Promise((resolve) => (open = resolve));
    const turnedOn = local.setCamera(true);
    expect(local.view.camera).toBe("opening");
    await local.setCamera(false);
    open();
    await turnedOn;
    expect([local.view.camera, machine.newest("video")?.readyState]).toEqual(["off", "ended"]);
  });

  test("the end stops every capture, also one that is still opening, and forgets the mute", async () => {
    const machine = new FakeMachine(CAMERA, MICROPHONE);
    const { local } = await bobAt(machine);
    let open = (): void => undefined;
    machine.gate = new Promise((resolve) => (open = resolve));
    const started = local.start({ video: true });
    await local.setMuted(true);
    local.close();
    open();
    await started;
    expect(machine.given.map(({ readyState }) => readyState)).toEqual(["ended", "ended"]);
    expect(local.view).toMatchObject({ microphone: "off", camera: "off", muted: false });
  });
});

describe("a microphone that Bob could not have at the beginning", () => {
  async function silent(
    machine: FakeMachine,
    refusal?: string,
  ): Promise<{ local: LocalMedia; devices: Devices }> {
    if (refusal !== undefined) machine.refusals.set("audio", refusal);
    const bob = await bobAt(machine);
    await bob.local.start({ video: false });
    machine.asked.length = 0;
    return bob;
  }

  test.each([
    ["absent", undefined],
    ["busy", "NotReadableError"],
    ["denied", "NotAllowedError"],
  ])("and is %s shows him as muted, and one press tries it again", async (state, refusal) => {
    const machine = new FakeMachine(...(refusal === undefined ? [] : [MICROPHONE]));
    const { local } = await silent(machine, refusal);
    expect(local.view).toMatchObject({ microphone: state, muted: true });
    machine.refusals.clear();
    machine.plugged = [MICROPHONE];
    await local.setMuted(!local.view.muted);
    expect(local.view).toMatchObject({ microphone: "on", muted: false });
    expect(local.muted).toBe(false);
  });

  test("is the headset that he plugs in", async () => {
    const machine = new FakeMachine();
    const { local } = await silent(machine);
    machine.plug(HEADSET);
    await settle();
    expect([local.view.microphone, machine.newest("audio")?.deviceId]).toEqual(["on", "headset"]);
  });

  test("has a name as soon as he allowed it", async () => {
    const machine = new FakeMachine();
    const { devices } = await silent(machine);
    machine.plug({ ...HEADSET, deviceId: "", label: "" });
    machine.plugged = [HEADSET];
    await settle();
    expect(devices.list("microphone").map(({ label }) => label)).toEqual(["Headset"]);
  });

  test("is still muted if he muted himself", async () => {
    const machine = new FakeMachine();
    const { local } = await silent(machine);
    await local.setMuted(true);
    machine.plug(HEADSET);
    await settle();
    expect([machine.newest("audio")?.enabled, local.muted]).toEqual([false, true]);
  });

  test.each(["NotReadableError", "NotAllowedError"])(
    "for a %s, is another one that he chooses",
    async (refusal) => {
      const machine = new FakeMachine(MICROPHONE, HEADSET);
      const { local, devices } = await silent(machine, refusal);
      machine.refusals.clear();
      devices.choose("microphone", "headset");
      await settle();
      expect([local.view.microphone, machine.newest("audio")?.deviceId]).toEqual(["on", "headset"]);
    },
  );

  test("is not tried because he chooses a camera", async () => {
    const machine = new FakeMachine(MICROPHONE, CAMERA);
    const { devices } = await silent(machine, "NotReadableError");
    devices.choose("camera", "camera");
    await settle();
    expect(machine.asked).toEqual([]);
  });

  test("is not asked for again when he forbade it and plugs something in", async () => {
    const machine = new FakeMachine(MICROPHONE);
    const { local } = await silent(machine, "NotAllowedError");
    machine.plug(HEADSET);
    await settle();
    expect([machine.asked, local.view.microphone]).toEqual([[], "denied"]);
  });

  test("is tried once and no more when it fails and comes back by itself", async () => {
    const machine = new FakeMachine();
    await silent(machine, "NotReadableError");
    for (let times = 0; times < 3; times += 1) {
      machine.plug(HEADSET);
      await settle();
      machine.unplug("headset");
      await settle();
    }
    expect(machine.asked).toEqual(["audio"]);
  });

  test("comes back whenever one that worked is plugged in again", async () => {
    const machine = new FakeMachine();
    const { local } = await silent(machine);
    for (let times = 0; times < 3; times += 1) {
      machine.plug(HEADSET);
      await settle();
      expect(local.view.microphone).toBe("on");
      machine.unplug("headset");
      await settle();
      expect(local.view.microphone).toBe("absent");
    }
  });

  test("stays away after the call", async () => {
    const machine = new FakeMachine();
    const { local, devices } = await silent(machine);
    local.stop();
    machine.plug(HEADSET);
    await settle();
    devices.choose("microphone", "headset");
    await settle();
    expect([machine.asked, local.view.microphone]).toEqual([[], "off"]);
  });
});

describe("before the call", () => {
  test("Bob mutes and unmutes himself, and no microphone opens for that", async () => {
    const machine = new FakeMachine(MICROPHONE);
    const { local } = await bobAt(machine);
    expect(local.view.muted).toBe(false);
    await local.setMuted(true);
    expect(local.view.muted).toBe(true);
    await local.setMuted(false);
    expect([local.view, machine.asked]).toMatchObject([{ microphone: "off", muted: false }, []]);
  });
});

describe("a call that is over before Bob answers his browser", () => {
  test("opens nothing if he forbids the camera then", async () => {
    const machine = new FakeMachine(CAMERA, MICROPHONE);
    const { local } = await bobAt(machine);
    machine.refusals.set("video", "NotAllowedError");
    let answer = (): void => undefined;
    machine.gate = new Promise((resolve) => (answer = resolve));
    const started = local.start({ video: true });
    local.stop();
    answer();
    await started;
    expect(local.view).toMatchObject({ microphone: "off", camera: "off" });
  });
});

describe("a shared screen", () => {
  async function sharing(
    screen: FakeMachine["screen"] = ["video", "audio"],
  ): Promise<{ machine: FakeMachine; local: LocalMedia }> {
    const machine = new FakeMachine(MICROPHONE);
    const { local } = await bobAt(machine);
    machine.screen = screen;
    expect(await local.startScreen()).toBe(true);
    return { machine, local };
  }

  test("has sharp letters, its own sound, and a picture for Bob himself", async () => {
    const { machine, local } = await sharing();
    expect(local.sharing).toBe(true);
    expect([local.screenTrack, local.screenSoundTrack]).toEqual([
      machine.newest("video"),
      machine.newest("audio"),
    ]);
    expect(machine.newest("video")?.contentHint).toBe("detail");
    expect(local.screenStream?.getVideoTracks()).toEqual([local.screenTrack]);
  });

  test("has no sound where the system gives none", async () => {
    const { local } = await sharing(["video"]);
    expect([local.sharing, local.screenSoundTrack]).toEqual([true, null]);
  });

  test("is not there when Bob refuses", async () => {
    const machine = new FakeMachine();
    const { local } = await bobAt(machine);
    machine.screen = [];
    expect([await local.startScreen(), local.sharing]).toEqual([false, false]);
  });

  test("ends with all of it when Bob stops it, here or with the system's own button", async () => {
    for (const stop of ["here", "there"]) {
      const { machine, local } = await sharing();
      let told = 0;
      local.subscribe(() => told++);
      if (stop === "here") local.stopScreen();
      else machine.newest("video")?.unplug();
      expect([local.sharing, local.screenSoundTrack, local.screenStream, told]).toEqual([
        false,
        null,
        null,
        1,
      ]);
      expect(machine.given.map(({ readyState }) => readyState)).toEqual(["ended", "ended"]);
    }
  });

  test("goes on without its sound when that ends", async () => {
    const { machine, local } = await sharing();
    machine.newest("audio")?.unplug();
    expect([local.sharing, local.screenSoundTrack]).toEqual([true, null]);
  });

  test("gives way to another one, and stays when Bob thinks better of it", async () => {
    const { machine, local } = await sharing(["video"]);
    const first = local.screenTrack;
    machine.screen = [];
    expect([await local.startScreen(), local.screenTrack]).toEqual([false, first]);
    machine.screen = ["video"];
    expect(await local.startScreen()).toBe(true);
    expect([first?.readyState, local.screenTrack === first]).toEqual(["ended", false]);
  });

  test("chosen after the call ended is not captured", async () => {
    const machine = new FakeMachine();
    const { local } = await bobAt(machine);
    let choose = (): void => undefined;
    machine.gate = new Promise((resolve) => (choose = resolve));
    const started = local.startScreen();
    local.stop();
    choose();
    expect([await started, local.sharing, machine.newest("video")?.readyState]).toEqual([
      false,
      false,
      "ended",
    ]);
  });
});

describe("what Bob chose", () => {
  const CLEANED = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  const RAW = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

  test.each([
    ["at once", false, 1],
    ["by another capture where the browser changes none", true, 2],
  ])("of his sound is done %s", async (_, isStubborn, captures) => {
    const machine = new FakeMachine(MICROPHONE);
    machine.isStubborn = isStubborn;
    const { local } = await bobAt(machine);
    await local.start({ video: false });
    await local.setMuted(true);
    local.setProcessing(RAW);
    await settle();
    expect(machine.newest("audio")?.getSettings()).toMatchObject(RAW);
    expect(local.microphoneTrack).toBe(machine.newest("audio"));
    expect([machine.given.length, machine.newest("audio")?.enabled]).toEqual([captures, false]);
    expect(machine.given.filter(({ readyState }) => readyState === "live")).toHaveLength(1);
  });

  test("opens no microphone that is off", async () => {
    const machine = new FakeMachine(MICROPHONE);
    const { local } = await bobAt(machine);
    local.setProcessing(RAW);
    await settle();
    expect(machine.asked).toEqual([]);
  });

  test("holds for the next time", async () => {
    const [machine, storage] = [new FakeMachine(MICROPHONE), new FakeStorage()];
    const { local } = await bobAt(machine, storage);
    local.setProcessing({ ...RAW, autoGainControl: true });
    await local.setThrift("saver");
    const { local: later } = await bobAt(machine, storage);
    expect([later.processing, later.thrift]).toEqual([{ ...RAW, autoGainControl: true }, "saver"]);
    await later.start({ video: false });
    expect(machine.newest("audio")?.getSettings()).toMatchObject({ echoCancellation: false });
  });

  test("is nothing before he did: sound is cleaned, pictures are sent", async () => {
    const { local } = await bobAt(new FakeMachine());
    expect(local.thrift).toBe("none");
    expect(local.processing).toEqual(CLEANED);
  });

  test.each(["garbage", "null", "7", '"audio "', "[]"])("a memory of %s is no choice", async (memory) => {
    const storage = new FakeStorage();
    for (const key of ["mailcall.processing", "mailcall.thrift"]) storage.setItem(key, memory);
    const { local } = await bobAt(new FakeMachine(), storage);
    expect([local.thrift, local.processing]).toEqual(["none", CLEANED]);
  });

  test("holds for this call where nothing can be stored", async () => {
    const storage = new FakeStorage();
    storage.setItem = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
    const { local } = await bobAt(new FakeMachine(), storage);
    await local.setThrift("audio");
    expect(local.thrift).toBe("audio");
  });

  test("the data saver films small pictures from then on", async () => {
    const machine = new FakeMachine(CAMERA, MICROPHONE);
    const { local } = await bobAt(machine);
    await local.start({ video: true });
    expect(machine.newest("video")?.getSettings().width).toBe(1280);
    await local.setThrift("saver");
    await settle();
    expect(local.cameraTrack?.getSettings().width).toBe(640);
  });
});

describe("audio only", () => {
  async function bobWith(video: boolean): Promise<{ machine: FakeMachine; local: LocalMedia }> {
    const machine = new FakeMachine(CAMERA, WEBCAM, MICROPHONE);
    const { local } = await bobAt(machine);
    await local.start({ video });
    return { machine, local };
  }

  test("from the last call: the camera of the next one stays dark, and Bob is heard", async () => {
    const [machine, storage] = [new FakeMachine(CAMERA, MICROPHONE), new FakeStorage()];
    await (await bobAt(machine, storage)).local.setThrift("audio");
    const { local } = await bobAt(machine, storage);
    await local.start({ video: true });
    expect(local.view).toMatchObject({ microphone: "on", camera: "off" });
    expect(machine.asked).toEqual(["audio"]);
    await local.setThrift("none");
    expect(local.view.camera).toBe("on");
  });

  test("during a call: the camera's light goes out, and comes back when Bob shows pictures again", async () => {
    const { machine, local } = await bobWith(true);
    await local.setThrift("audio");
    expect([local.view.camera, machine.newest("video")?.readyState]).toEqual(["off", "ended"]);
    await local.setThrift("audio");
    await local.setThrift("saver");
    expect([local.view.camera, local.cameraTrack?.getSettings().width]).toEqual(["on", 640]);
  });

  test("and pictures again open no camera that was off before", async () => {
    const { machine, local } = await bobWith(false);
    await local.setThrift("audio");
    await local.setThrift("none");
    expect([local.view.camera, machine.asked]).toEqual(["off", ["audio"]]);
  });

  test("and pictures again open no camera that Bob has turned off since", async () => {
    const { local } = await bobWith(true);
    await local.setThrift("audio");
    await local.setCamera(false);
    await local.setThrift("none");
    expect(local.view.camera).toBe("off");
  });

  test("and pictures again open no camera in the next call, which is by voice", async () => {
    const { local } = await bobWith(true);
    await local.setThrift("audio");
    local.stop();
    await local.start({ video: false });
    await local.setThrift("none");
    expect(local.view.camera).toBe("off");
  });

  test("and pictures again open no camera once the call was taken without", async () => {
    const { local } = await bobWith(true);
    await local.setThrift("audio");
    await local.start({ video: false });
    await local.setThrift("none");
    expect(local.view.camera).toBe("off");
  });

  test("is over when Bob turns his camera on", async () => {
    const { local } = await bobWith(true);
    await local.setThrift("audio");
    await local.setCamera(true);
    expect([local.view.camera, local.thrift, local.cameraTrack?.getSettings().width]).toEqual([
      "on",
      "none",
      1280,
    ]);
  });

  test("goes on when Bob chooses another camera", async () => {
    const machine = new FakeMachine(CAMERA, WEBCAM, MICROPHONE);
    const { local, devices } = await bobAt(machine);
    await local.start({ video: true });
    await local.setThrift("audio");
    devices.choose("camera", "webcam");
    await settle();
    expect([local.view.camera, local.thrift]).toEqual(["off", "audio"]);
  });
});
