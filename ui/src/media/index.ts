export { browserDevices, createDevices, playOn, type DevicesPorts } from "./devices";
export { LocalMedia, createLocalMedia, type LocalMediaPorts } from "./local";
export { browserPlatform, canWebrtc } from "./platform";
export { QualityMeter, firstDecoded, nextFrame } from "./stats";
export type {
  CaptureState,
  Device,
  DeviceKind,
  Devices,
  LocalMediaView,
  Quality,
  SoundProcessing,
  Thrift,
} from "./types";
