import { describe, expect, test } from "vitest";
import type { Devices, LocalMedia } from "../../src/media";
import { bobAt } from "./bob";
import { CAMERA, FakeMachine, HEADSET, MICROPHONE, WEBCAM } from "./fakes";
import { settle } from "../conference/support/clock";

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
