import type { Configure } from "../command.ts";
import { addExamples } from "../command.ts";

export const configure: Configure = (command, cli) => {
  addExamples(command, [
    ["gf-mqtt demo", "shows what the library does, and ends by itself"],
  ]).action(async () => {
    const { runDemo } = await import("../demo/demo.ts");
    await runDemo(cli.output);
  });
};
