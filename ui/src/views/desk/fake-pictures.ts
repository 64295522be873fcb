/** Times a second. */
const RATE = 5;

/** Head and shoulders in two colours, as a stream. They nod a little, so that it is seen to be one. */
export function portrait(ground: string, skin: string, shirt = "#20304a"): MediaStream {
  return drawn(640, 360, (context, frame) => {
    const nod = 4 * Math.sin(frame / 3);
    context.fillStyle = ground;
    context.fillRect(0, 0, 640, 360);
    context.fillStyle = shirt;
    oval(context, 320, 400, 150, 140);
    context.fillStyle = skin;
    oval(context, 320, 175 + nod, 72, 92);
    context.fillStyle = "#1c1a1f";
    oval(context, 320, 118 + nod, 74, 46);
  });
}

/** A shared screen: a page with a heading, lines and a chart. */
export function slides(): MediaStream {
  return drawn(1280, 800, (context) => {
    context.fillStyle = "#fbfaf6";
    context.fillRect(0, 0, 1280, 800);
    context.fillStyle = "#1b1d22";
    context.font = "600 56px sans-serif";
    context.fillText("Harbour budget 2027", 90, 140);
    context.fillStyle = "#c9ccd3";
    for (const [row, width] of [480, 520, 410, 500, 300].entries())
      context.fillRect(90, 220 + row * 62, width, 22);
    context.fillStyle = "#2350c8";
    for (const [bar, height] of [180, 260, 220, 340, 420].entries())
      context.fillRect(720 + bar * 94, 680 - height, 64, height);
  });
}

function oval(context: CanvasRenderingContext2D, x: number, y: number, width: number, height: number): void {
  context.beginPath();
  context.ellipse(x, y, width, height, 0, 0, 2 * Math.PI);
  context.fill();
}

function drawn(
  width: number,
  height: number,
  draw: (context: CanvasRenderingContext2D, frame: number) => void,
): MediaStream {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d");
  if (context === null) return new MediaStream();
  let frame = 0;
  draw(context, frame);
  setInterval(() => draw(context, frame++), 1000 / RATE);
  return canvas.captureStream(RATE);
}
