/** What dev-tunnels-ssh asks Node for and never uses in a browser: touching it would be a mistake. */

function absent(): never {
  throw new Error("not there in a browser");
}

export const Duplex = class {};
export const createDiffieHellmanGroup = absent;
export class NodeDiffieHellman {}
export default { Duplex, createDiffieHellmanGroup };
