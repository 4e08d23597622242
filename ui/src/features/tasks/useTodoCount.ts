import { useEffect } from "react";
import { useCommand } from "../../backend";
import type { TodoCount } from "../../wire";

/** How much is to be done, of what whoever looks may see. Some of it comes up only because time goes by. */
export function useTodoCount(): TodoCount | undefined {
  const { data, refetch } = useCommand("tasks.count", {}, { keepPrevious: true });
  useEffect(() => {
    const timer = setInterval(() => void refetch(), 60_000);
    return () => clearInterval(timer);
  }, [refetch]);
  return data;
}
