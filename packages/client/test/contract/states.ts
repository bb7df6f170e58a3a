import type { ClientState } from "../../src/index.ts";
import { Arrivals } from "./arrivals.ts";
import type { ContractClient } from "./client-under-test.ts";

/** A change of a client's state, as its listeners are told. */
export interface StateChange {
  readonly next: ClientState;
  readonly previous: ClientState;
  readonly cause: Error | undefined;
}

/** The changes of a client's state from now on. */
export class States {
  readonly changes: Arrivals<StateChange>;

  constructor(client: ContractClient) {
    this.changes = new Arrivals(`a change of the state of ${client.identifier}`);
    client.on("state", (next, previous, cause) => {
      this.changes.push({ next, previous, cause });
    });
  }

  /** The states that were entered, in order. */
  get entered(): readonly ClientState[] {
    return this.changes.all.map(({ next }) => next);
  }

  /** Waits until the client enters a state. */
  async reached(state: ClientState): Promise<StateChange> {
    return this.changes.next(({ next }) => next === state);
  }
}
