#!/usr/bin/env node
import { Command } from "commander";

const program = new Command("gf-mqtt")
  .description("Requests and responses over MQTT, from the command line.")
  .showHelpAfterError();

program
  .command("demo")
  .description("a broker, a simulated instrument and those who ask it, in this terminal")
  .action(async () => {
    const [{ runDemo }, { standardOutput }] = await Promise.all([
      import("./demo/demo.ts"),
      import("./terminal/output.ts"),
    ]);
    await runDemo(standardOutput);
  });

await program.parseAsync();
