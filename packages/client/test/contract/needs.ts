import { test } from "vitest";
import type { Stage } from "./stage.ts";

/** Declares a case. */
export type Declare = (title: string, play: () => Promise<void>) => void;

const unless =
  (reason: string | undefined): Declare =>
  (title, play) => {
    const note = reason === undefined ? "" : ` (skipped: ${reason})`;
    // oxlint-disable-next-line vitest/expect-expect -- the case itself asserts
    test.skipIf(reason !== undefined)(`${title}${note}`, play);
  };

/** For cases in which one client has several calls under way. */
export const testConcurrency = ({ clients }: Stage): Declare =>
  unless(clients.makesConcurrentCalls ? undefined : "a blocking client makes one call at a time");

/** For cases in which a client is given a promise. */
export const testPromises = ({ clients }: Stage): Declare =>
  unless(clients.awaitsPromises ? undefined : "a blocking client cannot wait for promises");

/** For cases in which something has to happen after a time while a client waits. */
export const testTimers = ({ clients }: Stage): Declare =>
  unless(clients.servesWhileOthersCall ? undefined : "no timer runs while a blocking client waits");

/** For cases in which several clients talk to each other. */
export const testSeveralClients = ({ clients }: Stage): Declare =>
  unless(
    clients.servesWhileOthersCall
      ? undefined
      : "a blocking client serves while it calls, not while another one does",
  );

/** For cases in which the broker refuses topic filters. */
export const testRefusedFilters = ({ brokers }: Stage): Declare =>
  unless(brokers.cannotRefuseFilters);

/** The same with a client that is given a maker of ids. */
export const testRefusedIds = ({ clients, brokers }: Stage): Declare =>
  unless(
    clients.takesMakersOfIds
      ? brokers.cannotRefuseFilters
      : "a blocking client takes no functions that its worker would have to call",
  );

/** For cases about what only MQTT 5 carries. */
export const testProperties = ({ brokers }: Stage): Declare =>
  unless(
    brokers.isNetworked && brokers.protocol === "5"
      ? undefined
      : "only MQTT 5 over a network has properties",
  );

/** For cases about addresses and sockets. */
export const testNetwork = ({ brokers }: Stage): Declare =>
  unless(brokers.isNetworked ? undefined : "there is no network");
