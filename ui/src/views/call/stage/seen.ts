import type { Attachment } from "svelte/attachments";

import type { Showing } from "./showing";

interface Seen {
  readonly showing: Showing | null;
  readonly key: string;
  readonly what: "camera" | "screen";
}

/**
 * Tells how large an element is seen, as long as it is. Also while there is no picture in it: once there is one it
 * comes at once.
 */
export function seen({ showing, key, what }: Seen): Attachment<HTMLElement> {
  return (element) => {
    if (showing === null) return;
    const place = showing.add(key, what);
    let inSight = true;
    const tell = () => {
      const scale = window.devicePixelRatio;
      const { width, height } = element.getBoundingClientRect();
      const visible = inSight && width > 0 && height > 0;
      place.resize(visible ? { width: width * scale, height: height * scale } : null);
    };
    const sizes = new ResizeObserver(tell);
    sizes.observe(element);
    const sight = new IntersectionObserver((entries) => {
      inSight = entries.at(-1)?.isIntersecting ?? true;
      tell();
    });
    sight.observe(element);
    return () => {
      sizes.disconnect();
      sight.disconnect();
      place.remove();
    };
  };
}
