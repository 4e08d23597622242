import { useSyncExternalStore } from "react";
import type { DonorOwn } from "../../wire";

/** What stands before a donor while the program is locked; gone with the window, and with the password. */
let shown: DonorOwn | null = null;
const listeners = new Set<() => void>();

export function showKiosk(own: DonorOwn | null): void {
  shown = own;
  listeners.forEach((tell) => tell());
}

export function useKiosk(): DonorOwn | null {
  return useSyncExternalStore((tell) => { listeners.add(tell); return () => listeners.delete(tell); }, () => shown);
}
