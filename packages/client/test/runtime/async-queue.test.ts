import { describe, expect, test } from "vitest";
import { AsyncQueue } from "../../src/runtime/async-queue.ts";

const collect = async <Item>(queue: AsyncQueue<Item>): Promise<Item[]> => {
  const items: Item[] = [];
  for await (const item of queue) items.push(item);
  return items;
};

describe("what waits to be taken", () => {
  test("comes in order, and then the end", async () => {
    const queue = new AsyncQueue<number>();
    for (const item of [1, 2, 3]) queue.push(item);
    queue.end();
    queue.push(4);
    expect(await collect(queue)).toEqual([1, 2, 3]);
  });

  test("comes before the error that ends it", async () => {
    const queue = new AsyncQueue<number>();
    queue.push(1);
    queue.end({ error: new Error("over") });
    queue.end();
    const items = queue[Symbol.asyncIterator]();
    expect(await items.next()).toEqual({ done: false, value: 1 });
    await expect(items.next()).rejects.toThrow("over");
  });

  test("has a bound, and makes room as it is taken", async () => {
    const queue = new AsyncQueue<string>(10);
    expect([queue.push("a", 6), queue.push("b", 5), queue.push("c", 4)]).toEqual([
      true,
      false,
      true,
    ]);
    const items = queue[Symbol.asyncIterator]();
    expect(await items.next()).toEqual({ done: false, value: "a" });
    expect([queue.push("d", 7), queue.push("e", 6)]).toEqual([false, true]);
    queue.end();
    expect([await items.next(), await items.next()]).toMatchObject([
      { value: "c" },
      { value: "e" },
    ]);
  });
});
