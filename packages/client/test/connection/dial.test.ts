import { describe, expect, test, vi } from "vitest";
import type { Credentials } from "../../src/connection/dial.ts";
import { ConnectionFailedError } from "../../src/errors/connection-failed-error.ts";
import { OptionError } from "../../src/errors/input-errors.ts";
import { promisesSettled } from "../runtime/manual-clock.ts";
import { unhandledDuring } from "../runtime/unhandled-rejections.ts";
import type { Scene } from "./connection-scene.ts";
import {
  BROKER,
  TOO_LATE,
  connectionScene,
  onlineScene,
  outcomeOf,
  within,
} from "./connection-scene.ts";
import { accept, leaveOpen, noAnswer, refuse } from "./scripted-transport.ts";

const credentials = (password: Credentials["password"], username = "user") => ({
  credentials: () => ({ username, password }),
});

describe("a dial", () => {
  test("goes where the plan says", async () => {
    const { transport } = await onlineScene();
    expect(transport.dialAt(1).request).toMatchObject({
      url: `${BROKER}?token=secret`,
      broker: BROKER,
      clientId: "device",
      protocolLevel: "auto",
      keepAliveMs: 60_000,
    });
  });

  test("names no credentials where there are none", async () => {
    const { transport } = await onlineScene();
    expect(transport.dialAt(1).request).not.toHaveProperty("username");
    expect(transport.dialAt(1).request).not.toHaveProperty("password");
  });

  test("names the credentials", async () => {
    const { transport } = await onlineScene(credentials("secret"));
    expect(transport.dialAt(1).request).toMatchObject({ username: "user", password: "secret" });
  });

  test("may have an empty password", async () => {
    const { transport } = await onlineScene(credentials(""));
    expect(transport.dialAt(1).request.password).toBe("");
  });

  test("fails with the transport's error as the cause", async () => {
    const cause = new Error("getaddrinfo ENOTFOUND");
    const scene = connectionScene({ dials: [(dial) => dial.refuse(cause)] });
    const connect = outcomeOf(scene.connection.connect(within(scene)));
    await promisesSettled();
    expect(connect.error).toBeInstanceOf(ConnectionFailedError);
    expect(connect.error).toMatchObject({ broker: BROKER, cause });
  });

  test("passes on the refusal that the transport made out itself", async () => {
    const refusal = new ConnectionFailedError(BROKER, { reasonCode: 134 });
    const scene = connectionScene({ dials: [(dial) => dial.refuse(refusal)] });
    await expect(scene.connection.connect(within(scene))).rejects.toBe(refusal);
  });
});

describe("a password function", () => {
  test("is asked at every dial, with the present user name", async () => {
    let token = 0;
    const current = vi.fn(() => ({
      username: `user${String(token)}`,
      password: () => `token${String((token += 1))}`,
    }));
    const scene = await onlineScene({ credentials: current });
    scene.transport.link.lose();
    await scene.clock.advance(125);
    expect(
      scene.transport.dials.map(({ request }) => [request.username, request.password]),
    ).toEqual([
      ["user0", "token1"],
      ["user1", "token2"],
    ]);
  });

  test("may take its time", async () => {
    const answer: { give?: (password: string) => void } = {};
    const scene = connectionScene(
      credentials(
        () =>
          new Promise<string>((resolve) => {
            answer.give = resolve;
          }),
      ),
    );
    const connect = outcomeOf(scene.connection.connect(within(scene)));
    await scene.clock.advance(1_000);
    expect(scene.transport.dials).toHaveLength(0);
    answer.give?.("late but fine");
    await promisesSettled();
    expect(connect).toEqual({ value: undefined });
    expect(scene.transport.dialAt(1).request.password).toBe("late but fine");
  });

  test("that never answers ends at the deadline, without a dial", async () => {
    const scene = connectionScene(credentials(noAnswer));
    const connect = outcomeOf(scene.connection.connect(within(scene, { ms: 300 })));
    await scene.clock.advance(300);
    expect(connect.error).toBe(TOO_LATE);
    expect(scene.transport.dials).toHaveLength(0);
    expect(scene.clock.timerCount).toBe(0);
  });

  test("takes its time from that of the dial", async () => {
    const answer: { give?: (password: string) => void } = {};
    const slow = (): Promise<string> =>
      new Promise((resolve) => {
        answer.give = resolve;
      });
    const passwords = ["first", slow];
    const scene = await onlineScene({
      credentials: () => ({ username: "user", password: passwords.shift() }),
      dialTimeoutMs: 300,
    });
    scene.transport.link.lose();
    await scene.clock.advance(125 + 100);
    answer.give?.("second");
    await promisesSettled();
    expect(scene.transport.dialAt(2).request).toMatchObject({ password: "second", timeoutMs: 200 });
  });

  test("that never answers does not stop the reconnecting", async () => {
    const passwords = [() => "first", noAnswer, () => "third"];
    const scene = await onlineScene({
      credentials: () => ({ username: "user", password: passwords.shift() }),
      dialTimeoutMs: 300,
    });
    scene.transport.link.lose();
    await scene.clock.advance(125 + 300 + 250);
    expect(scene.connection.state.kind).toBe("online");
    expect(scene.transport.dialAt(2).request.password).toBe("third");
  });

  test.each([
    [
      "throws",
      () => {
        throw new Error("the vault is sealed");
      },
    ],
    ["rejects", () => Promise.reject(new Error("the vault is sealed"))],
  ])("that %s fails the dial, with its error as the cause", async (_how, password) => {
    const scene = connectionScene(credentials(password));
    const connect = outcomeOf(scene.connection.connect(within(scene)));
    await promisesSettled();
    expect(connect.error).toBeInstanceOf(ConnectionFailedError);
    expect(connect.error).toMatchObject({ cause: { message: "the vault is sealed" } });
    expect(scene.transport.dials).toHaveLength(0);
  });

  test("that gives no text fails the dial, and what it gave is not shown", async () => {
    const scene = connectionScene(
      // What a caller without types may do.
      credentials((() => ({ secret: "hunter2" })) as unknown as () => string),
    );
    const connect = outcomeOf(scene.connection.connect(within(scene)));
    await promisesSettled();
    expect(connect.error).toMatchObject({ cause: { name: "OptionError", option: "password" } });
    expect(String(connect.error)).not.toContain("hunter2");
    expect(JSON.stringify((connect.error as Error).cause)).not.toContain("hunter2");
    expect((connect.error as Error).cause).toBeInstanceOf(OptionError);
  });

  test("that fails after the client has closed is no unhandled rejection", async () => {
    const answer: { fail?: (error: Error) => void } = {};
    const scene = connectionScene(
      credentials(
        () =>
          new Promise<string>((_resolve, reject) => {
            answer.fail = reject;
          }),
      ),
    );
    const reasons = await unhandledDuring(async () => {
      const connect = outcomeOf(scene.connection.connect(within(scene)));
      await promisesSettled();
      await scene.connection.close();
      answer.fail?.(new Error("too late"));
      await promisesSettled();
      expect(connect.error).toMatchObject({ name: "ClientClosedError" });
    });
    expect(reasons).toEqual([]);
  });
});

