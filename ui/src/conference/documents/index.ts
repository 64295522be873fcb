export { ConferenceDocuments, type DocumentPorts } from "./documents";
export type { PrivateLine } from "./chat";
export type { FeedPorts } from "./feeds";
export type { Replica, Taken } from "./replica";
export { chatAsText, type ChatWords } from "./text";
export * from "./types";
