export type { CaptureState, Device, DeviceKind, Devices, LocalMediaView, Quality } from "./types";
