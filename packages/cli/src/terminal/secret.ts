import process from "node:process";

import { Stopped } from "../cli.ts";
import { ExitStatus } from "../failures/exit-status.ts";

const ENTER = new Set(["\r", "\n", "\u0004"]);
const BACKSPACE = new Set(["\u007F", "\b"]);
const CTRL_C = "\u0003";

/** Asks at the terminal for a line that is not shown there. */
export const askSecret = async (question: string): Promise<string> => {
  const { stdin, stderr } = process;
  stderr.write(question);
  stdin.setRawMode(true);
  try {
    return await readSecret(stdin);
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write("\n");
  }
};

const readSecret = (stdin: NodeJS.ReadStream): Promise<string> =>
  new Promise((resolve, reject) => {
    const typed: string[] = [];
    const end = (settle: () => void): void => {
      stdin.off("data", take);
      settle();
    };
    const take = (chunk: Buffer): void => {
      for (const character of chunk.toString("utf8")) {
        if (character === CTRL_C) {
          end(() => {
            reject(new Stopped("ended by Ctrl-C", ExitStatus.INTERRUPTED));
          });
          return;
        }
        if (ENTER.has(character)) {
          end(() => {
            resolve(typed.join(""));
          });
          return;
        }
        if (BACKSPACE.has(character)) typed.pop();
        else typed.push(character);
      }
    };
    stdin.on("data", take);
    stdin.resume();
  });
