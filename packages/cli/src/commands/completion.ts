import { Argument } from "commander";

import type { Configure } from "../command.ts";
import { addExamples } from "../command.ts";

export const configure: Configure = (command) => {
  command.addArgument(
    new Argument("<shell>", "whose script to print").choices(["bash", "zsh", "fish"]),
  );
  addExamples(command, [
    ["gf-mqtt completion bash >> ~/.bashrc", "completes commands, flags, devices and resources"],
    ["gf-mqtt completion zsh > ~/.gf-mqtt.zsh", "for zsh: then source it in ~/.zshrc"],
  ]).action(async (shell: string) => {
    const { script } = await import("@bomb.sh/tab");
    script(shell, "gf-mqtt", "gf-mqtt");
  });
};
