/** A name for this device that its owner will know again; they may change it. */

const SYSTEMS: readonly (readonly [string, string])[] = [
  ["Android", "Android"],
  ["iPhone", "iPhone"],
  ["iPad", "iPad"],
  ["Windows", "Windows"],
  ["Mac OS X", "Mac"],
  ["CrOS", "Chromebook"],
  ["Linux", "Linux"],
];

export function thisDevice(userAgent: string): string {
  return SYSTEMS.find(([mark]) => userAgent.includes(mark))?.[1] ?? "";
}
