// @ts-check
// Runs the embedded broker, prints its URLs on one line, and ends when its standard input does.
import { startDevBroker } from "gf-mqtt-dev-broker";

const broker = await startDevBroker();
console.log(`${broker.url} ${broker.wsUrl}`);
process.stdin.resume().once("end", () => {
  void broker.close();
});
