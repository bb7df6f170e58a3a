// @ts-check
import { Socket } from "node:net";

/** Methods by which Node's streams hand bytes to the system. */
const WRITES = ["_write", "_writev"];

/** @typedef {(this: Socket, ...values: unknown[]) => unknown} Method */

/** @param {string} name @param {(method: Method) => Method} around */
const replace = (name, around) => {
  const method = /** @type {Method} */ (Reflect.get(Socket.prototype, name));
  Reflect.set(Socket.prototype, name, around(method));
};

/**
 * Calls back when bytes were handed to the system, and before those that came are handed to anybody.
 * @param {{ onWritten: () => void, onArrived: () => void }} taps
 */
export const tapSockets = ({ onWritten, onArrived }) => {
  for (const name of WRITES) {
    replace(
      name,
      (write) =>
        function (...values) {
          const result = write.apply(this, values);
          onWritten();
          return result;
        },
    );
  }
  replace(
    "push",
    (push) =>
      function (...values) {
        onArrived();
        return push.apply(this, values);
      },
  );
};
