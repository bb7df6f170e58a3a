#!/usr/bin/env node
import process from "node:process";

import { processCli } from "./process-cli.ts";
import { runProgram } from "./program.ts";

// What was typed may hold a password; this takes it out of the list of processes.
process.title = "gf-mqtt";
process.exitCode = await runProgram(process.argv.slice(2), processCli());
