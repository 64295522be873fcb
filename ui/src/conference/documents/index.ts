export { ConferenceDocuments, type DocumentPorts } from "./documents";
export type { PrivateLine } from "./chat";
export type { FeedPorts } from "./feeds";
export { chatAsText, type ChatWords } from "./text";
export * from "./types";