describe("a link that comes after the dial was given up", () => {
  test("is closed, and one that fails then is no unhandled rejection", async () => {
    const scene = connectionScene({ dials: [leaveOpen, leaveOpen] });
    const reasons = await unhandledDuring(async () => {
      for (const number of [1, 2]) {
        const connect = outcomeOf(scene.connection.connect(within(scene, { ms: 50 })));
        await scene.clock.advance(50);
        expect(connect.error).toBe(TOO_LATE);
        if (number === 1) expect(scene.transport.dialAt(1).accept().isOpen).toBe(true);
        else scene.transport.dialAt(2).refuse(new Error("connection refused"));
        await promisesSettled();
      }
    });
    expect(scene.transport.log).toEqual(["1 dial", "1 close", "2 dial"]);
    expect(reasons).toEqual([]);
  });

  test("does not bring its messages or its loss to the next one", async () => {
    const scene = connectionScene({ dials: [leaveOpen, accept] });
    const first = outcomeOf(scene.connection.connect(within(scene, { ms: 50 })));
    await scene.clock.advance(50);
    expect(first.error).toBe(TOO_LATE);
    await scene.connection.connect(within(scene));
    scene.transport.dialAt(1).request.onLost(new Error("an old link"));
    await promisesSettled();
    expect(scene.connection.state.kind).toBe("online");
  });
});

describe("a connect() that is cut short", () => {
  /** What its error is told of the reason. */
  const reasonOf = async (
    scene: Scene,
    connecting: (scene: Scene) => Promise<unknown> = () => Promise.resolve(),
  ): Promise<Error | undefined> => {
    await connecting(scene);
    const told: (Error | undefined)[] = [];
    const deadline = {
      ...within(scene, { ms: 1_000 }),
      timeoutError: (why?: Error) => {
        told.push(why);
        return TOO_LATE;
      },
    };
    const connect = outcomeOf(scene.connection.connect(deadline));
    await scene.clock.advance(1_000);
    expect(connect.error).toBe(TOO_LATE);
    expect(told).toHaveLength(1);
    return told[0];
  };

  test("by a password function that gives nothing says so", async () => {
    const scene = connectionScene(credentials(noAnswer));
    expect(await reasonOf(scene)).toEqual(new Error("the password function gave nothing"));
  });

  test("while a broker does not answer has nothing to say", async () => {
    expect(await reasonOf(connectionScene({ dials: [leaveOpen] }))).toBeUndefined();
  });

  test("by subscriptions that are not answered says so", async () => {
    const scene = connectionScene({
      dials: [(dial) => Object.assign(dial.accept(), { onSubscribe: noAnswer })],
    });
    scene.connection.subscriptions.hold({ filter: "a", qos: 0 });
    expect(await reasonOf(scene)).toEqual(new Error("no answer to the subscriptions"));
  });

  test("while every dial is refused names the refusal", async () => {
    const scene = connectionScene({ dials: [accept, refuse] });
    const reason = await reasonOf(scene, async ({ connection, transport }) => {
      await connection.connect(within(scene));
      transport.link.lose();
    });
    expect(reason).toBeInstanceOf(ConnectionFailedError);
    expect(reason?.message).toContain("connection refused");
  });
});

test("a dial that replaces a lost link says what it has waited for", async () => {
  const passwords = [() => "first", noAnswer];
  const scene = await onlineScene({
    credentials: () => ({ username: "user", password: passwords.shift() ?? noAnswer }),
    dialTimeoutMs: 300,
  });
  scene.transport.link.lose();
  await scene.clock.advance(125 + 300);
  expect(scene.connection.state).toMatchObject({
    kind: "reconnecting",
    cause: { cause: { message: "the password function gave nothing within 300 ms" } },
  });
});
