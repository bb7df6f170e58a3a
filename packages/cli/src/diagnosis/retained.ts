import type { ProbeLink } from "./network/probe-link.ts";
import { isRefused } from "./refusal.ts";

/** The message that the broker keeps on a topic; undefined: none within the time, or it may not be read. */
export const readRetained = async (
  link: ProbeLink,
  topic: string,
  withinMs: number,
): Promise<string | undefined> => {
  const arriving = link.arrival((each) => each.topic === topic && each.isRetained, withinMs);
  const code = await link.subscribe(topic, 1);
  if (isRefused(code)) return undefined;
  const arrival = await arriving;
  await link.unsubscribe(topic);
  return arrival?.payload;
};
