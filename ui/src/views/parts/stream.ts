import type { Attachment } from "svelte/attachments";

import type { Device } from "../../media";

export interface Playing {
  readonly stream: MediaStream | null;
  /** Where it is heard; null or absent: the system's default. */
  readonly speaker?: Device | null;
  /** 0 to 1; absent: as loud as it comes. */
  readonly volume?: number;
  /** Told whether the browser refuses sound, as it may until the user has clicked. */
  readonly onblocked?: (blocked: boolean) => void;
}

/** Plays a stream in a media element; the same element goes on when the stream or the speaker changes. */
export function plays({ stream, speaker, volume, onblocked }: Playing): Attachment<HTMLMediaElement> {
  return (element) => {
    if (element.srcObject !== stream) element.srcObject = stream;
    if (volume !== undefined) element.volume = volume;
    if (speaker !== undefined && "setSinkId" in element) {
      // A speaker that was just unplugged: the element goes on on the default one.
      element.setSinkId(speaker?.id ?? "").catch(() => undefined);
    }
    if (stream === null) return;
    element.play().then(
      () => onblocked?.(false),
      (error: unknown) => {
        // Any other failure is a `play` that a newer stream interrupted.
        if (error instanceof DOMException && error.name === "NotAllowedError") onblocked?.(true);
      },
    );
  };
}
