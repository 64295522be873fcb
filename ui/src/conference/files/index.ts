export { EarlyChannel } from "./early";
export type { Content, FileId } from "./pieces";
export { BlobStore, type FileStore } from "./store";
export type { FileChannel, FileLink } from "./link";
export { Transfers, bindChannel } from "./transfers";
