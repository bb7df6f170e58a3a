import type { ProbeLink } from "./network/probe-link.ts";

const FIRST_REFUSAL = 0x80;

/** The message that the broker keeps on a topic; undefined: none within the time, or it may not be read. */
export const readRetained = async (
  link: ProbeLink,
  topic: string,
  withinMs: number,
): Promise<string | undefined> => {
  const arriving = link.arrival((each) => each.topic === topic && each.isRetained, withinMs);
  const code = await link.subscribe(topic, 1);
  if (code >= FIRST_REFUSAL) return undefined;
  const arrival = await arriving;
  await link.unsubscribe(topic);
  return arrival?.payload;
};
