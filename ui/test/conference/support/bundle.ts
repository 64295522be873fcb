import { fileURLToPath } from "node:url";
import { build } from "vite";

/** The test page's script with everything it imports. */
export async function bundlePage(page = new URL("page.ts", import.meta.url)): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      target: "es2022",
      minify: false,
      lib: { entry: fileURLToPath(page), formats: ["es"] },
    },
  });
  const outputs = Array.isArray(result) ? result : [result];
  for (const bundle of outputs) {
    if (!("output" in bundle)) continue;
    return bundle.output[0].code;
  }
  throw new Error("vite built nothing");
}
