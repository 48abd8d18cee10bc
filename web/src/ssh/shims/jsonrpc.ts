/** The two small parts of vscode-jsonrpc that dev-tunnels-ssh uses; the rest of it opens pipes and sockets of Node. */

export { CancellationToken, CancellationTokenSource } from "vscode-jsonrpc/lib/cancellation";
export { Emitter, Event } from "vscode-jsonrpc/lib/events";
