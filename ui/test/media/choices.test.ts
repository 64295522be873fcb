import { describe, expect, test } from "vitest";
import type { LocalMedia } from "../../src/media";
import { bobAt } from "./bob";
import { CAMERA, FakeMachine, FakeStorage, MICROPHONE, WEBCAM } from "./fakes";
import { settle } from "../conference/support/clock";

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
