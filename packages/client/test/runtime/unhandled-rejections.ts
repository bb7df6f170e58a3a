import { promisesSettled } from "./manual-clock.ts";

/** The reasons of the rejections that nobody handled while `action` ran: each would end a program. */
export const unhandledDuring = async (
  action: () => Promise<unknown>,
): Promise<readonly unknown[]> => {
  const reasons: unknown[] = [];
  const note = (reason: unknown): void => void reasons.push(reason);
  const usual = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection").on("unhandledRejection", note);
  try {
    await action();
    // They are announced once every promise that can settle has settled.
    await promisesSettled();
    await promisesSettled();
  } finally {
    process.off("unhandledRejection", note);
    for (const listener of usual) process.on("unhandledRejection", listener);
  }
  return reasons;
};
