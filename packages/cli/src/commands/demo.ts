import type { Configure } from "../command.ts";
import { addExamples } from "../command.ts";
import type { DemoFlags } from "../demo/demo.ts";

export const configure: Configure = (command, cli) => {
  command.option("--stay", "go on serving afterwards, until Ctrl-C");
  addExamples(command, [
    ["gf-mqtt demo", "shows what the library does, and ends by itself"],
    ["gf-mqtt demo --stay", "leaves broker and instrument running to play with"],
  ]).action(async (flags: DemoFlags) => {
    const { runDemo } = await import("../demo/demo.ts");
    await runDemo(cli, flags);
  });
};
