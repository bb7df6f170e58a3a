import {
  BadRequestResponse,
  MethodNotAllowedResponse,
  NotFoundResponse,
  RequestHandlerBase,
} from "gf-mqtt-client";
import type {
  DeviceHandle,
  MQTTClient,
  RequestPayload,
  RespondOptions,
  SyncDeviceHandle,
  SyncMQTTClient,
} from "gf-mqtt-client";

import type { Stage } from "./stage.ts";

/** What the documents may take for granted around a snippet. */
export interface Fixtures {
  /** The device 2D_XX_0_9999 with the resources `gains`, `captures` and `stuck`, in every subsystem. */
  readonly device: () => Promise<void>;
  /** The same, and a client that is connected. */
  readonly client: () => Promise<{ readonly client: MQTTClient }>;
  /** The same, and the device's handle. */
  readonly axuv: () => Promise<{ readonly client: MQTTClient; readonly axuv: DeviceHandle }>;
}

/** The same around a snippet that blocks. */
export interface BlockingFixtures extends Pick<Fixtures, "device"> {
  /** The device, and a blocking client that is connected. */
  readonly syncClient: () => Promise<{ readonly client: SyncMQTTClient }>;
  /** The same, and the device's handle. */
  readonly syncAxuv: () => Promise<{
    readonly client: SyncMQTTClient;
    readonly axuv: SyncDeviceHandle;
  }>;
}

const NAMES: Readonly<Record<keyof (Fixtures & BlockingFixtures), readonly string[]>> = {
  device: [],
  client: ["client"],
  axuv: ["client", "axuv"],
  syncClient: ["client"],
  syncAxuv: ["client", "axuv"],
};

/** The names that a fixture brings into scope. */
export const fixtureNames = (fixture: string): readonly string[] => {
  const names = Object.entries(NAMES).find(([name]) => name === fixture)?.[1];
  if (names === undefined) throw new Error(`there is no fixture "${fixture}"`);
  return names;
};

const DEVICE = "2D_XX_0_9999";

/** The resources of the stand-in device. */
const createResources = (): ((request: RequestPayload) => RespondOptions) => {
  const resources = new Map<string, unknown>([["gains", [0, 1, 2, 3, 4]]]);
  return ({ header: { method, path }, body }) => {
    if (path === "captures" && method === "POST") {
      const location = `captures/${String(resources.size)}`;
      resources.set(location, body);
      return { code: 201, location };
    }
    if (!resources.has(path)) throw new NotFoundResponse(`there is no ${path}`);
    switch (method) {
      case "GET":
        return { code: 205, body: resources.get(path) };
      case "PUT":
        if (!Array.isArray(body)) throw new BadRequestResponse("gains are an array of numbers");
        resources.set(path, body);
        return { code: 204 };
      case "DELETE":
        resources.delete(path);
        return { code: 202 };
      case "POST":
        throw new MethodNotAllowedResponse(`${path} takes GET, PUT and DELETE`);
    }
  };
};

const startDevice = async (stage: Stage): Promise<void> => {
  const Client = stage.clientClass([]);
  const device = new Client({ broker: "broker.example.com", identifier: DEVICE });
  const carryOut = createResources();
  device.addMessageHandler(
    new RequestHandlerBase({
      process: async (client, topic, request) => {
        if (request.header.path === "stuck") return;
        await client.respond(topic, request, carryOut(request));
      },
    }),
  );
  await device.connect();
};

/** The fixtures on a stage. */
export const fixturesOn = (stage: Stage): Fixtures => {
  const startClient: Fixtures["client"] = async () => {
    await startDevice(stage);
    const Client = stage.clientClass([]);
    const client = new Client({ broker: "broker.example.com", identifier: "2D_XX_0_9998" });
    await client.connect();
    return { client };
  };
  return {
    device: () => startDevice(stage),
    client: startClient,
    axuv: async () => {
      const { client } = await startClient();
      return { client, axuv: client.device(DEVICE, "axuv") };
    },
  };
};
