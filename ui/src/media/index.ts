export { MediaDirector, type MediaDirectorPorts } from "./director";
export { MediaDirectors } from "./directors";
export { SharedUplink } from "./shared-uplink";
export { browserDevices, createDevices, playOn, type DevicesPorts } from "./devices";
export { LocalMedia, createLocalMedia, type LocalMediaPorts } from "./local";
export {
  FIRST_WANTS,
  affordable,
  plan,
  type Encoding,
  type LinkPlan,
  type PlanInput,
  type Wants,
} from "./plan";
export { watchPlugged } from "./plugged";
export { browserPlatform, canWebrtc } from "./platform";
export { QualityMeter, firstDecoded, nextFrame } from "./stats";
export type {
  CaptureState,
  Device,
  DeviceKind,
  Devices,
  DevicesListener,
  LocalMediaView,
  Plugged,
  Quality,
  SoundProcessing,
  Thrift,
} from "./types";
